"""What the generators read from the wire contract: its types, and the words in its source.

Counterparts: `server/generate_types.py` and `server/generate_docs.py`.
"""

import ast
import inspect
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from itertools import pairwise
from types import ModuleType, UnionType
from typing import Annotated, get_args, get_origin

import msgspec
from msgspec import inspect as wire

from server import errors, protocol
from server.protocol import Command, DeskAuth, SeatAuth, Signal, Wire


@dataclass(frozen=True)
class Field:
    """One field of a struct as it stands on the wire. `optional`: may be absent there."""

    name: str
    type: wire.Type
    optional: bool
    default: object
    doc: str


@dataclass(frozen=True)
class Struct:
    """A struct of the contract. `tag` is (field, value) where the wire carries one."""

    kind: type[Wire]
    fields: tuple[Field, ...]
    tag: tuple[str, str] | None

    @property
    def name(self) -> str:
        return self.kind.__name__

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.kind) or ""


def structs() -> Iterator[Struct]:
    """Every struct that crosses the wire, in the order of the source."""
    bases = _bases()
    # The module is parsed once: asking `inspect` for each class would parse it for each.
    nodes = _classes(protocol)
    for kind in _defined(protocol):
        if issubclass(kind, Wire) and kind not in bases:
            yield _struct(kind, nodes)


def enums() -> Iterator[type[StrEnum]]:
    """Every closed choice of the contract, in the order of the source."""
    for kind in _defined(protocol):
        if issubclass(kind, StrEnum):
            yield kind


def unions() -> dict[str, tuple[type[Wire], ...]]:
    """The unions that have a name in the contract."""
    return {
        name: get_args(value)
        for name, value in vars(protocol).items()
        if isinstance(value, UnionType)
    }


def limits() -> dict[str, int]:
    """Every number that has a name in the contract, and the longest of each named kind of text."""
    found = {name: value for name, value in vars(protocol).items() if type(value) is int}
    for name, value in vars(protocol).items():
        if get_origin(value) is Annotated:
            longest = [meta.max_length for meta in get_args(value)[1:] if meta.max_length]
            found |= {f"{name.upper()}_MAX": length for length in longest}
    return found


def limit_docs() -> dict[str, str]:
    """The sentence below a number in the source, where there is one."""
    return _attribute_docs(ast.parse(inspect.getsource(protocol)).body)


def codes() -> dict[str, str]:
    """Each refusal code and the comment beside it in the source, perhaps empty."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(StringIO(inspect.getsource(errors)).readline)
        if token.type == tokenize.COMMENT
    }
    lines = inspect.getsource(errors).splitlines()
    spelled = {
        code.value: number
        for code in errors.Code
        for number, line in enumerate(lines, start=1)
        if line.strip().startswith(f'{code.name} = "{code.value}"')
    }
    return {value: comments.get(number, "") for value, number in spelled.items()}


def _classes(module: ModuleType) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _defined(module: ModuleType) -> Iterator[type]:
    for name in _classes(module):
        yield getattr(module, name)


def _bases() -> set[type]:
    kinds = [kind for kind in _defined(protocol) if issubclass(kind, Wire)]
    return {base for kind in kinds for base in kind.__bases__}


def _struct(kind: type[Wire], nodes: dict[str, ast.ClassDef]) -> Struct:
    config = kind.__struct_config__
    asks = issubclass(kind, Command | Signal | SeatAuth | DeskAuth)
    info = wire.type_info(kind)
    assert isinstance(info, wire.StructType)
    docs = _field_docs(kind, nodes)
    fields = tuple(
        Field(
            name=field.encode_name,
            type=field.type,
            optional=not field.required and (asks or config.omit_defaults),
            default=field.default,
            doc=docs.get(field.name, ""),
        )
        for field in info.fields
    )
    # A command's or signal's name is the Socket.IO event itself, so its payload carries no tag.
    if asks or config.tag is None:
        return Struct(kind, fields, None)
    return Struct(kind, fields, (str(config.tag_field), str(config.tag)))


def _field_docs(kind: type[msgspec.Struct], nodes: dict[str, ast.ClassDef]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base.__module__ == protocol.__name__:
            found |= _attribute_docs(nodes[base.__name__].body)
    return found


def _attribute_docs(body: list[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for before, node in pairwise(body):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                found |= {name: inspect.cleandoc(text) for name in _assigned(before)}
            case _:
                continue
    return found


def _assigned(node: ast.stmt) -> list[str]:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]):
            return [name]
        case _:
            return []
