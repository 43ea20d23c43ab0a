"""One person in a call: what they publish, the lines on which they receive, and their packets.

`port` calls `receive` for each datagram, `control` deals with RTCP, `connection` with addresses
and keys, and `call` decides whose media each line carries.
"""

from secrets import randbits
from time import monotonic_ns
from typing import TYPE_CHECKING, Final, Protocol

from signaling import rtcp
from signaling.adapter import SrtpKeys, protect_rtcp, unprotect, unprotect_rtcp
from signaling.connection import Connection, Path
from signaling.control import read_control
from signaling.counters import Counters
from signaling.downlink import Downlink
from signaling.events import Kind, Reason
from signaling.publication import Publication
from signaling.rtp import (
    MID,
    REPAIRED_RID,
    RID,
    U32,
    extensions,
    read_head,
)
from signaling.sdp import Offer
from signaling.slot import Slot
from signaling.stream import Feedback, Packets, Stream
from signaling.track import Repair, Track

if TYPE_CHECKING:
    from signaling.adapter import Identity

MOST_STREAMS: Final = 64
"""SSRCs, of media and of reports, that libsrtp keeps a context for in the life of a connection. A
shared screen takes two, each time it begins."""
BUDGET: Final = 2_500
"""Authentic packets per second from one person: simulcast with sound needs about 900."""
CONTROL_SHARE: Final = 32
"""Bytes of a control packet that count as one packet of the budget: they can ask for 136 lost
packets, and looking for those is about as much work as passing one on."""
FLOOD: Final = 20_000
"""Forged datagrams per second from one person's addresses after which none is decrypted."""


class PeerEvents(Protocol):
    """What a peer tells its call."""

    def peer_connected(self, peer: "Peer") -> None: ...
    def peer_failed(self, peer: "Peer", reason: Reason) -> None: ...
    def track_started(self, peer: "Peer", publication: Publication) -> None: ...


