"""Writes `web/src/protocol.gen.ts` and `docs/protocol.md` from the wire contract.

Counterparts: `server/protocol.py`, whose docstrings are the text, `server/errors.py` for the codes,
and `docs/protocol.in.md`, which holds the prose. `python -m server.generate` writes both files;
with `--check` it writes nothing and fails when one of them is stale.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from server.generate_docs import protocol_document
from server.generate_types import protocol_types

_ROOT = Path(__file__).resolve().parent.parent
_PROSE = _ROOT / "docs" / "protocol.in.md"


def generated() -> dict[Path, str]:
    """Every generated file of the project and what it must hold."""
    return {
        _ROOT / "web" / "src" / "protocol.gen.ts": protocol_types(),
        _ROOT / "docs" / "protocol.md": protocol_document(_PROSE.read_text(encoding="utf-8")),
    }


def stale(wanted: Mapping[Path, str]) -> list[Path]:
    """Those of these files that are missing or hold something else than they must."""
    return [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str], wanted: Mapping[Path, str] | None = None) -> int:
    """Writes what is stale, or with `--check` only names it; returns the exit status.

    `wanted` is every file with what it must hold: the project's own, if not given.
    """
    parser = argparse.ArgumentParser(prog="python -m server.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a file is stale")
    check: bool = parser.parse_args(arguments).check
    wanted = generated() if wanted is None else wanted
    found = stale(wanted)
    for path in found:
        sys.stdout.write(f"{path} {'is stale' if check else 'written'}\n")
        if not check:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
