"""What a call falls back to, and that both sides read why."""

from functools import partial

import pytest

from tests.browser.people import Figures, Person
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SENDS_SOUND_ALONE = """() => {
  const sent = window.connections.at(-1).getSenders().map(({track}) => track?.kind);
  return sent.includes("audio") && !sent.includes("video");
}"""


def more_decoded(before: int, seen: Figures) -> bool:
    """Whether pictures go on arriving since there were `before`."""
    return seen["decoded"] > before + 10


async def test_sound_only_stops_the_pictures_both_ways_and_both_read_whose_wish_it_is(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    for person in both:
        await person.reaches(lambda seen: seen["decoded"] > 10)

    await anna.open_devices()
    await anna.page.get_by_role("switch", name="Sound only").click()
    await anna.press("Done")
    await anna.sees("Sound only, as you chose: no pictures are sent, either way.")
    await tomas.sees("Anna Berg chose sound only, so no pictures are sent, either way.")
    for person in both:
        await person.page.wait_for_function(SENDS_SOUND_ALONE)
    heard = (await tomas.figures())["sound"]
    await tomas.reaches(lambda seen: seen["sound"] > heard + 50)

    frames = [(await person.figures())["decoded"] for person in both]
    await anna.press("Try video again")
    for person, before in zip(both, frames, strict=True):
        await person.reaches(partial(more_decoded, before))
        await person.sees_no("chose sound only")
