"""The wire contract as TypeScript: what `web/src/protocol.gen.ts` holds.

Counterpart: `server/generate_source.py`, which reads the contract.
"""

import textwrap
from inspect import getdoc

from msgspec import inspect as wire

from server.generate_source import Field, Struct, codes, enums, limit_docs, limits, structs, unions
from server.protocol import ANSWERS, COMMANDS, SIGNALS, TOLD, Done, Refused, wire_name

_HEAD = """\
// Written by `python -m server.generate` from server/protocol.py. Do not edit.
"""


def protocol_types() -> str:
    """The whole file."""
    parts = [_HEAD, _limits(), _codes()]
    parts += [_enum(kind.__name__, getdoc(kind) or "", [m.value for m in kind]) for kind in enums()]
    parts += [_union(name, [kind.__name__ for kind in kinds]) for name, kinds in unions().items()]
    parts += [_struct(struct) for struct in structs()]
    parts += [_commands(), _questions(), _signals(), _client_to_server(), _server_to_client()]
    return "\n".join(parts)


def _comment(text: str, indent: str = "") -> str:
    if not text:
        return ""
    lines = [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(paragraph, 96 - len(indent)) or [""]
    ]
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _limits() -> str:
    docs = limit_docs()
    return "".join(
        f"{_comment(docs.get(name, ''))}export const {name} = {value};\n"
        for name, value in limits().items()
    )


def _codes() -> str:
    doc = "Why something was refused (server/errors.py)."
    return _enum("Code", doc, list(codes()))


def _enum(name: str, doc: str, values: list[str]) -> str:
    return _comment(doc) + _union(name, [f'"{value}"' for value in values])


def _union(name: str, members: list[str]) -> str:
    line = f"export type {name} = {' | '.join(members)};\n"
    if len(line) <= 100:
        return line
    return f"export type {name} =\n" + "\n".join(f"  | {member}" for member in members) + ";\n"


def _struct(struct: Struct) -> str:
    tag = "" if struct.tag is None else f'  readonly {struct.tag[0]}: "{struct.tag[1]}";\n'
    fields = "".join(_field(struct, field) for field in struct.fields)
    return f"{_comment(struct.doc)}export type {struct.name} = {{\n{tag}{fields}}};\n"


def _field(struct: Struct, field: Field) -> str:
    mark = "?" if field.optional else ""
    spelled = _spelled(field.type)
    if field.name == "ok":  # what tells an answer from a refusal
        spelled = "false" if struct.kind is Refused else "true"
    return f"{_comment(field.doc, '  ')}  readonly {field.name}{mark}: {spelled};\n"


def _spelled(kind: wire.Type) -> str:
    match kind:
        case wire.StrType():
            return "string"
        case wire.IntType() | wire.FloatType():
            return "number"
        case wire.BoolType():
            return "boolean"
        case wire.NoneType():
            return "null"
        case wire.EnumType(cls=cls) | wire.StructType(cls=cls):
            return cls.__name__
        case wire.UnionType(types=types):
            return _spelled_union(types)
        case _:
            return _spelled_collection(kind)


def _spelled_collection(kind: wire.Type) -> str:
    match kind:
        case wire.VarTupleType(item_type=item) | wire.ListType(item_type=item):
            inner = _spelled(item)
            return f"readonly ({inner})[]" if " | " in inner else f"readonly {inner}[]"
        case wire.DictType(value_type=value):
            return f"{{ readonly [key: string]: {_spelled(value)} }}"
        case _:
            raise TypeError(f"the wire contract uses a type without a TypeScript form: {kind}")


def _spelled_union(types: tuple[wire.Type, ...]) -> str:
    members = {kind.cls for kind in types if isinstance(kind, wire.StructType)}
    for name, kinds in unions().items():
        if members == set(kinds) and len(types) == len(kinds):
            return name
    return " | ".join(_spelled(kind) for kind in types)


def _map(doc: str, name: str, lines: list[str]) -> str:
    return f"{_comment(doc)}export type {name} = {{\n" + "".join(lines) + "};\n"


def _commands() -> str:
    doc = "Every command by its Socket.IO event name; each is acknowledged with `Done | Refused`."
    return _map(
        doc, "Commands", [f'  "{wire_name(kind)}": {kind.__name__};\n' for kind in COMMANDS]
    )


def _questions() -> str:
    doc = "Every signal that is acknowledged: what is asked, and the answer when it is not refused."
    lines = [
        f'  "{wire_name(kind)}": {{ ask: {kind.__name__}; answer: {answer.__name__} }};\n'
        for kind, answer in ANSWERS.items()
    ]
    return _map(doc, "Questions", lines)


def _signals() -> str:
    doc = "Every signal that nobody acknowledges."
    quiet = [kind for kind in SIGNALS if kind not in ANSWERS]
    return _map(doc, "Signals", [f'  "{wire_name(kind)}": {kind.__name__};\n' for kind in quiet])


def _client_to_server() -> str:
    asked = dict.fromkeys(COMMANDS, Done) | ANSWERS
    lines = [
        f'  "{wire_name(kind)}": (payload: {kind.__name__}, '
        f"ack: (answer: {answer.__name__} | Refused) => void) => void;\n"
        for kind, answer in asked.items()
    ]
    quiet = [kind for kind in SIGNALS if kind not in ANSWERS]
    lines += [f'  "{wire_name(kind)}": (payload: {kind.__name__}) => void;\n' for kind in quiet]
    return _map("What a client sends, for socket.io-client.", "ClientToServer", lines)


def _server_to_client() -> str:
    lines = [f'  "{wire_name(kind)}": (message: {kind.__name__}) => void;\n' for kind in TOLD]
    return _map("What the server tells, for socket.io-client.", "ServerToClient", lines)
