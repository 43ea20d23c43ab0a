"""Who asks: the client's real address, and whether its page may open a socket here.

Browsers let any page open a WebSocket anywhere and send our cookies along; the origin check is all
that stands between a foreign page and somebody's interview.
"""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs
from aiohttp.web import BaseRequest

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxies:
    """The networks whose X-Forwarded-* headers are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, networks: Collection[str]) -> "Proxies":
        """Read addresses and networks (`10.0.0.0/8`); raises ValueError on anything else."""
        return cls(tuple(ip_network(network, strict=False) for network in networks))

    def trusts(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
            peer = peer.ipv4_mapped  # as a socket for both families names its IPv4 peers
        return any(peer in network for network in self.networks)


def remote_address(request: BaseRequest, proxies: Proxies) -> str:
    """Return the client's address: the peer, or what trusted proxies say of whom they speak for.

    X-Forwarded-For grows to the right, and everything left of the last trusted entry may be
    invented by the client: walk from the right and stop at the first address not trusted.
    """
    address = request.remote or ""
    for hop in reversed(_forwarded_for(request)):
        if not proxies.trusts(address):
            break
        try:
            address = str(ip_address(hop))
        except ValueError:
            break
    return address


def neighbourhood(address: str) -> str:
    """Return what an address is counted under: of IPv6 everybody has at least a /64 (RFC 6177)."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, 64), strict=False))


def may_connect(request: BaseRequest, proxies: Proxies, allowed: Collection[str]) -> bool:
    """Say whether this handshake's Origin is ours, or one of `allowed` (`https://host[:port]`).

    Without an Origin it is no browser: let it in if it brings no cookie along.
    """
    origins = request.headers.getall(hdrs.ORIGIN, [])
    if not origins:
        return hdrs.COOKIE not in request.headers
    if len(origins) > 1:
        return False
    asked = _site(origins[0])
    return asked is not None and (
        asked == _own_site(request, proxies) or asked in {_site(origin) for origin in allowed}
    )


def own_scheme(request: BaseRequest, proxies: Proxies) -> str:
    """Return how the browser reached us: `https` or `http`."""
    if proxies.trusts(request.remote or ""):
        return _last(request, hdrs.X_FORWARDED_PROTO) or request.scheme
    return request.scheme


def _own_site(request: BaseRequest, proxies: Proxies) -> tuple[str, str, int] | None:
    host = request.headers.get(hdrs.HOST, "")
    if proxies.trusts(request.remote or ""):
        host = _last(request, hdrs.X_FORWARDED_HOST) or host
    return _site(f"{own_scheme(request, proxies)}://{host}")


def _site(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port; None for `null` and whatever else is no web origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port


def _last(request: BaseRequest, header: str) -> str:
    """Return what the nearest proxy wrote: a chain of them appends."""
    return ",".join(request.headers.getall(header, [])).rpartition(",")[2].strip()


def _forwarded_for(request: BaseRequest) -> list[str]:
    header = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, []))
    return [hop.strip() for hop in header.split(",") if hop.strip()]