class Peer:
    """A connection and the streams on it."""

    def __init__(
        self,
        id_: str,
        offer: Offer,
        events: PeerEvents,
        packets: Packets,
        counters: Counters,
        identity: "Identity",
    ) -> None:
        now = monotonic_ns()
        self.id = id_
        self.offer = offer
        self.generation = 0
        self.answers = 0
        self.session_id = randbits(62)
        self.born = now
        self.connection = Connection(self, identity, offer.fingerprints, now)
        self.publications: list[Publication] = []
        self.slots: list[Slot] = []
        self.slot_by_ssrc: dict[int, Slot] = {}
        self.streams: dict[int, Stream] = {}
        """By SSRC: the tracks and their retransmissions."""
        self.tracks: list[Track] = []
        self.feedback = Feedback()
        self.downlink = Downlink()
        self.control_ssrc = randbits(32)
        """Our SSRC in the reports we write."""
        self.is_connected = False
        self.is_silent = False
        """Whether the caller has been told that nothing comes from this person."""
        self.admitted: set[int] = set()
        """The SSRCs of which something authentic has come."""
        self.receivable_bitrate: int | None = None
        """Bits per second that the browser says it can receive (REMB)."""
        self._events = events
        self._packets = packets
        self._counters = counters
        self._receive_session: object = None
        self._send_session: object = None
        self._path: Path | None = None
        self._left, self._rejected = BUDGET, 0
        """In this second: authentic packets that may still come, and other datagrams that came."""

    @property
    def heard(self) -> int:
        """When something authentic last came from this person (ns)."""
        path = self._path
        return self.connection.heard if path is None else max(self.connection.heard, path.heard)

    # --------------------------------------------------------------------------- packets, in

    def receive(self, size: int, path: Path) -> None:
        """Take the SRTP or SRTCP datagram in the receive buffer."""
        if self._left <= 0:
            self._counters.over_budget += 1
            return
        buffer = self._packets.received
        head = read_head(buffer.view)
        # A control packet has ciphertext where media has its SSRC, so no stream is found for it.
        stream = self.streams.get(head[4])
        if stream is None and not self._is_expected(head[1], size, path):
            return
        length = buffer.length
        length[0] = size
        if unprotect(self._receive_session, buffer.pointer, length):
            self._reject()
            return
        self._left -= 1
        path.heard = now = monotonic_ns()
        if path is not self._path:
            self.connection.proved(path, now)
        stream = stream or self._begin(length[0])
        if stream is not None and stream.receive(self._packets, head, length[0], now):
            self._ask_again(stream)

    def _is_expected(self, kind: int, size: int, path: Path) -> bool:
        """Whether the packet received, of no stream so far, is media worth decrypting."""
        if self._receive_session is None:
            self._reject()
        elif 191 < kind < 224:
            self._receive_control(size, path)
        elif self._may_begin():
            return True
        else:
            self._counters.unknown_stream += 1
        return False

    def _receive_control(self, size: int, path: Path) -> None:
        buffer = self._packets.received
        ssrc = int(U32.unpack_from(buffer.view, 4)[0])
        if not self._admits(ssrc):
            self._counters.unknown_stream += 1
            return
        buffer.length[0] = size
        if unprotect_rtcp(self._receive_session, buffer.pointer, buffer.length):
            self._reject()
            return
        self.admitted.add(ssrc)
        self._left -= 1 + size // CONTROL_SHARE
        path.heard = now = monotonic_ns()
        if path is not self._path:
            self.connection.proved(path, now)
        read_control(self, self._packets, buffer.length[0], now)

    def _reject(self) -> None:
        """Count what is not authentic; of a flood of it, not even decrypt the rest."""
        self._counters.srtp_rejected += 1
        self._rejected += 1
        if self._rejected > FLOOD:
            self._left = 0

    def refill(self) -> None:
        """Once a second: what may come from this person again."""
        self._left, self._rejected = BUDGET, 0
        for path in self.connection.paths.values():
            path.refill()

    def _may_begin(self) -> bool:
        """Whether the packet received, of an unknown SSRC, is worth decrypting."""
        view = self._packets.received.view
        kind = view[1] & 0x7F
        return self._admits(int(U32.unpack_from(view, 8)[0])) and any(
            kind in each.types or each.repairs(kind) for each in self.publications
        )

    def _admits(self, ssrc: int) -> bool:
        """Whether libsrtp knows an SSRC, or may come to know it."""
        return len(self.admitted) < MOST_STREAMS or ssrc in self.admitted

    def _begin(self, size: int) -> Stream | None:
        """The stream of an authentic packet that is the first of its SSRC."""
        view = self._packets.received.view
        ssrc = int(U32.unpack_from(view, 8)[0])
        self.admitted.add(ssrc)
        kind = view[1] & 0x7F
        publication = self._publication_of(ssrc, kind, size)
        if publication is None:
            self._counters.unknown_stream += 1
            return None
        repairs = publication.repairs(kind)
        rids = publication.medium.send_rids
        rid = self._element(size, REPAIRED_RID if repairs else RID) if rids else ""
        if repairs:
            return self._begin_repair(ssrc, publication, rid)
        if rids and rid not in rids:
            self._counters.unknown_stream += 1
            return None
        layer_of = publication.chosen.main.name if rids else ""
        track = Track(
            ssrc,
            publication.ids,
            self.feedback,
            publication.kind,
            layer_of=layer_of,
            silenced=publication.silenced,
            may_ask="nack" in publication.chosen.feedback,
        )
        if rid in publication.tracks:
            self._drop(publication.tracks[rid], monotonic_ns())
        publication.tracks[rid or ""] = self.streams[ssrc] = track
        self.tracks.append(track)
        self._events.track_started(self, publication)
        return track

    def _begin_repair(self, ssrc: int, publication: Publication, rid: str | None) -> Stream | None:
        track = publication.tracks.get(rid or "")
        if track is None:
            self._counters.unknown_stream += 1
            return None
        payload_type = publication.chosen.main.payload_type
        repair = Repair(ssrc, publication.ids, self.feedback, track, payload_type)
        self.streams[ssrc] = repair
        return repair

    def _publication_of(self, ssrc: int, kind: int, size: int) -> Publication | None:
        """By the offer's SSRCs, by mid, or by payload type where it leaves one line (RFC 9143)."""
        for each in self.publications:
            if ssrc in each.medium.ssrcs or any(
                ssrc == repair for repair, _ in each.medium.retransmits
            ):
                return each
        mid = self._element(size, MID)
        if mid is not None:
            return next((each for each in self.publications if each.medium.mid == mid), None)
        able = [each for each in self.publications if kind in each.types or each.repairs(kind)]
        return able[0] if len(able) == 1 else None

    def _element(self, size: int, uri: str) -> str | None:
        """The text of a header extension of the received packet."""
        view = self._packets.received.view
        ids = {each.chosen.extension(uri) for each in self.publications} - {0}
        for id_, at, length in extensions(view, size):
            if id_ in ids:
                return bytes(view[at : at + length]).decode("ascii", "replace")
        return None

    # -------------------------------------------------------------------------- packets, out

    def send_control(self, packet: bytes) -> None:
        """Encrypt an RTCP packet and send it; not before the handshake, nor to who is silent."""
        if self._path is None or self._send_session is None or self.is_silent:
            return
        scratch, size = self._packets.scratch, len(packet)
        scratch.view[:size] = packet
        scratch.length[0] = size
        if protect_rtcp(self._send_session, scratch.pointer, scratch.length) == 0:
            self._path.send_now(scratch.view[: scratch.length[0]])

    def _ask_again(self, stream: Stream) -> None:
        if isinstance(stream, Track):
            lost, stream.unasked = stream.unasked, []
            if stream.may_ask:
                self.send_control(rtcp.write_nack(self.control_ssrc, stream.ssrc, lost))

    # --------------------------------------------------------------------------- publications

    def publication(self, kind: Kind, number: int) -> Publication | None:
        """The line of a kind on which this person sends, and the how-manieth."""
        wanted = kind, number
        return next(
            (each for each in self.publications if (each.kind, each.number) == wanted), None
        )

    def take_loudness(self) -> int | None:
        """The level of what others hear of this person (-dBov) since the last call.

        None when nothing is to be heard.
        """
        levels = [
            track.take_level()
            for each in self.publications
            if each.kind is Kind.AUDIO and not each.silenced
            for track in each.tracks.values()
        ]
        return min(levels, default=None)

    # ------------------------------------------------------------- what the connection reports

    def moved(self, path: Path) -> None:
        """Media goes to `path` from now on."""
        self._path = path
        for slot in self.slots:
            slot.address, slot.send = path.address, path.send

    def connected(self, keys: SrtpKeys) -> None:
        """The handshake is done: media can flow."""
        self._receive_session, self._send_session = keys.receive, keys.send
        self.admitted.clear()
        for slot in self.slots:
            slot.session = keys.send
        self.is_connected, self.is_silent = True, False
        self._events.peer_connected(self)

    def closed_by_browser(self) -> None:
        """DTLS close_notify came: whoever it was is gone, and may come back with new keys."""
        self.is_connected = False
        self.is_silent = True
        self.stop_receiving(monotonic_ns())
        self._events.peer_failed(self, Reason.CLOSED)

    def stop_receiving(self, now: int) -> None:
        """Send this person nothing more, for nobody consents to it (RFC 7675)."""
        for slot in self.slots:
            slot.detach(now)

    @property
    def can_receive(self) -> bool:
        """Whether there is somebody to send to."""
        return self.is_connected and not self.is_silent

    def handshake_failed(self) -> None:
        """A handshake broke off, or had the wrong certificate; the next hello begins anew."""
        self._counters.handshakes_failed += 1

    def open_slot(self, slot: Slot) -> None:
        """Give a new line what it needs to send."""
        self.slots.append(slot)
        self.slot_by_ssrc[slot.ssrc] = slot
        slot.session = self._send_session
        if self._path is not None:
            slot.address, slot.send = self._path.address, self._path.send

    def close_slot(self, slot: Slot, now: int) -> None:
        """The line is gone from the offer."""
        slot.detach(now)
        self.slots.remove(slot)
        del self.slot_by_ssrc[slot.ssrc]

    def close(self, now: int) -> None:
        """Stop everything at once; nothing is sent to or taken from this person afterwards."""
        self.is_connected = False
        self._receive_session = None
        self.stop_receiving(now)
        for publication in self.publications:
            self.withdraw(publication, now)
        self.publications = []
        self.streams.clear()
        self.tracks.clear()
        self.connection.close()
        self._send_session = None

    def withdraw(self, publication: Publication, now: int) -> None:
        """Stop what is published on a line."""
        for track in publication.tracks.values():
            self._drop(track, now)
        publication.tracks = {}

    def _drop(self, track: Track, now: int) -> None:
        for slot in track.receivers:
            slot.detach(now)
        self.tracks.remove(track)
        self.streams = {
            ssrc: each
            for ssrc, each in self.streams.items()
            if each is not track and not (isinstance(each, Repair) and each.track is track)
        }
