"""Whose media each line carries, as people come, go, come back and are silenced."""

import asyncio
import re

import pytest

from bench.light_peer import Identity, LightPeer, Line
from signaling import EngineFull, Kind, PeerDisconnected, Reason, TracksChanged, TrackStopped
from signaling.rtp import U32
from tests.signaling.support import (
    SCREEN_SOUND_SSRC,
    SCREEN_SSRC,
    TALKING,
    Person,
    Running,
    enter,
    eventually,
    handled,
    spare,
)


def streams(answer: str) -> list[str]:
    """The stream ids of an answer's sections, in order."""
    return re.findall(r"a=msid:(\S+) ", answer)


async def heard(listener: Person, speaker: Person, kind: str = "audio") -> bytes:
    """Let `speaker` send until something of it arrives, and return that."""
    before = len(listener.received)
    for _ in range(100):
        speaker.talk(kind)
        await asyncio.sleep(0.005)
        if len(listener.received) > before:
            return listener.received[before]
    raise AssertionError(f"{listener.name} does not hear {speaker.name}")


SCREEN = (
    Line("audio", "sendonly", ssrc=SCREEN_SOUND_SSRC),
    Line("video", "sendonly", ssrc=SCREEN_SSRC),
)


async def asked(running: Running, *names: str, lines: int = 2) -> None:
    """Wait until exactly these are asked for another offer, with so many lines of each kind."""
    wanted = [TracksChanged("call", name, audio=lines, video=lines) for name in names]
    await eventually(lambda: "" if changes(running) else "nobody was asked")
    assert changes(running) == wanted
    running.events.clear()


def changes(running: Running) -> list[TracksChanged]:
    return [event for event in running.events if isinstance(event, TracksChanged)]


async def test_the_first_person_gets_vacant_lines_that_the_second_fills(running: Running) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")

    packet = await heard(ada, bob)

    assert streams(ada.answer) == ["vacant-0", "vacant-0"]
    assert streams(bob.answer) == ["ada", "ada"]
    assert packet.endswith(b"media")


async def test_packets_carry_the_announced_ssrc_and_no_header_extension_of_the_sender(
    running: Running,
) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")

    packet = await heard(ada, bob)

    announced = {int(each) for each in re.findall(r"a=ssrc:(\d+)", ada.answer)}
    assert ada.ssrcs() <= announced
    assert packet[16:24] == bytes(8)


async def test_a_third_person_makes_those_offer_again_who_lack_lines_or_the_name(
    running: Running,
) -> None:
    identity = Identity()
    ada = await enter(running, "ada", identity=identity)
    await enter(running, "bob", spares=1)
    running.events.clear()

    cy = await enter(running, "cy", spares=1)

    await asked(running, "ada", "bob")
    ada.peer.add_lines(spare(1))
    again = running.engine.answer("call", "ada", ada.peer.description(), 2)
    assert streams(again) == ["bob", "bob", "cy", "cy"]
    assert await heard(ada, cy)


async def test_a_screen_has_lines_of_its_own_beside_the_camera(running: Running) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")
    await heard(bob, ada)

    ada.peer.add_lines(list(SCREEN))
    running.engine.answer("call", "ada", ada.peer.description(), 2)
    await asked(running, "bob")
    bob.peer.add_lines(spare(1))
    again = running.engine.answer("call", "bob", bob.peer.description(), 2)

    assert streams(again) == ["ada", "ada", "ada.1", "ada.1"]
    screen = await heard(bob, ada, "screen")
    camera = await heard(bob, ada, "video")
    assert U32.unpack_from(screen, 8) != U32.unpack_from(camera, 8)


async def test_who_comes_while_a_screen_is_shared_is_asked_for_the_lines_they_lack(
    running: Running,
) -> None:
    ada = await enter(running, "ada")
    ada.peer.add_lines(list(SCREEN))
    running.engine.answer("call", "ada", ada.peer.description(), 2)

    await enter(running, "bob")

    await asked(running, "bob")


async def test_who_is_put_on_a_line_that_was_somebody_elses_is_named_anew(
    running: Running,
) -> None:
    await enter(running, "ada")
    bob = await enter(running, "bob")
    assert streams(bob.answer) == ["ada", "ada"]
    running.engine.leave("call", "ada")
    running.events.clear()

    await enter(running, "cy")

    await asked(running, "bob", lines=1)
    again = running.engine.answer("call", "bob", bob.peer.description(), 2)
    assert streams(again) == ["cy", "cy"]


