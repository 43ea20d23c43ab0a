"""What strangers and misbehaving participants can send, and that calls go on."""

import asyncio
import random
import secrets
import socket

import pytest

from bench.light_peer import Identity, LightPeer, rtp
from signaling import PeerConnected, PeerDisconnected, Reason
from signaling.adapter import BindingRequest
from signaling.connection import CHECKS_PER_SECOND
from signaling.engine import REPORT_EVERY
from signaling.slot import no_route
from tests.signaling.support import (
    AUDIO_SSRC,
    TALKING,
    Running,
    enter,
    eventually,
    handled,
    pair,
    running_engine,
)
from tests.support.counts import count

FORGED = count(10, full=100)
GARBAGE = count(50_000, full=1_000_000)


def stranger(running: Running) -> socket.socket:
    """A socket that knows where the engine is, and nothing else."""
    outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    outside.connect(("127.0.0.1", running.engine.port))
    outside.setblocking(False)
    return outside


def answered(outside: socket.socket) -> bool:
    try:
        return bool(outside.recv(2048))
    except BlockingIOError:
        return False


@pytest.mark.timeout(600)
async def test_garbage_of_every_kind_and_length_from_any_address_is_dropped_and_never_answered(
    running: Running,
) -> None:
    ada, bob = await pair(running)
    random_ = random.Random(20)

    with stranger(running) as outside:
        for number in range(GARBAGE):
            size = random_.randrange(0, 1600)
            first = bytes((number & 0xFF,)) if size else b""
            garbage = first + random_.randbytes(max(0, size - 1))
            # A sender's address can be forged: half of it seems to come from one of the two.
            if number & 0x100:
                bob.peer.send_raw(garbage)
            else:
                outside.send(garbage)
            if number % 200 == 0:
                ada.talk()
                bob.talk()
                sent = number // 200 + 1
                await eventually(lambda sent=sent: "" if len(ada.received) == sent else "lost")  # type: ignore[misc]
        assert not answered(outside)
    before = bob.peer.checks_answered
    bob.peer.send_raw(bob.peer.check())
    await eventually(lambda: "" if bob.peer.checks_answered > before else "bob is not answered")

    counters = running.engine.counters
    assert counters.unknown_kind > GARBAGE // 4
    assert counters.unverified > GARBAGE // 8
    assert counters.srtp_rejected + counters.unknown_stream > GARBAGE // 16
    assert counters.stun_malformed > 0
    assert counters.faults == 0


async def test_a_check_with_a_wrong_password_or_user_gets_no_answer(running: Running) -> None:
    ada, _ = await pair(running)
    forged = LightPeer(Identity(), list(TALKING))
    running.peers.append(forged)
    forged.read_remote(ada.answer)
    forged.remote_password = "guessed"

    forged.send_raw(forged.check())
    forged.remote_ufrag = "nobody"
    forged.send_raw(forged.check())
    await eventually(lambda: "" if running.engine.counters.stun_unknown_user else "not arrived yet")

    assert running.engine.counters.stun_bad_integrity == 1
    assert forged.checks_answered == 0


async def test_a_stolen_check_from_another_address_moves_no_media(running: Running) -> None:
    ada, bob = await pair(running)
    stolen = ada.peer.check(nominate=True)

    with stranger(running) as thief:
        for _ in range(20):
            thief.send(stolen)
            bob.talk()
            await asyncio.sleep(0.005)
        await eventually(lambda: "" if len(ada.received) == 20 else f"{len(ada.received)} of 20")

        sizes = []
        while True:
            try:
                sizes.append(len(thief.recv(2048)))
            except BlockingIOError:
                break
    # Only answers to the checks: they are no larger than what was sent for them.
    assert len(sizes) <= 20
    assert max(sizes) <= len(stolen)


async def test_media_moves_when_something_encrypted_comes_from_the_new_address(
    running: Running,
) -> None:
    ada, bob = await pair(running)
    peer = ada.peer
    old, port = peer.socket, running.engine.port
    check, packet = peer.check(), bytes(peer.encrypt(rtp("audio", AUDIO_SSRC, 50, 0, b"moved")))

    with stranger(running) as new:
        new.send(check)
        await eventually(lambda: "" if answered(new) else "the check is not answered")
        new.send(packet)
        await eventually(
            lambda: "" if b"moved" in b"".join(bob.received) else "the packet did not count"
        )
        bob.talk()

        await eventually(lambda: "" if answered(new) else "media did not move")
    assert old.getsockname()[1] != port
    assert not ada.received


async def test_a_replayed_packet_from_another_address_moves_nothing(running: Running) -> None:
    ada, bob = await pair(running)
    packet = bytes(ada.peer.encrypt(rtp("audio", AUDIO_SSRC, 50, 0, b"once")))
    ada.peer.send_raw(packet)
    await eventually(lambda: "" if bob.received else "bob hears nothing")

    with stranger(running) as thief:
        thief.send(ada.peer.check())
        await eventually(lambda: "" if answered(thief) else "the check is not answered")
        thief.send(packet)
        bob.talk()

        await eventually(lambda: "" if ada.received else "media moved to the thief")
        assert not answered(thief)
    assert running.engine.counters.srtp_rejected >= 1


