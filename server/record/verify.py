"""Checks a downloaded transcript without the server that made it.

Every event's bytes are chained again, every text is hashed again, the heads must bear the
installation's signature, and what the transcript shows must be what its record folds to. What it
proves: nothing was changed, swapped, dropped or cut after the heads were handed out. What it
cannot: that the server wrote down everything at the time.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from server.errors import UNDECODABLE
from server.identity.grants import grant
from server.interview.decider import EMPTY, evolve
from server.interview.state import SHARED, Actor, body_field, view, visible_fields
from server.protocol import RecordEvent, SignedHead
from server.record.chain import START, digest, next_hash
from server.record.export import FORMAT, Line, Transcript
from server.record.sign import is_signed, key_id

_transcript = msgspec.json.Decoder(Transcript)
_event = msgspec.json.Decoder[RecordEvent](RecordEvent)


def verify(export: bytes, public: bytes, earlier: Sequence[SignedHead] = ()) -> list[str]:
    """What is wrong with a JSON transcript, in sentences; empty if nothing is.

    `public` is the installation's published key; `earlier` are heads that a person received from it
    before.
    """
    try:
        transcript = _transcript.decode(export)
    except UNDECODABLE as error:
        return [f"This is no transcript of this version: {error}."]
    if transcript.format != FORMAT:
        return [f"This is no transcript of this version, but {transcript.format!r}."]
    lanes: dict[str, list[Line]] = {}
    for line in transcript.record:
        lanes.setdefault(line.lane, []).append(line)
    chains = {lane: list(_chain(lines)) for lane, lines in lanes.items()}
    problems = [
        problem for lane, lines in lanes.items() for problem in _lane(lane, lines, chains[lane])
    ]
    problems += _signatures(transcript.interview, public, (*transcript.heads, *earlier))
    problems += _ends(transcript, chains)
    if not problems:  # then its events fold as they did when they were signed
        problems += _shown(transcript)
    problems += _known(earlier, chains, _readable(transcript))
    return problems


def _chain(lines: Iterable[Line]) -> Iterable[str]:
    head = START
    for line in lines:
        head = next_hash(head, line.event.encode())
        yield head.hex()


def _lane(lane: str, lines: Sequence[Line], chain: Sequence[str]) -> Iterable[str]:
    for place, (line, computed) in enumerate(zip(lines, chain, strict=True), 1):
        where = f"Event {line.seq} of {lane}"
        if line.seq != place:
            yield f"{where} stands at place {place}: events are missing or swapped."
            return
        if line.hash != computed:
            yield f"{where} does not follow from those before it."
            return
        yield from _text(where, line)


def _text(where: str, line: Line) -> Iterable[str]:
    try:
        said = _event.decode(line.event.encode()).digest
    except UNDECODABLE:
        yield f"{where} is no event of this version."
        return
    if line.text is None:
        return
    try:
        salt = bytes.fromhex(line.salt)
    except ValueError:
        salt = b""
    if digest(salt + line.text.encode()) != said:
        yield f"The text of {where.lower()} is not the one that was recorded."


def _signatures(interview: str, public: bytes, heads: Iterable[SignedHead]) -> Iterable[str]:
    for head in heads:
        where = f"The head of {head.lane} at {head.seq}"
        if head.key != key_id(public):
            yield f"{where} was signed with another key ({head.key}) than the published one."
        elif not is_signed(public, interview, head):
            yield f"{where} does not bear the server's signature."


def _ends(transcript: Transcript, chains: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Each lane must end at a head that was signed for this transcript."""
    signed = {head.lane: head for head in transcript.heads}
    for lane in sorted(signed.keys() | chains.keys() | {SHARED}):
        head, chain = signed.get(lane), chains.get(lane, ())
        if head is None:
            yield f"The end of {lane} is not signed."
        elif head.seq > len(chain):
            yield f"The end of {lane} was cut: {len(chain)} of {head.seq} events are here."
        elif head.seq < len(chain) or chain[-1] != head.hash:
            yield f"{lane} does not end at the signed head."
        elif head.at != transcript.exported_at:
            yield f"The head of {lane} was not signed when this transcript says that it was made."


def _shown(transcript: Transcript) -> Iterable[str]:
    """What people read must be what the record says, with every text that was not withdrawn."""
    if list(transcript.record) != sorted(transcript.record, key=lambda line: line.lane):
        yield "The lanes of the record are out of their order."
    lanes, state, texts = _readable(transcript), EMPTY, {}
    for line in sorted(transcript.record, key=lambda line: line.lane != SHARED):
        if line.lane not in lanes:
            yield f"{transcript.reader!r} is nobody who reads {line.lane}."
            return
        state = evolve(state, line.lane, line.seq, _event.decode(line.event.encode()))
        if line.text is not None:
            texts[body_field(line.lane, line.seq)] = line.text
    for field in sorted(set(visible_fields(state, lanes)) ^ texts.keys()):
        what = "is here, although it was withdrawn" if field in texts else "is missing"
        yield f"The text of event {field} {what}."
    if view(state, lanes, texts) != transcript.view:
        yield "What the transcript shows is not what its record says."


def _readable(transcript: Transcript) -> frozenset[str]:
    """The lanes that whoever downloaded this may read."""
    seat = transcript.reader
    role = next((one.role for one in transcript.view.people if one.seat == seat), None)
    return frozenset() if role is None else grant(Actor(person=seat, role=role)).lanes


def _known(
    earlier: Iterable[SignedHead], chains: Mapping[str, Sequence[str]], readable: frozenset[str]
) -> Iterable[str]:
    """What somebody was told earlier must still be in the record, unless it was another's lane."""
    for head in earlier:
        chain = chains.get(head.lane, ())
        if head.seq == 0 or head.lane not in readable | chains.keys():
            continue
        if head.seq > len(chain):
            yield f"You were told of {head.seq} events of {head.lane}; only {len(chain)} are here."
        elif chain[head.seq - 1] != head.hash:
            yield f"Event {head.seq} of {head.lane} is another one than you were told of."
