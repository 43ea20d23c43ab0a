"""What is generated from the wire contract is up to date, and says all that the contract says."""

from pathlib import Path

import pytest

from server import protocol as p
from server.errors import Code
from server.generate import generated, main, stale
from server.generate_docs import REFUSED_WITH


def test_the_generated_files_are_up_to_date() -> None:
    names = [path.name for path in stale(generated())]

    assert not names, f"run `python -m server.generate`: {names} no longer say what the wire does"


def test_a_stale_file_fails_the_check_and_is_not_touched(tmp_path: Path) -> None:
    page = tmp_path / "protocol.md"
    page.write_text("old")
    wanted = {page: "new"}

    assert main(["--check"], wanted) == 1
    assert page.read_text() == "old"

    assert main([], wanted) == 0
    assert page.read_text() == "new"
    assert main(["--check"], wanted) == 0


@pytest.mark.parametrize("name", ["protocol.gen.ts", "protocol.md"])
def test_every_name_of_the_wire_is_told(name: str) -> None:
    text = next(text for path, text in generated().items() if path.name == name)

    for kind in (*p.COMMANDS, *p.SIGNALS, *p.TOLD):
        assert p.wire_name(kind) in text
        assert kind.__name__ in text
    for code in Code:
        assert code.value in text


def test_every_command_says_what_it_may_be_refused_with() -> None:
    unsaid = [kind.__name__ for kind in p.COMMANDS if kind not in REFUSED_WITH]

    assert not unsaid
