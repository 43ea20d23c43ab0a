"""How much one participant may send: packets, checks, control packets and streams."""

import asyncio
import secrets

import pytest

from bench.light_peer import MID_ID, RTX, rtp
from signaling.connection import CHECKS_PER_SECOND
from signaling.peer import BUDGET, MOST_STREAMS
from tests.signaling.support import (
    AUDIO_SSRC,
    Running,
    eventually,
    handled,
    pair,
)


async def test_floods_of_checks_and_hellos_by_a_participant_are_cut_and_the_call_goes_on(
    running: Running,
) -> None:
    ada, bob = await pair(running)
    check = bob.peer.check()
    hello = bytearray(b"\x16\xfe\xfd" + bytes(200))
    hello[13] = 1
    answered_before = bob.peer.checks_answered

    for _ in range(2000):
        bob.peer.send_raw(check)
        hello[27:59] = secrets.token_bytes(32)
        bob.peer.send_raw(bytes(hello))
    await eventually(lambda: "" if running.engine.counters.over_budget >= 1700 else "not cut")
    bob.talk()

    await eventually(lambda: "" if ada.received else "the call has ended")
    assert bob.peer.checks_answered - answered_before <= 3 * CHECKS_PER_SECOND


async def test_a_flood_by_a_participant_is_cut_to_the_budget(running: Running) -> None:
    ada, bob = await pair(running)

    for number in range(2 * BUDGET):
        bob.talk()
        if number % 50 == 0:
            await asyncio.sleep(0)
    await eventually(lambda: "" if running.engine.counters.over_budget > BUDGET // 2 else "not cut")

    assert len(ada.received) <= 2 * BUDGET


async def test_control_packets_are_charged_for_what_they_ask(running: Running) -> None:
    _, bob = await pair(running)
    asked = b"".join((17 * number).to_bytes(2, "big") + b"\xff\xff" for number in range(300))
    nacks = bytes((0x81, 205)) + (302).to_bytes(2, "big") + bytes(3) + b"\x01" + bytes(4) + asked

    for number in range(300):
        bob.peer.send_rtcp(nacks)
        if number % 20 == 0:
            await asyncio.sleep(0.001)

    await eventually(lambda: "" if running.engine.counters.over_budget > 100 else "not cut")


async def test_sender_reports_are_passed_on_one_at_a_time(running: Running) -> None:
    ada, bob = await pair(running)
    report = bytes((0x80, 200, 0, 6)) + AUDIO_SSRC.to_bytes(4, "big") + bytes(20)

    def passed_on() -> int:
        return sum(packet[1] == 200 for packet in ada.control)

    bob.peer.send_rtcp(40 * report)
    await handled(running.engine, bob)
    await eventually(lambda: "" if passed_on() else "none was passed on")
    at_once = passed_on()
    while passed_on() == at_once:  # later ones are
        bob.peer.send_rtcp(report)
        await asyncio.sleep(0.01)

    assert at_once == 1


async def test_streams_beyond_what_the_offer_accounts_for_are_refused(running: Running) -> None:
    _, bob = await pair(running)

    for number in range(200):
        bob.peer.send(rtp("audio", 50_000 + number, 1, 0, b"another"))
        if number % 20 == 0:
            await asyncio.sleep(0.001)

    await eventually(
        lambda: (
            ""
            if running.engine.counters.unknown_stream >= 200 - MOST_STREAMS
            else f"{running.engine.counters}"
        )
    )


@pytest.mark.parametrize("how", ["media of no line", "repairs of nothing", "reports"])
async def test_nothing_is_kept_of_ssrcs_beyond_the_bound(running: Running, how: str) -> None:
    _, bob = await pair(running)

    for number in range(200):
        ssrc = 50_000 + number
        if how == "reports":
            bob.peer.send_rtcp(b"\x80\xc9\0\1" + ssrc.to_bytes(4, "big"))
            continue
        packet = rtp("video", ssrc, 1, 0, b"another")
        if how == "repairs of nothing":
            packet[1] = RTX
        packet[16:20] = bytes((MID_ID << 4, ord("1" if packet[1] == RTX else "9"), 0, 0))
        bob.peer.send(packet)
    await handled(running.engine, bob)

    assert running.engine.counters.unknown_stream >= 200 - MOST_STREAMS
    assert len(running.engine._calls["call"].peers["bob"].admitted) == MOST_STREAMS
