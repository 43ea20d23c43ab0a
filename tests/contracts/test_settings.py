"""The table of settings in docs/self-hosting.md says what server/config.py says."""

import ast
import inspect
import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from server.config import OTHERS, PREFIX, Config, ignored

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "self-hosting.md"


def meanings() -> dict[str, str]:
    """The words under each field of the configuration."""
    (cls,) = ast.parse(inspect.getsource(Config)).body
    assert isinstance(cls, ast.ClassDef)
    found = {}
    for field, words in zip(cls.body, cls.body[1:], strict=False):
        match field, words:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                found[name] = " ".join(said.split())
            case _:
                pass
    return found


def default_of(name: str) -> str:
    """A default as one would write it in the environment; an empty one is shown as a dash."""
    default = Config.model_fields[name].default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    match default:
        case None | "" | ():
            return "–"
        case bool():
            return f"`{str(default).lower()}`"
        case _:
            return f"`{default}`"


def expected_rows() -> list[str]:
    said = meanings()
    return [
        f"| `PARLEY_{name.upper()}` | {default_of(name)} | {said[name]} |"
        for name in Config.model_fields
    ]


def test_every_setting_stands_in_the_table_as_the_code_has_it() -> None:
    rows = re.findall(r"^\| `PARLEY_.*$", PAGE.read_text(), re.MULTILINE)

    assert rows == expected_rows(), "\n".join(["the table should be:", *expected_rows()])


def test_every_setting_that_the_page_names_exists() -> None:
    named = set(re.findall(r"\bPARLEY_[A-Z_]+\b", PAGE.read_text()))

    known = {f"PARLEY_{name.upper()}" for name in Config.model_fields}
    assert named - known == {"PARLEY_UPSTREAM"}, "which is Caddy's"


def test_every_other_name_with_the_prefix_is_known_to_be_no_mistake() -> None:
    files = [ROOT / "docker-compose.yml", ROOT / "Makefile"]
    for folder in ("deploy", "tests/browser", "tests/support"):
        files += [file for file in (ROOT / folder).iterdir() if file.is_file()]
    named = {name for file in files for name in re.findall(r"PARLEY_([A-Z_]+)", file.read_text())}

    assert named - {name.upper() for name in Config.model_fields} == OTHERS


def test_a_name_that_is_no_setting_is_told_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name in (*OTHERS, *(name.upper() for name in Config.model_fields)):
        monkeypatch.setenv(f"{PREFIX}{name}", "")
    assert list(ignored()) == []

    for name in ("PARLEY_TURN_SECERT", "PARLEY_TURN_URL", "PARLEY_XYZ", "parley_data", "PARLEYED"):
        monkeypatch.setenv(name, "")
    assert list(ignored()) == [
        "PARLEY_TURN_SECERT is no setting of Parley and is ignored. Was PARLEY_TURN_SECRET meant?",
        "PARLEY_TURN_URL is no setting of Parley and is ignored. Was PARLEY_TURN_URLS meant?",
        "PARLEY_XYZ is no setting of Parley and is ignored.",
    ]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"turn_urls": ["stun:talk.example.org"], "turn_secret": "s"}, "turn_urls"),
        ({"turn_urls": ["turn:talk.example.org?transport=sctp"], "turn_secret": "s"}, "turn_urls"),
        ({"turn_urls": ["turns:talk.example.org?transport=udp"], "turn_secret": "s"}, "turn_urls"),
        ({"turn_urls": ["turn:talk.example.org:3478"]}, "turn_secret"),
    ],
    ids=["no relay", "no such transport", "no browser's transport", "no secret"],
)
def test_a_relay_that_nobody_could_use_is_refused_by_name(
    settings: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Config.model_validate(settings)

    assert {error["loc"][0] for error in refused.value.errors()} == {field}
