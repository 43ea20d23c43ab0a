"""Simulcast: where a layer may begin, and which one a receiver gets."""

from hypothesis import given
from hypothesis import strategies as st

from bench.light_peer import MID_ID, TWCC_ID, rtp
from signaling import rtcp
from signaling.answer import Chosen
from signaling.events import Kind
from signaling.layers import CLEAN_FOR, adapt, choose_layer, key_frame_height
from signaling.rtcp import ReportBlock
from signaling.rtp import RID
from signaling.sdp import Codec
from signaling.slot import Slot
from signaling.stream import Extensions, Feedback
from signaling.track import Track
from tests.signaling.support import Person, Running, enter, eventually, handled


def line() -> Slot:
    codec = Codec(96, "VP8", "VP8", 90_000, 1, (), frozenset())
    chosen = Chosen(codec, None, None, (), ())
    return Slot(Kind.VIDEO, "0", (1, 2), chosen, lambda _packet: None)


def layers() -> list[Track]:
    tracks = []
    for number, height in enumerate((180, 360, 720)):
        track = Track(number, Extensions(), Feedback(), Kind.VIDEO, "VP8")
        track.height = height
        tracks.append(track)
    return tracks


def loss(fraction: int, line: int = 1) -> ReportBlock:
    return ReportBlock(line, fraction, 0, 0, 0, 0, 0)


def test_a_key_frame_of_vp8_says_its_height() -> None:
    plain = b"\x10" + b"\x00\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"
    extended = b"\x90\xe0\x81\x23\x05\x40" + plain[1:]

    assert key_frame_height("VP8", plain, 0, len(plain)) == 360
    assert key_frame_height("VP8", extended, 0, len(extended)) == 360


def test_other_packets_of_vp8_begin_no_key_frame() -> None:
    delta = b"\x10\x01\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"
    later = b"\x00\x00\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"

    assert key_frame_height("VP8", delta, 0, len(delta)) is None
    assert key_frame_height("VP8", later, 0, len(later)) is None


def test_parameter_sets_begin_a_key_frame_of_h264() -> None:
    assert key_frame_height("H264", b"\x67abc", 0, 4) == 0
    assert key_frame_height("H264", b"\x78\x00\x03\x67ab", 0, 6) == 0
    assert key_frame_height("H264", b"\x41abc", 0, 4) is None


@given(st.sampled_from(["VP8", "H264", "VP9"]), st.binary(max_size=40))
def test_no_payload_makes_the_reader_fail(codec: str, payload: bytes) -> None:
    height = key_frame_height(codec, payload, 0, len(payload)) if payload else None

    assert height is None or 0 <= height < 1 << 14


def test_the_largest_layer_is_the_default_and_a_small_picture_gets_a_small_one() -> None:
    tracks, slot = layers(), line()

    assert choose_layer(tracks, slot) is tracks[2]
    slot.shown_height = 200
    assert choose_layer(tracks, slot) is tracks[1]
    slot.shown_height = 2000
    assert choose_layer(tracks, slot) is tracks[2]


def test_a_layer_that_is_not_sent_is_not_chosen() -> None:
    tracks, slot = layers(), line()
    tracks[2].is_sent = False

    assert choose_layer(tracks, slot) is tracks[1]


def test_loss_takes_layers_away_and_ten_clean_seconds_give_one_back() -> None:
    tracks, slot = layers(), line()

    slot.reported = loss(100)
    for _ in range(5):
        adapt(slot, 3)
    assert choose_layer(tracks, slot) is tracks[0]
    slot.reported = loss(0)
    for _ in range(CLEAN_FOR):
        adapt(slot, 3)

    assert choose_layer(tracks, slot) is tracks[1]


LAYERS = {"q": (101, 180), "h": (102, 360), "f": (103, 720)}
RID_ID = 10


def with_layers(offer: str) -> str:
    """The offer of somebody who sends one picture in three sizes."""
    head, _, video = offer.partition("m=video")
    video = "".join(
        line for line in video.splitlines(keepends=True) if not line.startswith("a=ssrc")
    )
    rids = "".join(f"a=rid:{rid} send\r\n" for rid in LAYERS)
    return f"{head}m=video{video}a=extmap:{RID_ID} {RID}\r\n{rids}a=simulcast:send q;h;f\r\n"


class Pictures:
    """Somebody who sends every layer, a frame of one packet at a time."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.number = 0

    def send(self, key: str = "") -> None:
        """The next frame of each layer; of `key` it is one that a decoder can begin with."""
        self.number += 1
        for rid, (ssrc, height) in LAYERS.items():
            begins = rid == key or self.number == 1
            frame = b"\x10" + (b"\0" if begins else b"\1") + b"\0\0\x9d\x01\x2a\0\1"
            packet = rtp("video", ssrc, 100 * height + self.number, self.number * 3000, b"")
            elements = bytes(
                (TWCC_ID << 4 | 1, 0, 0, MID_ID << 4, ord("1"), RID_ID << 4, ord(rid), 0)
            )
            packet[14:] = b"\0\2" + elements + frame + height.to_bytes(2, "little") + rid.encode()
            packet[1] |= 0x80
            self.person.peer.send(packet)

    def asked(self) -> set[int]:
        """The layers of which a key frame was asked for, and nothing since was forgotten."""
        found = {
            int.from_bytes(packet[at + 8 : at + 12], "big")
            for packet in self.person.control
            for kind, format_, at, end in rtcp.packets(packet, len(packet))
            if (kind, format_) == (rtcp.Type.PAYLOAD_FEEDBACK, rtcp.PLI)
        }
        self.person.control.clear()
        return found


async def test_each_receiver_gets_the_layer_that_its_size_and_its_way_allow(
    running: Running,
) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob", offering=with_layers)
    cy = await enter(running, "cy", spares=1)
    pictures = Pictures(bob)

    async def got(person: Person, rid: str) -> None:
        """Wait until somebody gets a layer, of which a key frame must be asked for first."""
        ssrc = LAYERS[rid][0]

        def complaint() -> str:
            pictures.send(key=rid if ssrc in pictures.asked() else "")
            return "" if latest(person) == rid else f"{person.name} gets {latest(person)}"

        await eventually(complaint)

    def latest(person: Person) -> str:
        return chr(person.received[-1][-1]) if person.received else "nothing"

    await got(ada, "f")
    running.engine.show("call", "ada", "bob", 300)
    await got(ada, "h")
    assert latest(cy) == "f"
    (line,) = cy.ssrcs()
    cy.peer.send_rtcp(rtcp.write_receiver_report(1, [loss(64, line)]))
    await got(cy, "h")
    cy.peer.send_rtcp(rtcp.write_receiver_report(1, [loss(0, line)]))
    await handled(running.engine, cy)

    assert latest(ada) == "h"
    for person in (ada, cy):
        numbers = person.numbers()
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(person.ssrcs()) == 1
