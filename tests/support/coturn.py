"""The real coturn, with the configuration that we ship, on free ports of this machine."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.certificates import Shown
from tests.support.ports import HOST, free_port

CONFIGURATION = Path(__file__).parent.parent.parent / "deploy" / "turnserver.conf"
SECRET = "the secret that server and relay share"
MISSING = (
    "coturn is not installed, and this test relays through the real one. "
    "On Debian and Ubuntu: apt-get install coturn (make test does it where it may)."
)


@dataclass(frozen=True)
class Coturn:
    """A relay that is running."""

    port: int
    tls_port: int

    @property
    def udp_url(self) -> str:
        return f"turn:{HOST}:{self.port}?transport=udp"

    @property
    def tls_url(self) -> str:
        return f"turns:localhost:{self.tls_port}?transport=tcp"

    @property
    def tcp_url(self) -> str:
        return f"turn:{HOST}:{self.port}?transport=tcp"


@asynccontextmanager
async def coturn(
    folder: Path,
    *,
    allowed: str = HOST,
    relays_from: str = HOST,
    configuration: Path = CONFIGURATION,
    shown: Shown | None = None,
    more: Sequence[str] = (),
) -> AsyncIterator[Coturn]:
    """Run coturn until the context ends; it relays to `allowed` only. TLS needs a certificate."""
    program = shutil.which("turnserver")
    assert program is not None, MISSING
    relay = Coturn(free_port(), free_port())
    process = await asyncio.create_subprocess_exec(
        program,
        *("-c", str(configuration), f"--static-auth-secret={SECRET}"),
        *(f"--listening-ip={HOST}", f"--relay-ip={relays_from}", f"--allowed-peer-ip={allowed}"),
        *(f"--listening-port={relay.port}", f"--tls-listening-port={relay.tls_port}"),
        # A test's engine is on this machine; coturn wants a password of a console for that.
        *("--allow-loopback-peers", "--cli-password=unused", "--no-dtls"),
        *(
            ("--no-tls",)
            if shown is None
            else (f"--cert={shown.certificate}", f"--pkey={shown.key}")
        ),
        *(f"--pidfile={folder / 'coturn.pid'}", f"--userdb={folder / 'coturn.db'}"),
        *more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await _listening(process, relay.port)
        yield relay
    finally:
        process.terminate()
        await process.communicate()


async def _listening(process: asyncio.subprocess.Process, port: int) -> None:
    """Wait until it takes connections; if it ends instead, what it said is the failure."""
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    said, _ = await process.communicate()
    raise AssertionError(f"coturn ended at once: {said.decode()}")
