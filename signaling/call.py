"""One call: who is in it, and whose media each line of each person carries.

A browser offers its lines before anybody knows who else will come. So every line on which it can
receive is answered as a sending one at once, with an SSRC of its own, and stands *vacant* under
the stream id `vacant-<rank>` until somebody is put on it; packets then simply begin to flow, and
two people never need a second offer. Lines of equal rank (first audio and first video, second and
second...) carry the same person, so that sound and picture are one stream and stay together. In the
next answer the stream id is the id of the person, or `<person>.<n>` for their further lines of the
kind: a shared screen. When somebody publishes more than a receiver has lines for, or a line
carries somebody else than the receiver was told, it is asked to offer again (`TracksChanged`).
"""

from collections import Counter
from collections.abc import Callable
from random import getrandbits
from time import monotonic_ns

from signaling.answer import AnsweredMedium, Chosen, Sending, choose, choose_video, video_codecs
from signaling.events import (
    ActiveSpeakerChanged,
    EngineEvent,
    InvalidSdp,
    Kind,
    PeerConnected,
    PeerDisconnected,
    Reason,
    TracksChanged,
    TrackStarted,
    TrackStopped,
)
from signaling.layers import adapt, choose_layer
from signaling.peer import Peer
from signaling.publication import Publication
from signaling.sdp import Offer
from signaling.slot import VACANT, Slot
from signaling.speaker import ActiveSpeaker
from signaling.track import KEY_FRAME_EVERY

_Taken = list[Chosen | None]


