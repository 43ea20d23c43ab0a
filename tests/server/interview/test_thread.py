from hypothesis import given
from hypothesis import strategies as st

from server.interview.thread import Thread
from server.protocol import Message, MessageState

Step = tuple[int, int, int]
"""From which earlier thread, at which seq, written when."""


def message(seq: int, at: int) -> Message:
    return Message(seq=seq, by="ada", at=at, reply_to=None, state=MessageState.KEPT, versions=())


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 12), st.integers(0, 9))))
def test_whatever_is_set_in_one_thread_changes_no_other(steps: list[Step]) -> None:
    threads: list[tuple[Thread, dict[int, Message]]] = [(Thread(), {})]

    for origin, seq, at in steps:
        thread, known = threads[origin % len(threads)]
        item = message(seq, at)
        threads.append((thread.set(item), {**known, seq: item}))

    for thread, known in threads:
        assert list(thread) == [item for _, item in sorted(known.items())]
        assert [thread.get(seq) for seq in range(-1, 15)] == [known.get(s) for s in range(-1, 15)]
        assert thread == Thread(known.values())
        assert len(thread) == len(known)


def test_what_is_added_to_the_same_thread_twice_is_in_two_threads() -> None:
    said = Thread([message(1, 1)])

    draft, kept = said.set(message(2, 1)), said.set(message(2, 2))

    assert [item.seq for item in said] == [1]
    assert (draft.get(2), kept.get(2)) == (message(2, 1), message(2, 2))
    assert hash(draft) != hash(kept)
    assert repr(said) == f"Thread([{message(1, 1)!r}])"
