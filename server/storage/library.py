"""Functions that run inside the store, loaded under a name that changes with their text."""

import hashlib
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Library:
    """A FUNCTION library with one function of the same name.

    Nodes of two versions can share a store: each loads and calls its own.
    """

    name: str
    code: str

    @classmethod
    def from_source(cls, source: str) -> Self:
        """Make the library whose Lua text spells its name as `@NAME@`."""
        name = f"parley_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
        return cls(name=name, code=source.replace("@NAME@", name))
