"""The wire contract as a page: the lists of `docs/protocol.md`.

Counterparts: `server/generate_source.py`, which reads the contract, and `docs/protocol.in.md`, the
prose around the lists.
"""

from collections.abc import Iterable
from enum import StrEnum
from inspect import getdoc
from typing import Final

from msgspec import NODEFAULT, UNSET
from msgspec import inspect as wire

from server import protocol as p
from server.errors import Code
from server.generate_source import Field, Struct, codes, enums, limit_docs, limits, structs, unions

_COMMON: Final = (
    Code.MALFORMED,
    Code.UNKNOWN_COMMAND,
    Code.TOO_LARGE,
    Code.TOO_MANY,
    Code.BUSY,
    Code.NOT_ALLOWED,
    Code.NOT_FOUND,
    Code.REMOVED,
    Code.STORE_DOWN,
    Code.STORE_FULL,
    Code.INTERNAL,
)
"""What any command may be refused with."""

_WRITING: Final = (Code.CLOSED, Code.NAME_NEEDED)
REFUSED_WITH: Final[dict[type[p.Wire], tuple[Code, ...]]] = {
    p.AcceptInvitation: (*_WRITING, Code.ALREADY),
    p.DeclineInvitation: (*_WRITING, Code.ALREADY),
    p.OpenInterview: (*_WRITING, Code.NOT_OPEN),
    p.EndInterview: _WRITING,
    p.GiveName: (Code.EMPTY, Code.ALREADY),
    p.TellZone: (),
    p.InvitePerson: (*_WRITING, Code.ALREADY, Code.SEATS_FULL),
    p.RemovePerson: _WRITING,
    p.PostMessage: (*_WRITING, Code.EMPTY),
    p.EditMessage: (*_WRITING, Code.EMPTY, Code.ALREADY),
    p.DeleteMessage: (*_WRITING, Code.ALREADY),
    p.FlagMessage: (Code.ALREADY,),
    p.ProposeFormat: (*_WRITING, Code.ALREADY),
    p.AcceptFormat: (*_WRITING, Code.ALREADY),
    p.DeclineFormat: _WRITING,
    p.RingCall: (
        *_WRITING,
        Code.NOT_OPEN,
        Code.FORMAT_NOT_AGREED,
        Code.NOT_ADMITTED,
        Code.CALL_BUSY,
    ),
    p.AcceptCall: (*_WRITING, Code.NO_CALL, Code.NOT_ADMITTED),
    p.DeclineCall: (*_WRITING, Code.NO_CALL),
    p.LeaveCall: (),
    p.EndCall: _WRITING,
    p.MutePerson: (*_WRITING, Code.NO_CALL),
    p.KnockCall: (*_WRITING, Code.NOT_OPEN, Code.FORMAT_NOT_AGREED),
    p.AdmitPerson: (*_WRITING, Code.NOT_OPEN, Code.FORMAT_NOT_AGREED),
    p.HoldPerson: _WRITING,
    p.RefusePerson: _WRITING,
    p.SetMedia: (*_WRITING, Code.NO_CALL, Code.FORMAT_NOT_AGREED),
    p.ClaimCase: (Code.CASE_TAKEN, Code.ALREADY),
    p.ReleaseCase: (Code.NOT_CLAIMED, Code.ALREADY),
    p.NoteCase: (Code.NOT_CLAIMED, Code.ALREADY, Code.EMPTY),
    p.DecideCase: (Code.NOT_CLAIMED, Code.ALREADY),
    p.Intervene: (Code.NOT_CLAIMED, Code.ALREADY, Code.NO_CALL),
    p.OfferCall: (Code.NO_CALL, Code.NOT_ADMITTED, Code.INVALID_SDP, Code.CALLS_FULL),
    p.TellHearing: (Code.NO_CALL,),
    p.AskServers: (Code.NO_CALL, Code.NOT_ADMITTED),
    p.MakeLink: (Code.ALREADY,),
    p.LookAtCase: (Code.NOT_CLAIMED,),
}
"""What a command or question may be refused with beside `_COMMON`."""

_FINAL: Final = (Code.REMOVED, Code.LINK_INVALID, Code.NOT_SIGNED_IN, Code.NOT_FOUND, Code.CLOSED)


