"""Calls: the addresses that browsers are told, and whether the engine answers there."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from server.calls.probe import Door, Expected
from server.doctor.finding import Finding, broken, fine, warning
from signaling.probe import IceUser, ProbeFailed, check_tcp, check_udp

SUBJECT: Final = "media address"
_ANNOUNCE: Final = (
    'Set PARLEY_MEDIA_ANNOUNCE=["…"] to the public address of this machine, and open the media '
    "port there."
)


def announced(hosts: Iterable[str], *, local: bool) -> Finding:
    """Whether browsers can reach any of `hosts`; `local`: people on this machine only."""
    told = list(dict.fromkeys(hosts))
    named = ", ".join(told)
    addresses = [address for host in told if (address := _address(host)) is not None]
    if len(addresses) < len(told) or not told:
        return broken(
            SUBJECT,
            f"Browsers are told {named or 'no address'} for media: no IP address.",
            _ANNOUNCE,
        )
    if local:
        return fine(SUBJECT, f"Browsers send media to {named}.")
    if all(address.is_loopback for address in addresses):
        return broken(
            SUBJECT,
            f"Browsers are told to send media to {named}, which is each person's own machine.",
            _ANNOUNCE,
        )
    if not any(address.is_global for address in addresses):
        return warning(
            SUBJECT,
            f"Browsers are told to send media to {named}, which only this network can reach.",
            f"If people come from the internet: {_ANNOUNCE[0].lower()}{_ANNOUNCE[1:]}",
        )
    return fine(SUBJECT, f"Browsers send media to {named}.")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


async def ports(expected: Expected) -> list[Finding]:
    """Whether the engine answers a browser's check at each of its addresses."""
    user = IceUser(expected.fragment, expected.password)
    first = next((door.host for door in expected.doors), "")
    return [await _port(door, user, essential=door.host == first) for door in expected.doors]


async def _port(door: Door, user: IceUser, *, essential: bool) -> Finding:
    named = f"{door.host}, {door.transport.upper()} port {door.port}"
    subject = f"media port ({door.transport})"
    check = check_udp if door.transport == "udp" else check_tcp
    try:
        taken = await check(door.host, door.port, user)
    except ProbeFailed as failed:
        says = f"The engine is not reached at {named}: {failed}."
        do = (
            "Open the port in the firewall and forward it to this machine. If your router cannot "
            "lead a machine to its own public address, run the doctor elsewhere."
        )
        if essential and door.transport == "udp":
            return broken(subject, says, do)
        return warning(subject, says, do)
    return fine(subject, f"The engine answers at {named}, after {taken * 1000:.1f} ms.")