async def test_who_comes_after_somebody_left_takes_the_same_line_and_goes_on_counting(
    running: Running,
) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")
    for _ in range(20):
        await heard(ada, bob)
    last = ada.numbers()[-1]

    running.engine.leave("call", "bob")
    cy = await enter(running, "cy")
    await heard(ada, cy)

    fresh = [number for number in ada.numbers() if number > last]
    assert fresh
    assert fresh[0] == last + 1
    assert len(ada.ssrcs()) == 1


async def test_a_second_device_replaces_the_first_on_everybodys_lines(running: Running) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")
    await heard(ada, bob)

    phone = await enter(running, "bob")

    assert PeerDisconnected("call", "bob", Reason.REPLACED) in running.events
    assert await heard(ada, phone)
    assert await heard(phone, ada)
    before = len(ada.received)
    bob.talk()
    await handled(running.engine, bob)
    assert len(ada.received) == before


async def test_leaving_stops_media_both_ways_at_once(running: Running) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")
    await heard(ada, bob)
    await heard(bob, ada)

    running.engine.leave("call", "bob")
    ada.received.clear()
    bob.received.clear()
    for _ in range(10):
        ada.talk()
        bob.talk()
    await handled(running.engine, ada, bob)

    assert not ada.received
    assert not bob.received
    assert TrackStopped("call", "bob", Kind.AUDIO) in running.events
    assert running.engine.counters.unverified >= 10


async def test_silencing_holds_through_a_reconnection_and_ends_on_command(
    running: Running,
) -> None:
    ada = await enter(running, "ada")
    await enter(running, "bob")
    running.engine.silence("call", "bob", Kind.AUDIO, silent=True)

    bob = await enter(running, "bob")
    for _ in range(10):
        bob.talk()
    await handled(running.engine, bob)

    assert not ada.received
    assert await heard(ada, bob, "video")
    running.engine.silence("call", "bob", Kind.AUDIO, silent=False)
    assert await heard(ada, bob)


async def test_a_screen_is_silenced_apart_from_the_camera(running: Running) -> None:
    ada = await enter(running, "ada", spares=1)
    bob = await enter(running, "bob")
    bob.peer.add_lines(list(SCREEN))
    running.engine.answer("call", "bob", bob.peer.description(), 2)
    await heard(ada, bob, "screen")
    camera = await heard(ada, bob, "video")

    running.engine.silence("call", "bob", Kind.VIDEO, number=1, silent=True)
    ada.received.clear()
    for _ in range(10):
        bob.talk("screen")
        await heard(ada, bob, "video")

    assert ada.ssrcs() == {U32.unpack_from(camera, 8)[0]}


async def test_who_may_only_receive_is_answered_so_and_not_heard(running: Running) -> None:
    ada = await enter(running, "ada")
    cy = LightPeer(Identity(), list(TALKING))
    running.peers.append(cy)
    answer = running.engine.answer("call", "cy", cy.description(), 1, sends=False)
    watcher = Person("cy", cy, answer)
    cy.on_rtp = lambda packet: watcher.received.append(bytes(packet))
    await cy.connect(answer)

    for kind in ("audio", "video"):
        assert await heard(watcher, ada, kind)
        for _ in range(10):
            watcher.talk(kind)
            await heard(watcher, ada, kind)

    assert not ada.received
    assert re.findall(r"a=(sendrecv|recvonly|sendonly|inactive)", answer) == ["sendonly"] * 2


async def test_nobody_sends_more_lines_than_a_camera_and_a_screen_have(running: Running) -> None:
    await enter(running, "ada")
    many = LightPeer(Identity(), [Line(kind) for _ in range(30) for kind in ("audio", "video")])
    running.peers.append(many)
    answer = running.engine.answer("call", "cy", many.description(), 1)

    answered = re.findall(r"a=(sendrecv|recvonly|sendonly|inactive)", answer)
    await asked(running, "ada")
    assert answered == ["sendrecv"] * 4 + ["sendonly"] * 56


async def test_a_full_call_refuses_and_stays_as_it_was(running: Running) -> None:
    for number in range(16):
        await enter(running, f"person-{number}")

    with pytest.raises(EngineFull):
        await enter(running, "one-too-many")

    assert running.engine.peers == 16


async def test_ending_a_call_leaves_nothing_of_it(running: Running) -> None:
    await enter(running, "ada")
    await enter(running, "bob")

    running.engine.end("call")

    assert running.engine.peers == 0
    ended = {each for each in running.events if isinstance(each, PeerDisconnected)}
    await eventually(
        lambda: (
            ""
            if {PeerDisconnected("call", name, Reason.LEFT) for name in ("ada", "bob")}
            <= {each for each in running.events if isinstance(each, PeerDisconnected)}
            else f"only {ended}"
        )
    )
