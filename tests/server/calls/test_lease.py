import asyncio

from server.calls.lease import Lease, Leases
from server.storage import Store

CALL = 7


async def test_of_all_who_claim_at_once_one_carries_and_all_learn_who(store: Store) -> None:
    leases = Leases(store)

    got = await asyncio.gather(*(leases.claim("i", CALL, f"node-{n}") for n in range(20)))

    assert set(got) == {got[0]}
    assert got[0].fence == 1
    assert await leases.find("i") == got[0]


async def test_who_does_not_answer_is_replaced_once_under_a_higher_number(store: Store) -> None:
    leases = Leases(store)
    gone = await leases.claim("i", CALL, "gone")

    got = await asyncio.gather(
        *(leases.claim("i", CALL, f"node-{n}", instead_of=gone.fence) for n in range(20))
    )

    assert set(got) == {Lease(CALL, "node-0", 2)}


async def test_what_was_given_up_is_free_and_its_number_is_not_used_again(store: Store) -> None:
    leases = Leases(store)
    first = await leases.claim("i", CALL, "leaving")
    await leases.release("i", first.fence)

    second = await leases.claim("i", CALL, "next")

    assert second == Lease(CALL, "next", 2)


async def test_a_replaced_node_cannot_give_up_what_another_carries(store: Store) -> None:
    leases = Leases(store)
    first = await leases.claim("i", CALL, "slow")
    second = await leases.claim("i", CALL, "next", instead_of=first.fence)

    await leases.release("i", first.fence)

    assert await leases.find("i") == second


async def test_a_new_call_is_free_and_an_old_one_cannot_take_it_back(store: Store) -> None:
    leases = Leases(store)
    await leases.claim("i", CALL, "before")
    new = await leases.claim("i", CALL + 5, "now")

    late = await leases.claim("i", CALL, "late")

    assert new == Lease(CALL + 5, "now", 2)
    assert late == new


async def test_an_interview_without_calls_has_no_lease(store: Store) -> None:
    assert await Leases(store).find("i") is None