def protocol_document(prose: str) -> str:
    """The whole page: `prose` with each of its places filled."""
    known = {struct.kind: struct for struct in structs()}
    questions = [known[kind] for kind in p.SIGNALS]
    events = [known[kind] for kind in unions()["RecordEvent"]]
    told = [known[kind] for kind in p.TOLD]
    placed = {*p.COMMANDS, *p.SIGNALS, *unions()["RecordEvent"], *p.TOLD, p.Done, p.Refused}
    return prose.format(
        version=p.VERSION,
        final=_listed(_FINAL),
        common=_listed(_COMMON),
        commands=_sections(known[kind] for kind in p.COMMANDS),
        acknowledgements=_sections([known[p.Done], known[p.Refused]]),
        signals=_sections(questions),
        events=_sections(events),
        told=_sections(told),
        shapes=_sections(struct for kind, struct in known.items() if kind not in placed),
        enums="\n\n".join(_enum(kind) for kind in enums()),
        codes=_codes(),
        limits=_limits(),
    )


def _sections(listed: Iterable[Struct]) -> str:
    return "\n\n".join(_section(struct) for struct in listed)


def _section(struct: Struct) -> str:
    parts = [_heading(struct), struct.doc]
    if struct.fields:
        parts.append(_table(struct.fields))
    if struct.kind in p.ANSWERS:
        parts.append(f"Answer: `{p.ANSWERS[struct.kind].__name__}`.")
    refused = REFUSED_WITH.get(struct.kind, ())
    if refused:
        parts.append(f"Refused with {_listed(refused)}.")
    return "\n\n".join(part for part in parts if part)


def _heading(struct: Struct) -> str:
    config = struct.kind.__struct_config__
    if config.tag is None or struct.kind is p.Message or struct.kind is p.Notice:
        return f"### {struct.name}"
    return f"### `{config.tag}` ({struct.name})"


def _table(fields: tuple[Field, ...]) -> str:
    rows = [f"| `{f.name}` | {_spelled(f.type)} | {_about(f)} |" for f in fields]
    return "\n".join(["| Field | Type | |", "|---|---|---|", *rows])


def _about(field: Field) -> str:
    words = [" ".join(field.doc.split())] if field.doc else []
    if field.optional:
        words.append(f"May be left out ({_default(field.default)}).")
    return " ".join(words)


def _default(value: object) -> str:
    if value in (UNSET, NODEFAULT):
        return "no default"
    spelled = {"": "then empty", None: "then null"}
    return spelled.get(value, f"then {value}") if isinstance(value, str | None) else f"then {value}"


def _spelled(kind: wire.Type) -> str:
    match kind:
        case wire.StrType(max_length=longest, pattern=pattern):
            return _text(longest, pattern)
        case wire.IntType(ge=least, le=most):
            return "integer" if least is None else f"integer, {least} to {_most(most)}"
        case wire.BoolType():
            return "boolean"
        case wire.NoneType():
            return "null"
        case wire.EnumType(cls=cls) | wire.StructType(cls=cls):
            return f"`{cls.__name__}`"
        case wire.Metadata(type=inner):
            return _spelled(inner)
        case _:
            return _compound(kind)


def _compound(kind: wire.Type) -> str:
    match kind:
        case wire.UnionType(types=types) if len(types) > 4:
            return "an event (section 8)"
        case wire.UnionType(types=types):
            return " or ".join(_spelled(one) for one in types)
        case wire.VarTupleType(item_type=item):
            return f"array of {_spelled(item)}"
        case wire.DictType(key_type=key, value_type=value):
            return f"object: {_spelled(key)} -> {_spelled(value)}"
        case _:
            raise TypeError(f"the wire contract uses a type that the page cannot name: {kind}")


def _text(longest: int | None, pattern: str | None) -> str:
    if pattern is not None:
        return f"text like `{pattern}`".replace("|", "\\|")
    return "text" if longest is None else f"text, at most {longest}"


def _most(most: int | None) -> str:
    return "2^53 - 1" if most == 2**53 - 1 else str(most)


def _enum(kind: type[StrEnum]) -> str:
    return f"**{kind.__name__}**: {_listed(kind)}. {getdoc(kind)}"


def _listed(values: Iterable[StrEnum]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _codes() -> str:
    rows = [f"| `{code}` | {comment} |" for code, comment in codes().items()]
    return "\n".join(["| Code | |", "|---|---|", *rows])


def _limits() -> str:
    docs = limit_docs()
    rows = [f"| `{name}` | {value} | {docs.get(name, '')} |" for name, value in limits().items()]
    return "\n".join(["| Name | Value | |", "|---|---|---|", *rows])
