"""The fold vectors that the browser's reducer is tested with are current."""

from tests.support.vectors import FILE, vectors


def test_the_fold_vectors_are_current() -> None:
    assert FILE.read_text() == vectors(), "run: python -m tests.support.vectors"
