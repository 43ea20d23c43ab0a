"""Fold vectors: `python -m tests.support.vectors` writes what the browser's reducer must agree on.

Each vector is a snapshot, the entries after it, and the snapshot that must come out.
"""

import random
from pathlib import Path

import msgspec

from server.interview.state import Actor
from tests.support.history import ADA, BEN, OLA, random_history

FILE = Path(__file__).parents[1] / "vectors" / "fold.json"
SEEDS = range(20)
LENGTH = 80


def vectors() -> str:
    """All vectors as JSON text, one a line; the same at each call."""
    lines = [
        _vector(seed, reader, live=(seed + turn) % 2 == 0)
        for seed in SEEDS
        for turn, reader in enumerate((ADA, BEN, OLA))
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _vector(seed: int, reader: Actor, *, live: bool) -> str:
    history = random_history(random.Random(seed), LENGTH)
    cut = random.Random(seed).randint(1, len(history.told))
    told = "as it happens" if live else "after a reconnect"
    return msgspec.json.encode(
        {
            "name": f"interview {seed}, {reader.person}, {told}",
            "snapshot": history.upto(cut).view(reader),
            "entries": history.entries(reader, cut, live=live),
            "expected": history.view(reader),
        }
    ).decode()


if __name__ == "__main__":
    FILE.write_text(vectors())