async def test_a_nominated_address_takes_over_after_two_seconds_of_silence_and_not_before(
    running: Running,
) -> None:
    ada, _ = await pair(running)
    connection = running.engine._calls["call"].peers["ada"].connection
    nominating = BindingRequest.parse(ada.peer.check(nominate=True))
    plain = BindingRequest.parse(ada.peer.check(nominate=False))
    old, new = connection.path, ("127.0.0.1", 9)
    assert nominating and plain and old  # noqa: PT018 - for the type checker
    silent = old.heard + 2_000_000_000

    connection.checked(nominating, new, no_route, silent)
    connection.checked(plain, new, no_route, silent + 1)
    assert connection.path is old

    connection.checked(nominating, new, no_route, silent + 1)
    assert connection.path is connection.paths[new]


@pytest.mark.timeout(300)
async def test_forged_hellos_from_a_persons_address_do_not_keep_them_from_connecting(
    running: Running,
) -> None:
    async def forge(victim: LightPeer) -> None:
        head = b"\x16\xfe\xfd" + bytes(8) + b"\0\xbb\1" + bytes(13)
        while True:
            victim.send_raw(head + secrets.token_bytes(32) + bytes(141))
            await asyncio.sleep(0.002)

    for number in range(FORGED):
        victim = LightPeer(Identity(), list(TALKING))
        running.peers.append(victim)
        answer = running.engine.answer("call", f"person-{number % 4}", victim.description(), 1)
        victim.read_remote(answer)
        victim.send_raw(victim.check())
        await eventually(lambda victim=victim: "" if victim.checks_answered else "no answer")  # type: ignore[misc]
        forging = asyncio.create_task(forge(victim))
        (path,) = running.engine._port.users[victim.remote_ufrag].connection.paths.values()
        await eventually(lambda path=path: "too few hellos" if path.hellos_left > 0 else "")  # type: ignore[misc]

        await victim.connect()

        forging.cancel()
        await asyncio.gather(forging, return_exceptions=True)

    assert running.engine.counters.faults == 0


async def test_a_browser_that_starts_anew_with_the_same_certificate_is_connected_again(
    running: Running,
) -> None:
    identity = Identity()
    ada = await enter(running, "ada")
    await enter(running, "bob", identity=identity)

    bob = await enter(running, "bob", identity=identity, generation=2)
    bob.talk()

    await eventually(lambda: "" if ada.received else "ada hears nothing")
    assert running.events.count(PeerConnected("call", "bob")) == 2


async def test_a_certificate_that_the_offer_does_not_pin_is_refused(running: Running) -> None:
    honest, thief = Identity(), LightPeer(Identity(), list(TALKING))
    running.peers.append(thief)
    offer = thief.description().replace(thief.identity.fingerprint.value, honest.fingerprint.value)
    answer = running.engine.answer("call", "ada", offer, 1)
    thief.read_remote(answer)

    connecting = asyncio.create_task(thief.connect())
    await eventually(lambda: "" if running.engine.counters.handshakes_failed else "nothing refused")

    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    assert PeerConnected("call", "ada") not in running.events


async def test_junk_from_a_persons_own_address_does_not_keep_their_checks_from_being_answered(
    running: Running,
) -> None:
    _, bob = await pair(running)
    before = bob.peer.checks_answered
    forged = LightPeer(Identity(), list(TALKING))
    running.peers.append(forged)
    forged.read_remote(bob.answer)
    forged.remote_password = "guessed"

    for _ in range(CHECKS_PER_SECOND):
        bob.peer.send_raw(b"\0\1" + bytes(18))
        bob.peer.send_raw(forged.check())
    bob.peer.send_raw(bob.peer.check())

    await eventually(lambda: "" if bob.peer.checks_answered > before else "no answer")


async def test_authentic_junk_is_forwarded_or_dropped_and_raises_nothing(
    running: Running,
) -> None:
    ada, bob = await pair(running)
    random_ = random.Random(23)

    for number in range(500):
        packet = rtp("video", 2000, number, 0, random_.randbytes(random_.randrange(0, 900)))
        packet[0] = random_.choice([0x80, 0x90, 0xA0, 0xB0, 0x8F])
        packet[12:16] = random_.randbytes(4) if number % 2 else bytes(packet[12:16])
        packet[14:16] = random_.randrange(0, 6).to_bytes(2, "big")
        if len(packet) > 12 + 4 * 15 + 4 + 24:
            bob.peer.send(packet)
        bob.peer.send_rtcp(
            bytes((0x80 | random_.randrange(32), random_.choice([200, 201, 205, 206])))
            + (1).to_bytes(2, "big")
            + random_.randbytes(4)
        )
        if number % 20 == 0:
            await asyncio.sleep(0.001)
    ada.received.clear()
    bob.talk()

    await eventually(lambda: "" if ada.received else "the call has ended")


async def test_who_falls_silent_is_sent_nothing_until_they_come_back() -> None:
    gone, back = PeerDisconnected("call", "ada", Reason.SILENT), PeerConnected("call", "ada")
    async with running_engine(silent_after=0.3) as running:
        ada, bob = await pair(running)
        ada.talk()

        def missing(complaint: str, *, when: bool) -> str:
            bob.talk()
            return complaint if when else ""

        running.events.clear()
        await eventually(lambda: missing("ada is not missed", when=gone not in running.events))
        await handled(running.engine, bob)
        ada.received.clear()
        ada.control.clear()
        second = running.engine._rounds + REPORT_EVERY
        await eventually(lambda: missing("not a second yet", when=running.engine._rounds <= second))
        await handled(running.engine, bob)
        assert not ada.received
        assert not ada.control

        ada.talk()

        await eventually(lambda: missing("ada is not back", when=back not in running.events))
        await eventually(lambda: missing("ada hears nothing", when=not ada.received))
