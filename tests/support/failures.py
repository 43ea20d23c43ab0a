"""docs/failures.md as tests read it."""

import re
from pathlib import Path
from typing import Final

DOCUMENT: Final = re.sub(
    r"(?<=[^|\n])\n(?=[^|\n#])", " ", (Path(__file__).parents[2] / "docs/failures.md").read_text()
)
"""The text of the page, each paragraph in one line."""


def cells(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    section = DOCUMENT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


ACTIONS: Final = tuple(row[0] for row in cells("Actions"))


def sentences(cell: str) -> list[str]:
    """What somebody reads who finds this in a cell: of "waits: Deleting", both sentences."""
    known = {row[0]: row[2] for row in cells("Three ways of acting")}
    way, _, more = cell.partition(": ")
    if way not in known:
        return [cell]
    return [said for said in (known[way], more) if said]
