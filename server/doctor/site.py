"""The address at which people come: certificate, pages, proxy and socket."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from server.calls.probe import Seen
from server.doctor.finding import Finding, broken, fine, warning

TIMEOUT: Final = 5.0
RENEW_DAYS: Final = 14
"""Days before the end of a certificate in which it should have been renewed long ago."""
_EXPIRED: Final = 10
_OTHER_NAME: Final = frozenset({62, 64})
"""OpenSSL's verification errors: CERT_HAS_EXPIRED; HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH."""


@dataclass(frozen=True, slots=True)
class Site:
    """The public address."""

    url: str
    """Without a slash at its end."""
    trust: ssl.SSLContext

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self.is_secure else 80)

    @property
    def is_secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def is_for_this_machine_only(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")


async def certificate(site: Site, now_s: float) -> Finding:
    """Whether browsers will take the connection."""
    if not site.is_secure:
        return _without_https(site)
    try:
        async with asyncio.timeout(TIMEOUT):
            _, writer = await asyncio.open_connection(site.host, site.port, ssl=site.trust)
    except ssl.SSLCertVerificationError as error:
        return _refused(site, error)
    except (OSError, TimeoutError) as error:
        return broken(
            "certificate",
            f"No secure connection to {site.host}:{site.port} can be made: {_reason(error)}.",
            "Check that the name leads to this machine, that the port is open in the firewall, "
            "and that the proxy runs (docker compose logs caddy).",
        )
    shown = writer.get_extra_info("peercert")
    writer.close()
    days = int((ssl.cert_time_to_seconds(shown["notAfter"]) - now_s) // 86_400)
    return _remaining(site, days)


def _remaining(site: Site, days: int) -> Finding:
    if days < RENEW_DAYS:
        return warning(
            "certificate",
            f"The certificate for {site.host} runs out in {days} days, and was not renewed.",
            "Look why: docker compose logs caddy. It needs port 80 or 443 open to the internet.",
        )
    return fine("certificate", f"The certificate for {site.host} is good for {days} more days.")


def _without_https(site: Site) -> Finding:
    if site.is_for_this_machine_only:
        return fine("certificate", "Without HTTPS: people on this machine only can use it.")
    return broken(
        "certificate",
        f"{site.url} is not HTTPS: browsers give camera and microphone to no such page.",
        "Put the proxy in front (docs/self-hosting.md), and let PARLEY_PUBLIC_URL begin with "
        "https://.",
    )


def _refused(site: Site, error: ssl.SSLCertVerificationError) -> Finding:
    if error.verify_code == _EXPIRED:
        says = f"The certificate for {site.host} has expired: browsers warn everybody away."
    elif error.verify_code in _OTHER_NAME:
        says = f"The certificate is not for {site.host}: browsers warn everybody away."
    else:
        says = f"Browsers do not trust the certificate of {site.host}: {error.verify_message}."
    return broken(
        "certificate",
        says,
        "Let Caddy get one (docker compose logs caddy says why it could not), or give the proxy "
        "a certificate for this name, with its whole chain.",
    )


@asynccontextmanager
async def visitor(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody who comes from outside."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        connector=aiohttp.TCPConnector(ssl=site.trust),
    ) as session:
        yield session


async def pages(site: Site, ticket: str) -> tuple[Finding, Seen | None]:
    """Whether this server answers at the public address, and what it sees of who comes there."""
    try:
        async with visitor(site) as session:
            response = await session.post(f"{site.url}/api/doctor", json={"ticket": ticket})
            status, body = response.status, await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return (
            broken(
                "pages",
                f"Nothing answers at {site.url}: {_reason(error)}.",
                "Start the server (parley serve), and let the proxy lead to its port.",
            ),
            None,
        )
    if status != 200:
        return _another(site, status, body), None
    seen = msgspec.json.decode(body, type=Seen)
    return _as_seen(site, seen), seen


def _another(site: Site, status: int, body: bytes) -> Finding:
    """Something answers, but not as this server would answer us."""
    if b'"not_allowed"' in body:
        return broken(
            "pages",
            f"A Parley answers at {site.url}, but not the one of this data folder and secret.",
            "Run the doctor with the server's own settings: in its container, or with the same "
            "PARLEY_DATA and PARLEY_SECRET. All nodes need the same PARLEY_SECRET.",
        )
    if b'"too_many"' in body or b'"calls_full"' in body:
        return warning(
            "pages",
            f"The server at {site.url} is too busy to be examined.",
            "Run the doctor again in a minute.",
        )
    return broken(
        "pages",
        f"Something answers at {site.url} with the status {status}, but it is no running Parley.",
        "Start the server (parley serve), and let the proxy lead to its port.",
    )


def _as_seen(site: Site, seen: Seen) -> Finding:
    if seen.scheme != urlsplit(site.url).scheme:
        return broken(
            "pages",
            "The server does not know that people come by HTTPS, so it refuses their sockets and "
            "gives them unprotected cookies.",
            f'Name the proxy: PARLEY_TRUSTED_PROXIES=["{seen.peer}"], if that is its address.',
        )
    return fine("pages", f"The server answers at {site.url}.")


async def ready(site: Site) -> Finding:
    """Whether the running server can save what people write."""
    try:
        async with visitor(site) as session:
            response = await session.get(f"{site.url}/readyz")
            told = msgspec.json.decode(await response.read(), type=dict[str, str])
    except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
        return broken(
            "saving",
            f"The server does not say whether it can save: {_reason(error)}.",
            "Look at the server's log, and run the doctor again.",
        )
    if response.status == 200:
        return fine("saving", "The server can save what people write.")
    return broken(
        "saving",
        f"The server cannot save what people write. {told.get('why', '')}".rstrip(),
        "See what is said here about the store and the disk.",
    )


async def socket(site: Site) -> Finding:
    """Whether a page of ours can open its WebSocket there."""
    address = f"{site.url}/socket.io/?EIO=4&transport=websocket"
    try:
        async with (
            visitor(site) as session,
            session.ws_connect(address, headers={"Origin": site.url}) as opened,
            asyncio.timeout(TIMEOUT),
        ):
            hello = await opened.receive()
    except aiohttp.WSServerHandshakeError as error:
        return _no_socket(site, f"the handshake is answered with the status {error.status}")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return _no_socket(site, _reason(error))
    if not str(hello.data).startswith('0{"sid"'):
        return _no_socket(site, "somebody else answers there")
    return fine("socket", "Pages can open their WebSocket.")


def _no_socket(site: Site, reason: str) -> Finding:
    return broken(
        "socket",
        f"No WebSocket can be opened at {site.url}, so nobody can write or call: {reason}.",
        "Let the proxy pass WebSocket connections, Host and Origin on unchanged. "
        "deploy/Caddyfile does.",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    said = error.strerror if isinstance(error, OSError) else str(error)
    return (said or str(error) or "no answer within 5 s").rstrip(".")