class Call:
    """The people of one call and the routes between them."""

    def __init__(self, id_: str, emit: Callable[[EngineEvent], None]) -> None:
        self.id = id_
        self.peers: dict[str, Peer] = {}
        self.video_codec: str | None = None
        self.silenced: set[tuple[str, Kind, int]] = set()
        """What the server keeps from everybody: it outlasts reconnections."""
        self._emit = emit
        self._ssrcs: set[int] = set()
        self._speaker = ActiveSpeaker()

    # ------------------------------------------------------------------------------- offers

    def plan(self, peer_id: str, offer: Offer) -> tuple[str, _Taken]:
        """The video codec and what would be taken up; changes nothing. Raises InvalidSdp."""
        able = [video_codecs(each.offer) for id_, each in self.peers.items() if id_ != peer_id]
        codec = choose_video([*able, video_codecs(offer)], self.video_codec)
        taken = [choose(medium, codec) for medium in offer.media]
        if not any(taken):
            raise InvalidSdp("The offer has no codec that can be used (Opus; VP8 or H.264).")
        return codec, taken

    def take(self, peer: Peer, offer: Offer, codec: str, taken: _Taken) -> list[AnsweredMedium]:
        """Put a planned offer into effect, and say how each section is answered."""
        now = monotonic_ns()
        self._use(codec, self._others(peer))
        self.peers[peer.id] = peer
        peer.offer = offer
        self._publish(peer, taken, now)
        self._open_slots(peer, taken, now)
        self._assign(peer, now)
        if self._lacks_lines(peer):
            self._ask_for_offer(peer)
        for other in self._others(peer):
            if not self._assign(other, now) or self._is_misinformed(other):
                self._ask_for_offer(other)
        for slot in peer.slots:
            slot.told = slot.stream
        by_mid = {slot.mid: slot for slot in peer.slots}
        return [
            AnsweredMedium(medium, chosen, _sending(by_mid.get(medium.mid)))
            for medium, chosen in zip(offer.media, taken, strict=True)
        ]

    def _use(self, codec: str, others: list[Peer]) -> None:
        """From now on this is the call's video codec; these others have to agree on it anew."""
        before, self.video_codec = self.video_codec, codec
        if before not in (None, codec):
            for other in others:
                self._ask_for_offer(other)

    def _ask_for_offer(self, peer: Peer) -> None:
        needed = self._needed(peer)
        self._emit(TracksChanged(self.id, peer.id, needed[Kind.AUDIO], needed[Kind.VIDEO]))

    def _needed(self, peer: Peer) -> Counter[Kind]:
        """How many lines it takes to receive everybody else."""
        return Counter(each.kind for other in self._others(peer) for each in other.publications)

    def _lacks_lines(self, peer: Peer) -> bool:
        """Whether the last offer had too few; what it had and cannot be used counts as well."""
        offered = Counter(each.kind for each in peer.offer.media if each.direction.receives)
        return any(offered[kind] < needed for kind, needed in self._needed(peer).items())

    def _is_misinformed(self, peer: Peer) -> bool:
        """Whether a line carries somebody else than the last answer said.

        With one other person in the call, a vacant first line can only be theirs.
        """
        for_two = len(self.peers) == 2
        return any(
            slot.source is not None
            and slot.told != slot.stream
            and not (for_two and slot.source[1] == 0 and slot.told.startswith(VACANT))
            for slot in peer.slots
        )

    def _publish(self, peer: Peer, taken: _Taken, now: int) -> None:
        before = {each.medium.mid: each for each in peer.publications}
        counts = dict.fromkeys(Kind, 0)
        current: list[Publication] = []
        for medium, chosen in zip(peer.offer.media, taken, strict=True):
            if chosen is None or not medium.direction.sends:
                continue
            kind = medium.media_kind
            publication = Publication.of(counts[kind], medium, chosen)
            counts[kind] += 1
            same = before.pop(medium.mid, None)
            if same is not None and same.number == publication.number:
                publication.tracks = same.tracks
            elif same is not None:
                before[medium.mid] = same
            publication.silenced = (peer.id, kind, publication.number) in self.silenced
            current.append(publication)
        peer.publications = current
        for gone in before.values():
            self._withdraw(peer, gone, now)

    def _withdraw(self, peer: Peer, publication: Publication, now: int) -> None:
        if publication.tracks:
            peer.withdraw(publication, now)
            self._emit(TrackStopped(self.id, peer.id, publication.kind))

    def _open_slots(self, peer: Peer, taken: _Taken, now: int) -> None:
        before = {slot.mid: slot for slot in peer.slots}
        ranks = dict.fromkeys(Kind, 0)
        for medium, chosen in zip(peer.offer.media, taken, strict=True):
            if chosen is None or not medium.direction.receives:
                continue
            kind = medium.media_kind
            slot = before.get(medium.mid)
            if slot is not None and slot.kind is kind:
                del before[medium.mid]
            else:
                ssrcs = self._new_ssrc(), self._new_ssrc()
                slot = Slot(kind, medium.mid, ssrcs, chosen, peer.send_control)
                peer.open_slot(slot)
            slot.rank = ranks[kind]
            slot.chosen = chosen
            ranks[kind] += 1
        for slot in before.values():
            peer.close_slot(slot, now)
            self._ssrcs -= {slot.ssrc, slot.repair_ssrc}

    def _new_ssrc(self) -> int:
        """Unique in the call, so that no receiver meets one twice."""
        while (ssrc := getrandbits(32)) in self._ssrcs or ssrc == 0:
            continue
        self._ssrcs.add(ssrc)
        return ssrc

    # ------------------------------------------------------------------------------- routes

    def _others(self, peer: Peer) -> list[Peer]:
        return [each for each in self.peers.values() if each.id != peer.id]

    def _assign(self, receiver: Peer, now: int) -> bool:
        """Put everybody else's media on the receiver's lines; whether there were enough."""
        wanted = {
            (other.id, each.number, each.kind): each
            for other in self._others(receiver)
            for each in other.publications
        }
        for slot in receiver.slots:
            if slot.source is not None and (*slot.source, slot.kind) not in wanted:
                slot.detach(now)
                slot.source = None
        enough = True
        for peer_id, number, kind in wanted:
            source = peer_id, number
            if not any(slot.source == source and slot.kind is kind for slot in receiver.slots):
                vacant = _vacant(receiver, source, kind)
                if vacant is None:
                    enough = False
                else:
                    vacant.source = source
        for slot in receiver.slots:
            self._link(receiver, slot, now)
        return enough

    def _link(self, receiver: Peer, slot: Slot, now: int) -> None:
        """Let a line receive the track of its source, when both sides are there."""
        publication = self._source_of(slot)
        if publication is None or not publication.tracks or not receiver.can_receive:
            return
        theirs, ours = publication.chosen, slot.chosen
        if theirs.main.name != ours.main.name:  # the call changes its codec: one has offered anew
            slot.detach(now)
            return
        slot.translate(
            _payload_types(theirs, ours),
            repair_type=ours.retransmission.payload_type if ours.retransmission else 0,
        )
        layers = publication.layers
        track = choose_layer(layers, slot)
        for layer in layers:
            if layer is not track:
                layer.cancel_switch(slot)
        if track is None or slot.track is track:
            return
        if slot.track in layers:
            track.switch(slot)
            return
        slot.detach(now)
        track.add(slot)
        track.key_frame_wanted = True
        if now - track.key_frame_asked > KEY_FRAME_EVERY // 4:
            track.key_frame_asked = now - KEY_FRAME_EVERY

    def _source_of(self, slot: Slot) -> Publication | None:
        if slot.source is None or (peer := self.peers.get(slot.source[0])) is None:
            return None
        return peer.publication(slot.kind, slot.source[1])

    # --------------------------------------------------------------- what the peers report

    def peer_connected(self, peer: Peer) -> None:
        """Media can flow to and from a person."""
        now = monotonic_ns()
        for slot in peer.slots:
            self._link(peer, slot, now)
        self._emit(PeerConnected(self.id, peer.id))

    def peer_failed(self, peer: Peer, reason: Reason) -> None:
        """Media of a person does not flow (any more)."""
        self._emit(PeerDisconnected(self.id, peer.id, reason))

    def fell_silent(self, peer: Peer, now: int) -> None:
        """Nothing comes from a person any more: nothing goes there until something does."""
        peer.is_silent = True
        peer.stop_receiving(now)
        self._emit(PeerDisconnected(self.id, peer.id, Reason.SILENT))

    def came_back(self, peer: Peer) -> None:
        """Something authentic has come from a person who was silent."""
        peer.is_silent = False
        self.peer_connected(peer)

    def track_started(self, peer: Peer, publication: Publication) -> None:
        """The first packet of a track has come: receivers are linked before it is passed on."""
        now = monotonic_ns()
        for other in self._others(peer):
            for slot in other.slots:
                if slot.source == (peer.id, publication.number) and slot.kind is publication.kind:
                    self._link(other, slot, now)
        if len(publication.tracks) == 1:
            self._emit(TrackStarted(self.id, peer.id, publication.kind))

    # ---------------------------------------------------------------------------- departures

    def remove(self, peer: Peer, reason: Reason) -> None:
        """Media from and to this person stops before this returns."""
        now = monotonic_ns()
        for publication in peer.publications:
            self._withdraw(peer, publication, now)
        peer.close(now)
        self._ssrcs -= {ssrc for slot in peer.slots for ssrc in (slot.ssrc, slot.repair_ssrc)}
        del self.peers[peer.id]
        if reason is not Reason.REPLACED:
            # A replacement gets the lines of the one before it.
            others = self._others(peer)
            for other in others:
                self._assign(other, now)
            # Those who are left may have one in common that whoever leaves had not.
            able = (video_codecs(other.offer) for other in others)
            self._use(choose_video(able, self.video_codec), others)
        self._emit(PeerDisconnected(self.id, peer.id, reason))

    def silence(self, peer_id: str, kind: Kind, number: int, *, silent: bool) -> None:
        """Keep what a person publishes from everybody, or let it through again."""
        if silent:
            self.silenced.add((peer_id, kind, number))
        else:
            self.silenced.discard((peer_id, kind, number))
        peer = self.peers.get(peer_id)
        publication = peer.publication(kind, number) if peer else None
        if publication is None:
            return
        publication.silenced = silent
        for track in publication.tracks.values():
            track.silence(silent=silent, now=monotonic_ns())
            track.key_frame_wanted = not silent

    def listen(self, now: int) -> None:
        """Find out who speaks; called a few times a second."""
        levels = {
            peer.id: level
            for peer in self.peers.values()
            if (level := peer.take_loudness()) is not None
        }
        if self._speaker.choose(levels, now):
            self._emit(ActiveSpeakerChanged(self.id, self._speaker.current))

    def show(self, peer_id: str, source: str, height: int) -> None:
        """Note in how many pixels a person shows another's pictures."""
        if (peer := self.peers.get(peer_id)) is not None:
            for slot in peer.slots:
                if slot.kind is Kind.VIDEO and slot.source and slot.source[0] == source:
                    slot.shown_height = height
                    self._link(peer, slot, monotonic_ns())

    def adapt(self, peer: Peer, now: int) -> None:
        """Once a second: which layers a person publishes, and what the way to them carries."""
        for publication in peer.publications:
            for track in publication.tracks.values():
                track.count(now)
        for slot in peer.slots:
            publication_of_slot = self._source_of(slot)
            if publication_of_slot is not None and len(publication_of_slot.tracks) > 1:
                adapt(slot, len(publication_of_slot.tracks))
                self._link(peer, slot, now)
        others = self._others(peer)
        if len(others) == 1:
            peer.downlink.judge([each for each in peer.slots if each.kind is Kind.VIDEO])
            others[0].feedback.hold(peer.downlink.limit)
        else:
            peer.downlink.limit = None  # of another time
            peer.feedback.hold(None)


