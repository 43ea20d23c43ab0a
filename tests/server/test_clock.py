import time

from server.clock import Clock


def test_the_stamp_is_wall_time_in_milliseconds() -> None:
    before = time.time() * 1000

    stamp = Clock().now_ms()

    assert before - 1 <= stamp <= time.time() * 1000
    assert isinstance(stamp, int)


def test_monotonic_time_never_goes_backwards() -> None:
    clock = Clock()

    readings = [clock.monotonic() for _ in range(100)]

    assert readings == sorted(readings)
