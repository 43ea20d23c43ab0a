"""Refusals: the one exception that rules raise, and the codes that people and programs read.

Counterparts: `server/gateway.py` and `server/rest.py`, where it becomes an answer (to CONNECT in
`server/transport/engine.py`). Codes are forever; sentences may change.
"""

from enum import StrEnum
from typing import Final

import msgspec

UNDECODABLE: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What hostile bytes make a decoder raise: bad JSON or UTF-8, a wrong shape, endless nesting."""


class Code(StrEnum):
    """Why something was refused. The value is what travels on the wire."""

    MALFORMED = "malformed"  # not decodable, a missing or unknown field, a wrong type
    UNKNOWN_COMMAND = "unknown_command"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"  # a rate limit; carries `retryAfterMs`
    BUSY = "busy"  # a bounded queue of ours is full; carries `retryAfterMs`
    NOT_SIGNED_IN = "not_signed_in"
    LINK_INVALID = "link_invalid"  # expired, revoked, forged, of another place: never told apart
    LINK_USED = "link_used"
    FOREIGN_ORIGIN = "foreign_origin"
    NOT_FOUND = "not_found"  # absent, or not yours: indistinguishable
    NOT_ALLOWED = "not_allowed"
    CLOSED = "closed"  # the interview is over: reading only
    NOT_OPEN = "not_open"
    NAME_NEEDED = "name_needed"
    EMPTY = "empty"
    ALREADY = "already"  # the thing asked for is already so, or was decided otherwise
    FORMAT_NOT_AGREED = "format_not_agreed"
    NO_CALL = "no_call"
    NOT_ADMITTED = "not_admitted"  # one has to knock, and was not let in (yet)
    SEATS_FULL = "seats_full"
    CALL_BUSY = "call_busy"
    INVALID_SDP = "invalid_sdp"
    CALLS_FULL = "calls_full"
    REMOVED = "removed"
    CASE_TAKEN = "case_taken"
    NOT_CLAIMED = "not_claimed"
    RESTARTING = "restarting"  # only in `bye`: come back, to this server or another
    STORE_DOWN = "store_down"  # not saved yet; the same command id may be sent again
    STORE_FULL = "store_full"
    INTERNAL = "internal"


class Refusal(Exception):
    """A command that is not carried out, with a stable code and a sentence for the person.

    `data` holds what a program needs beside the code, such as `retryAfterMs`.
    """

    def __init__(self, code: Code, message: str, **data: int | str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
