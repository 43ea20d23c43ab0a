"""One well-formed argument for each command and signal, and the ways to spoil it.

Which names there are comes from `server/protocol.py`: a new one without an example fails the tests.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from server import protocol as p
from server.errors import Code

Json = dict[str, Any]

ABSENT = "aaaaaaaaaaaaaaaa"
"""The well-formed name of an interview that does not exist."""

EXAMPLES: dict[type[p.Wire], Json] = {
    p.AcceptInvitation: {},
    p.DeclineInvitation: {"reason": "No time"},
    p.OpenInterview: {},
    p.EndInterview: {"reason": "All said"},
    p.GiveName: {"name": "Eve"},
    p.TellZone: {"zone": "Europe/Lisbon"},
    p.InvitePerson: {"role": "client", "name": "Bo"},
    p.RemovePerson: {"seat": "client-2", "reason": "Left the company"},
    p.PostMessage: {"text": "Hello", "replyTo": 1, "side": False},
    p.EditMessage: {"message": 1, "text": "Hello again", "side": False},
    p.DeleteMessage: {"message": 1, "side": False},
    p.FlagMessage: {"message": 1, "reason": "scam", "note": "See", "before": 1, "after": 1},
    p.ProposeFormat: {"format": "audio"},
    p.AcceptFormat: {},
    p.DeclineFormat: {},
    p.RingCall: {"media": "audio"},
    p.AcceptCall: {},
    p.DeclineCall: {"reason": "Later"},
    p.LeaveCall: {},
    p.EndCall: {},
    p.MutePerson: {"seat": "freelancer", "kind": "microphone"},
    p.KnockCall: {},
    p.AdmitPerson: {"seat": "freelancer"},
    p.HoldPerson: {"seat": "freelancer", "text": "One moment"},
    p.RefusePerson: {"seat": "freelancer", "text": "Not today"},
    p.SetMedia: {
        "microphone": True,
        "camera": False,
        "screen": "off",
        "pause": {"held": "picture", "why": "own"},
    },
    p.ClaimCase: {"interview": ABSENT, "case": 1},
    p.ReleaseCase: {"interview": ABSENT, "case": 1},
    p.NoteCase: {"interview": ABSENT, "case": 1, "text": "Clear"},
    p.DecideCase: {"interview": ABSENT, "case": 1, "action": "warn", "explanation": "Rule 3"},
    p.Intervene: {"interview": ABSENT, "case": 1, "measure": "mute"},
    p.SetTyping: {"typing": True, "side": False},
    p.SetMark: {"delivered": 1, "read": 1},
    p.StayActive: {},
    p.SyncRecord: {"cursor": {"shared": 0}},
    p.OfferCall: {"generation": 1, "sdp": "v=0\r\n"},
    p.TellHearing: {"seat": "freelancer", "sound": "playing", "height": 360, "lost": 2},
    p.AskServers: {},
    p.MakeLink: {"seat": "client-2"},
    p.LookAtCase: {"interview": ABSENT, "case": 1},
}
KINDS: tuple[type[p.Wire], ...] = (*p.COMMANDS, *p.SIGNALS)

_LONGEST: dict[tuple[type[p.Wire], str], int] = {
    (p.Wire, "text"): p.TEXT_MAX,
    (p.Wire, "reason"): p.NOTE_MAX,
    (p.Wire, "note"): p.NOTE_MAX,
    (p.Wire, "explanation"): p.NOTE_MAX,
    (p.Wire, "name"): p.NAME_MAX,
    (p.Wire, "sdp"): p.SDP_MAX,
    (p.NoteCase, "text"): p.NOTE_MAX,
    (p.HoldPerson, "text"): p.NOTE_MAX,
    (p.RefusePerson, "text"): p.NOTE_MAX,
    (p.FlagMessage, "reason"): 0,  # an enumeration
}
"""Characters of a field in all messages (`Wire`), and where one has another bound."""

_CHOICES = frozenset(
    {"format", "media", "reason", "action", "sound", "screen", "role", "kind", "measure"}
)


def example(kind: type[p.Wire], command_id: str) -> Json:
    """A well-formed argument; commands get this id."""
    fields = EXAMPLES[kind]
    return {"id": command_id, **fields} if issubclass(kind, p.Command) else dict(fields)


def spoiled(kind: type[p.Wire]) -> Iterator[tuple[str, Any, Code]]:
    """Each way to spoil the example: what was done, the argument, the code that must come."""
    good = example(kind, "a-fine-id")
    yield "an unknown field", {**good, "surprise": 1}, Code.MALFORMED
    yield "another type's tag", {**good, "type": "nothing:known"}, Code.MALFORMED
    for argument in (None, 7, "text", [], [good], True):
        yield f"{argument!r} for an object", argument, Code.MALFORMED
    for field in _required(kind):
        without = {name: value for name, value in good.items() if name != field}
        yield f"no {field}", without, Code.MALFORMED
    for field in good:
        for wrong in ("[1]", '{"a": []}'):
            yield f"{wrong} as {field}", {**good, field: json.loads(wrong)}, Code.MALFORMED
    if issubclass(kind, p.Command):
        for bad in ("", "short", 12345678, None):
            yield f"{bad!r} as id", {**good, "id": bad}, Code.MALFORMED
        yield "a long id", {**good, "id": "x" * 65}, Code.TOO_LARGE
    yield from _too_much(kind, good)


def _too_much(kind: type[p.Wire], good: Json) -> Iterator[tuple[str, Any, Code]]:
    for field, value in good.items():
        longest = _LONGEST.get((kind, field), _LONGEST.get((p.Wire, field)))
        if longest:
            yield f"a long {field}", {**good, field: "x" * (longest + 1)}, Code.TOO_LARGE
        elif type(value) is int:
            for number in (-1, 2**53, 1.5, "1"):
                yield f"{number!r} as {field}", {**good, field: number}, Code.MALFORMED
        elif type(value) is bool:
            yield f"'yes' as {field}", {**good, field: "yes"}, Code.MALFORMED
        elif field in _CHOICES:
            yield f"an unknown {field}", {**good, field: "dance"}, Code.MALFORMED


def _required(kind: type[p.Wire]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind) if field.required]
