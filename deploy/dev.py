"""The commands behind `make`: set up, run, test, check and release Parley (`make help` lists them).

Run as `python3 -m deploy.dev COMMAND` in the project's folder, with any Python; `machine.py` brings
the machine to where these can work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.machine import (
    PINNED,
    PYTHON,
    ROOT,
    VENV,
    WEB,
    Failed,
    chromium,
    cores,
    run_logged,
    say,
    setup,
    step,
    testing_tools,
)

CHECKS: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "import rules": ("lint-imports",),
    "types": ("mypy",),
    "generated files": ("python", "-m", "server.generate", "--check"),
    "browser client": ("npm", "run", "check"),
    "browser client's tests": ("npm", "run", "test"),
}
FIXES: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "--fix", "--exit-zero", "."),
    ("ruff", "format", "."),
    ("npm", "run", "fix"),
)


def one_check(name: str) -> bool:
    """Run one check; say that it passed, or print what it found."""
    argv = CHECKS[name]
    code, output = run_logged(name, list(argv), WEB if argv[0] == "npm" else ROOT, 300)
    say(f"{name}: ok" if code == 0 else f"{name}: FAILED ({' '.join(argv)})\n{output}")
    return code == 0


def check() -> None:
    """Every check that needs no running server, side by side; all of them, even when one fails."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        verdicts = dict(zip(CHECKS, pool.map(one_check, CHECKS), strict=True))
    failed = [name for name, passed in verdicts.items() if not passed]
    if failed:
        raise Failed(f"These checks failed: {', '.join(failed)}.")


def lock(*options: str) -> None:
    """Write `requirements/*.txt` anew from pyproject.toml; `--upgrade` takes the newest."""
    words = "pip compile -q --universal --python-version 3.11 --generate-hashes --no-header"
    uv = [
        str(VENV / "bin" / "uv"),
        *words.split(),
        "--no-annotate",
        "--no-emit-index-url",
        *options,
    ]
    everything = str(PINNED / "dev.txt")
    contents = {
        "dev": ["pyproject.toml", "--extra", "dev", "--group", "build"],
        "server": ["pyproject.toml", "-c", everything],
        "build": ["--group", "build", "-c", everything],
        "node": ["--group", "node", "-c", everything],
    }
    for name, what in contents.items():
        step(f"Pinning {name}", *uv, *what, "-o", PINNED / f"{name}.txt")


def become(*argv: str | Path) -> None:
    """Turn this process into the command, so that Ctrl-C and its exit code are its own."""
    os.chdir(ROOT)
    os.execvp(argv[0], [str(arg) for arg in argv])


def test() -> None:
    """Run the tests without a browser on all cores, then those with one on half of them.

    Browsers that encode video fill a machine, and what they think of a line goes by the clock.
    """
    tests: list[str | Path] = [VENV / "bin" / "pytest", "-n"]
    say("Testing without a browser")
    words = [*tests, str(cores()), "--dist", "loadfile", "-m", "not browser"]
    if subprocess.run(words, cwd=ROOT, check=False).returncode:
        raise Failed("Tests failed: see above.")
    say("Testing in browsers")
    become(*tests, str(max(1, cores() // 2)), "--dist", "worksteal", "-m", "browser")


def gen() -> None:
    """Write what is generated from the wire contract: the client's types and docs/protocol.md."""
    step("Writing the generated files", PYTHON, "-m", "server.generate")


def release() -> None:
    """Build the sdist, and from it the wheel, into dist/, with the pinned build tools."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    step("Building the packages", VENV / "bin" / "uv", "build", "--no-build-isolation", "--python",
         PYTHON, "--out-dir", "dist")  # fmt: skip
    say("Built " + ", ".join(sorted(path.name for path in (ROOT / "dist").glob("parley*"))))


def fix() -> None:
    for argv in FIXES:
        step(" ".join(argv), *argv, cwd=WEB if argv[0] == "npm" else ROOT)


def use_a_recent_python() -> None:
    """Begin again with Python 3.11 or newer when this one is older."""
    if sys.version_info >= (3, 11):  # noqa: UP036 (an older one may be what `python3` is)
        return
    for minor in (14, 13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], check=False).returncode == 0:
            become(found, "-m", "deploy.dev", *sys.argv[1:])
    raise Failed("Parley needs Python 3.11 or newer, and there is none on PATH.")


def run(*options: str) -> None:
    say("Starting the server")
    become(VENV / "bin" / "parley", "serve", "--demo", *options)


def check_and_test() -> None:
    chromium()
    testing_tools()
    check()
    test()


def soak() -> None:
    """Every test with its full count (`tests/support/counts.py`)."""
    os.environ["PARLEY_FULL_COUNTS"] = "1"
    chromium()
    testing_tools()
    test()


def ready() -> None:
    say("Everything is set up")


COMMANDS: dict[str, Callable[..., None]] = {
    "setup": ready,
    "run": run,
    "test": check_and_test,
    "soak": soak,
    "check": check,
    "fix": fix,
    "gen": gen,
    "lock": lock,
    "release": release,
}
WITH_OPTIONS = {"run", "lock"}


def main(command: str = "", *options: str) -> None:
    """Set up what is missing, then do the command; words that would change nothing are refused."""
    if command not in COMMANDS:
        raise Failed(f"Name one of these commands: {', '.join(COMMANDS)}.")
    if options and command not in WITH_OPTIONS:
        some = "For some of the tests: .venv/bin/pytest tests/server -k knock"
        raise Failed(f"“{command}” takes nothing more, but was given “{' '.join(options)}”. {some}")
    use_a_recent_python()
    setup(testing=command != "run")
    COMMANDS[command](*options)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit(130)
