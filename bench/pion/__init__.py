"""Pion as the other forwarder: `main.go`, built from Debian's packages, without a network."""

import os
import shutil
import subprocess
from pathlib import Path

LIBRARY = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go libraries."""
PACKAGES = "golang-go golang-github-pion-webrtc.v3-dev"


def build(folder: Path) -> Path:
    """The program, built in this folder. Raises SystemExit with what is missing."""
    if shutil.which("go") is None or not (LIBRARY / "src/github.com/pion/webrtc").exists():
        raise SystemExit(f"Comparing with Pion needs: apt-get install {PACKAGES}")
    # Of a module outside of GOPATH, Go would want the libraries' exact versions from the network.
    home = folder / "src" / "forwarder"
    home.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("main.go"), home)
    (home / "go.mod").write_text("module forwarder\n\ngo 1.19\n")
    program = folder / "forwarder"
    environment = {"GO111MODULE": "off", "GOPATH": f"{folder}:{LIBRARY}", "GOFLAGS": ""}
    subprocess.run(
        ["go", "build", "-o", str(program), "."],
        cwd=home,
        env={**os.environ, **environment},
        check=True,
    )
    return program
