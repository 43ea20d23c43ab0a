"""The whole examination, in the order in which people read it."""

import ssl

from server.app import public_address, secret_of
from server.calls.probe import Expected, ticket
from server.calls.turn import Relay
from server.clock import Clock
from server.config import Config
from server.doctor.finding import Finding, broken
from server.doctor.media import announced, ports
from server.doctor.relays import examine_relay, none_named
from server.doctor.site import Site, certificate, pages, ready, socket
from server.doctor.store import disk, store_and_clock


async def examine(
    config: Config, clock: Clock, trust: ssl.SSLContext | None = None
) -> list[Finding]:
    """Everything that can be wrong with this installation.

    `trust` holds the authorities that browsers know, those of the system unless given.
    """
    site = Site(public_address(config), trust or ssl.create_default_context())
    findings = await store_and_clock(config, clock)
    if not config.redis_url and config.data.is_dir():
        findings.append(disk(config))
    findings.append(await certificate(site, clock.now_ms() / 1000))
    if not _has_run(config):
        return [*findings, _unexamined()]
    answered, seen = await pages(site, ticket(secret_of(config), clock.now_ms()))
    findings.append(answered)
    if seen is None:
        return [*findings, _unexamined()]
    findings += [await ready(site), await socket(site)]
    findings += await _calls(config, clock, site, seen.media)
    return findings


def _has_run(config: Config) -> bool:
    """Whether there is a secret that a running server may share; one made now is none."""
    return bool(config.secret.get_secret_value()) or (config.data / "secret").exists()


async def _calls(config: Config, clock: Clock, site: Site, expected: Expected) -> list[Finding]:
    local = site.is_for_this_machine_only
    findings = [announced([door.host for door in expected.doors], local=local)]
    findings += await ports(expected)
    if not config.turn_urls:
        return [*findings, none_named(local=local)]
    relay = Relay(config.turn_urls, config.turn_secret.get_secret_value())
    for url in config.turn_urls:
        findings.append(await examine_relay(url, relay, expected, clock.now_ms(), site.trust))
    return findings


def _unexamined() -> Finding:
    return broken(
        "calls",
        "Calls were not examined, because no running server of ours was found.",
        "Repair what is said above, and run the doctor again.",
    )
