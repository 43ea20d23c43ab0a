"""Presence and marks: what is told of people, and when."""

from server.clock import Clock
from server.interview.ephemera import Ephemera
from server.protocol import Mark, PresenceState
from tests.support.valkey import eventually

SHORT = 0.05


class Told:
    """What the others hear."""

    def __init__(self) -> None:
        self.presence: list[tuple[str, PresenceState]] = []
        self.marks: list[tuple[str, Mark]] = []
        self.ephemera = Ephemera(
            Clock(),
            lambda seat, state: self.presence.append((seat, state)),
            lambda seat, mark: self.marks.append((seat, mark)),
            away_after=SHORT,
            word_lasts=SHORT,
        )

    async def hears(self, *states: PresenceState) -> None:
        await eventually(
            lambda: "" if [s for _, s in self.presence] == list(states) else f"{self.presence}"
        )


async def test_somebody_who_is_silent_is_away_until_the_next_sign_of_life() -> None:
    told = Told()
    told.ephemera.arrive("client")
    await told.hears(PresenceState.ONLINE, PresenceState.AWAY)

    told.ephemera.active("client")

    await told.hears(
        PresenceState.ONLINE, PresenceState.AWAY, PresenceState.ONLINE, PresenceState.AWAY
    )
    told.ephemera.close()


async def test_whoever_leaves_is_away_at_once_and_offline_a_little_later() -> None:
    told = Told()
    told.ephemera.arrive("client")

    told.ephemera.leave("client")

    assert told.presence[-1] == ("client", PresenceState.AWAY)
    await told.hears(PresenceState.ONLINE, PresenceState.AWAY, PresenceState.OFFLINE)


async def test_one_of_two_windows_closing_changes_nothing() -> None:
    told = Told()
    told.ephemera.arrive("client")
    told.ephemera.arrive("client")

    told.ephemera.leave("client")

    assert told.presence == [("client", PresenceState.ONLINE)]
    told.ephemera.close()


async def test_marks_within_a_second_are_told_once_and_the_last_is_not_lost() -> None:
    told = Told()

    for seq in range(1, 50):
        told.ephemera.mark("client", Mark(delivered=seq, read=seq))
    told.ephemera.close()

    assert told.marks == [
        ("client", Mark(delivered=1, read=1)),
        ("client", Mark(delivered=49, read=49)),
    ]


async def test_the_nearest_of_what_all_nodes_see_is_told() -> None:
    told = Told()
    told.ephemera.hear("other", {"client": PresenceState.AWAY})
    told.ephemera.arrive("client")

    told.ephemera.hear("other", {"client": PresenceState.ONLINE})
    told.ephemera.leave("client")

    assert [state for _, state in told.presence] == [PresenceState.AWAY, PresenceState.ONLINE]
    assert told.ephemera.seen_here == {"client": PresenceState.AWAY}
    told.ephemera.close()


async def test_the_word_of_a_node_that_fell_silent_is_forgotten() -> None:
    told = Told()

    assert told.ephemera.hear("other", {"client": PresenceState.ONLINE})
    assert not told.ephemera.hear("other", {"client": PresenceState.ONLINE})

    await told.hears(PresenceState.ONLINE, PresenceState.OFFLINE)
    assert told.ephemera.presence == {"client": PresenceState.OFFLINE}
    told.ephemera.close()


async def test_a_node_that_sees_somebody_no_more_says_so_by_leaving_them_out() -> None:
    told = Told()
    told.ephemera.hear("other", {"client": PresenceState.ONLINE})

    told.ephemera.hear("other", {})

    assert [state for _, state in told.presence] == [PresenceState.ONLINE, PresenceState.OFFLINE]
    told.ephemera.close()
