import asyncio
import gc

from structlog.testing import capture_logs

from server.tasks import cancel, spawn


async def fail() -> None:
    raise ValueError("broken")


async def forever() -> None:
    await asyncio.Event().wait()


async def test_an_unexpected_exception_is_logged_once_under_the_name_of_its_task() -> None:
    with capture_logs() as logs:
        task = spawn(fail(), name="record writer")
        await asyncio.wait([task])
        await asyncio.sleep(0)

    assert [(line["event"], line["task"]) for line in logs] == [("task.failed", "record writer")]
    assert isinstance(logs[0]["exc_info"], ValueError)


async def test_a_task_that_nobody_refers_to_is_not_collected() -> None:
    done = asyncio.Event()

    async def work() -> None:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.01, future.set_result, None)
        await future
        done.set()

    _ = spawn(work(), name="orphan")
    gc.collect()

    await asyncio.wait_for(done.wait(), timeout=2)


async def test_a_cancelled_task_has_ended_and_is_not_reported_as_a_failure() -> None:
    with capture_logs() as logs:
        task = spawn(forever(), name="loop")
        await asyncio.sleep(0)
        await cancel(task)

    assert task.cancelled()
    assert logs == []


async def test_cancelling_a_task_that_already_failed_does_not_raise() -> None:
    with capture_logs():
        task = spawn(fail(), name="loop")
        await asyncio.wait([task])

        await cancel(task)

    assert task.done()
