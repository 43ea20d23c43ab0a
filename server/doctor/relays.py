"""The relays: whether they let our people in, reach the engine, and nothing else."""

import re
import ssl
from typing import Final

from server.calls.probe import Expected
from server.calls.turn import Relay
from server.doctor.finding import Finding, broken, fine, warning
from signaling.probe import IceUser, ProbeFailed, Relayed, TurnServer, relayed

STRANGERS: Final = (("198.51.100.1", 9), ("10.255.255.254", 9), ("169.254.169.254", 80))
"""Addresses that no relay of ours may send to: the internet, a private network, a cloud's own."""
_URL: Final = re.compile(r"(turns?):([^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?")
_DEFAULT_PORTS: Final = {"turn": 3478, "turns": 5349}
_UNAUTHORIZED: Final = 401


def none_named(*, local: bool) -> Finding:
    """The finding where no relay is configured."""
    if local:
        return fine("relay", "There is no relay, and people on this machine need none.")
    return warning(
        "relay",
        "There is no relay: people whose network blocks the media port cannot call.",
        "Start coturn (the profile `public` of docker-compose.yml) and set PARLEY_TURN_URLS and "
        "PARLEY_TURN_SECRET.",
    )


async def examine_relay(
    url: str, relay: Relay, expected: Expected, now_ms: int, trust: ssl.SSLContext
) -> Finding:
    """One relay, tried with a real credential."""
    server = _server(url, relay, now_ms, trust)
    try:
        async with relayed(server) as place:
            reached = await _reaches(place, expected)
            stray = await _strays(place)
    except ProbeFailed as failed:
        return _refused(url, failed)
    if stray:
        return broken(
            "relay",
            f"The relay {url} would send to {stray}: whoever has a credential can reach your "
            "network through it.",
            "Set denied-peer-ip=0.0.0.0-255.255.255.255, as deploy/turnserver.conf does.",
        )
    if isinstance(reached, str):
        return broken(
            "relay",
            f"The relay {url} lets people in, but does not bring them to the engine: {reached}.",
            "Start coturn with --allowed-peer-ip=ADDRESS, one of those in PARLEY_MEDIA_ANNOUNCE.",
        )
    return fine(
        "relay",
        f"The relay {url} reaches the engine after {reached * 1000:.1f} ms, and nothing else.",
    )


def _server(url: str, relay: Relay, now_ms: int, trust: ssl.SSLContext) -> TurnServer:
    found = _URL.fullmatch(url)
    assert found is not None, "the configuration takes no other"
    scheme, host, port, transport = found.groups()
    (ice,) = relay.servers("doctor", "doctor", now_ms)
    return TurnServer(
        host=host,
        port=int(port or _DEFAULT_PORTS[scheme]),
        transport=transport or ("udp" if scheme == "turn" else "tcp"),
        tls=trust if scheme == "turns" else None,
        username=ice.username,
        credential=ice.credential,
    )


async def _reaches(place: Relayed, expected: Expected) -> float | str:
    """Seconds to the engine by the first address that is reached, or why none is."""
    user = IceUser(expected.fragment, expected.password)
    reasons = []
    for door in expected.doors:
        if door.transport != "udp":
            continue
        try:
            return await place.check(door.host, door.port, user)
        except ProbeFailed as failed:
            reasons.append(f"{door.host}: {failed}")
    return "; ".join(reasons)


async def _strays(place: Relayed) -> str:
    """The first address that the relay ought to refuse and does not."""
    for host, port in STRANGERS:
        if await place.permits(host, port):
            return host
    return ""


def _refused(url: str, failed: ProbeFailed) -> Finding:
    if failed.code == _UNAUTHORIZED:
        return broken(
            "relay",
            f"The relay {url} refuses our credential.",
            "Its static-auth-secret must be the same as PARLEY_TURN_SECRET, and its clock right.",
        )
    return broken(
        "relay",
        f"The relay {url} cannot be used: {failed}.",
        "Start coturn, open its port in the firewall, and give it a certificate for turns:.",
    )
