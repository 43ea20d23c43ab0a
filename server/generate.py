"""Writes `web/src/protocol.gen.ts` and `docs/protocol.md` from the wire contract.

Counterparts: `server/protocol.py`, whose docstrings are the text, `server/errors.py` for the codes,
and `docs/protocol.in.md`, which holds the prose. `python -m server.generate` writes both files;
with `--check` it writes nothing and fails when one of them is stale.
"""

import argparse
import sys
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


def stale() -> list[Path]:
    """The generated files that are missing or hold something else than they must."""
    return [
        path
        for path, text in generated().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Writes what is stale, or with `--check` only names it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m server.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a file is stale")
    check: bool = parser.parse_args(arguments).check
    for path in stale():
        sys.stdout.write(f"{path.relative_to(_ROOT)} {'is stale' if check else 'written'}\n")
        if not check:
            path.write_text(generated()[path], encoding="utf-8")
    return 1 if check and stale() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
