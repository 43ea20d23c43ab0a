"""The append-only record of each interview: append, read, chain."""
