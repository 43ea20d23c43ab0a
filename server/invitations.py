"""The links that whoever runs the server hands out: of a new interview, and for lost ones."""

from server.errors import Code, Refusal
from server.identity.links import Links, Place
from server.interview.service import Interviews
from server.interview.state import Actor
from server.protocol import Role


async def seat_links(
    links: Links, base: str, interview: str, *, reusable: bool = False
) -> dict[str, str]:
    """The addresses of a new interview, by seat."""
    return {
        str(role): await _address(links, base, interview, str(role), role, reusable=reusable)
        for role in (Role.CLIENT, Role.FREELANCER)
    }


async def another_link(
    interviews: Interviews, links: Links, base: str, interview: str, seat: str
) -> str:
    """One more address of a seat; whoever entered by another one stays. Raises `Refusal`."""
    room = await interviews.room(interview)
    person = room.state.people.get(seat)
    if person is None or person.removed:
        raise Refusal(Code.NOT_FOUND, "Nobody has this seat in that interview.")
    return await _address(links, base, interview, seat, person.role, reusable=False)


async def _address(
    links: Links, base: str, interview: str, seat: str, role: Role, *, reusable: bool
) -> str:
    place = Place(actor=Actor(person=seat, role=role), interview=interview)
    return f"{base}{place.path}#{await links.make(place, reusable=reusable)}"
