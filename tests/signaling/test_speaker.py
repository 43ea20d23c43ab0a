"""Who counts as the one who speaks."""

from signaling import ActiveSpeakerChanged
from signaling.speaker import HOLD, ActiveSpeaker
from tests.signaling.support import Running, enter, eventually


def test_the_first_audible_person_is_the_speaker() -> None:
    speaker = ActiveSpeaker()

    assert not speaker.choose({"ada": 70, "bob": 127}, 0)
    assert speaker.choose({"ada": 30, "bob": 127}, 1)
    assert speaker.current == "ada"


def test_somebody_a_little_louder_does_not_interrupt_but_a_much_louder_one_does() -> None:
    speaker = ActiveSpeaker()
    speaker.choose({"ada": 30}, 0)

    assert not speaker.choose({"ada": 30, "bob": 27}, 1)
    assert speaker.choose({"ada": 30, "bob": 20}, 2)
    assert speaker.current == "bob"


def test_a_pause_keeps_the_speaker_until_somebody_else_speaks_or_it_is_long() -> None:
    speaker = ActiveSpeaker()
    speaker.choose({"ada": 30}, 0)

    assert not speaker.choose({"ada": 100}, HOLD)
    assert speaker.choose({"ada": 100, "bob": 40}, HOLD)
    assert speaker.choose({"ada": 100, "bob": 100}, 2 * HOLD + 1)
    assert speaker.current is None


def test_who_leaves_is_not_the_speaker_for_long() -> None:
    speaker = ActiveSpeaker()
    speaker.choose({"ada": 30}, 0)

    assert speaker.choose({}, HOLD + 1)


async def test_the_engine_tells_who_speaks_and_when_nobody_does(running: Running) -> None:
    await enter(running, "ada")
    bob = await enter(running, "bob")

    for _ in range(60):
        bob.talk()

    begins, ends = ActiveSpeakerChanged("call", "bob"), ActiveSpeakerChanged("call", None)
    await eventually(lambda: "" if begins in running.events else "nobody speaks")
    await eventually(lambda: "" if ends in running.events else "bob never stops")
