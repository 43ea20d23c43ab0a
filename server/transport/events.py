"""What comes in: the JSON array of one Socket.IO event, `[name,argument]`."""

from typing import Final

import msgspec

from server.errors import UNDECODABLE

decode_event: Final = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode
"""The name and the JSON of the one argument. Raises one of `UNDECODABLE`."""

_decode_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_name: Final = msgspec.json.Decoder(str).decode


def event_name(array: str) -> str | None:
    """Return the name of an event with any number of arguments; None for what is no event."""
    try:
        items = _decode_array(array)
        return _decode_name(items[0]) if items else None
    except UNDECODABLE:
        return None