def _payload_types(theirs: Chosen, ours: Chosen) -> dict[int, int]:
    """How a receiver calls the sender's payload types; 0 where redundancy must be taken off.

    The blocks of redundant audio name the type of Opus too: they are for who calls it the same.
    """
    types = {theirs.main.payload_type: ours.main.payload_type}
    if theirs.redundant is not None:
        same = theirs.main.payload_type == ours.main.payload_type
        types[theirs.redundant.payload_type] = (
            ours.redundant.payload_type if ours.redundant and same else 0
        )
    return types


def _vacant(receiver: Peer, source: tuple[str, int], kind: Kind) -> Slot | None:
    """Beside the source's other kind if that has a line, else on a rank nobody is on, else any."""
    free = [slot for slot in receiver.slots if slot.source is None and slot.kind is kind]
    beside = {slot.rank for slot in receiver.slots if slot.source == source}
    taken = {slot.rank for slot in receiver.slots if slot.source not in (None, source)}
    order = [
        *(slot for slot in free if slot.rank in beside),
        *(slot for slot in free if slot.rank not in taken),
        *free,
    ]
    return order[0] if order else None


def _sending(slot: Slot | None) -> Sending | None:
    return None if slot is None else Sending(slot.stream, slot.ssrc, slot.repair_ssrc)
