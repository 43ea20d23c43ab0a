"""The hash chain of a lane, and the sealing of texts.

`hash_n = SHA-256(hash_(n-1) || the exact bytes of event n)`, from 32 zero bytes. Whoever folds a
lane computes it; nothing else is needed to check it.
"""

import os
from hashlib import sha256
from typing import Final

START: Final = bytes(32)
SALT_BYTES: Final = 16
_BLOCK: Final = 64 * SALT_BYTES


def next_hash(previous: bytes, data: bytes) -> bytes:
    """The head of a lane after the event whose stored bytes are `data`."""
    return sha256(previous + data).digest()


def digest(body: bytes) -> str:
    """What an event says of its text: SHA-256 over salt and UTF-8 text, in hex."""
    return sha256(body).hexdigest()


def salt(body: bytes) -> bytes:
    """The salt of a stored body."""
    return body[:SALT_BYTES]


def unsalted(body: bytes) -> str:
    """The text of a stored body, which is 16 bytes of salt followed by UTF-8."""
    return body[SALT_BYTES:].decode()


class Salts:
    """Random salts, each given out once; fetched by the block, for a system call each is dear."""

    __slots__ = ("_at", "_block")

    def __init__(self) -> None:
        self._block = b""
        self._at = 0

    def seal(self, text: str) -> tuple[bytes, str]:
        """Return a text with the next salt before it, and what its event says of it."""
        at = self._at
        if at == len(self._block):
            self._block, at = os.urandom(_BLOCK), 0
        self._at = at + SALT_BYTES
        body = self._block[at : self._at] + text.encode()
        return body, digest(body)
