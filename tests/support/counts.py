"""How much the tests do: a twentieth by default, all of it under `make soak`."""

import os
from typing import Final

FULL_COUNTS: Final = bool(os.environ.get("PARLEY_FULL_COUNTS"))


def count(usual: int, *, full: int) -> int:
    """How often to do something, in every run and in a soak."""
    return full if FULL_COUNTS else usual
