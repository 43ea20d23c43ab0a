"""Checks a downloaded transcript without the server that made it.

Every event's bytes are chained again, every text is hashed again, and the heads must bear the
installation's signature. What it proves: nothing was changed, swapped, dropped or cut after the
heads were handed out. What it cannot: that the server wrote down everything at the time.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

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
    except (msgspec.DecodeError, RecursionError) as error:
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
    problems += _ends(transcript.heads, chains)
    problems += _known(earlier, chains)
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
    except msgspec.DecodeError:
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


def _ends(heads: Sequence[SignedHead], chains: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Each lane must end at a signed head."""
    signed = {head.lane: head for head in heads}
    for lane in sorted(signed.keys() | chains.keys()):
        head, chain = signed.get(lane), chains.get(lane, ())
        if head is None:
            yield f"The end of {lane} is not signed."
        elif head.seq > len(chain):
            yield f"The end of {lane} was cut: {len(chain)} of {head.seq} events are here."
        elif head.seq < len(chain) or chain[-1] != head.hash:
            yield f"{lane} does not end at the signed head."


def _known(earlier: Iterable[SignedHead], chains: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """What somebody was told earlier must still be in the record."""
    for head in earlier:
        chain = chains.get(head.lane)
        if chain is None or head.seq == 0:
            continue
        if head.seq > len(chain):
            yield f"You were told of {head.seq} events of {head.lane}; only {len(chain)} are here."
        elif chain[head.seq - 1] != head.hash:
            yield f"Event {head.seq} of {head.lane} is another one than you were told of."
