"""The clock that sets the times of posts."""

from ingest.spool.clock import JUMP_MS, Clock


class ManualClock:
    """A wall clock and a monotonic one, set by hand."""

    def __init__(self) -> None:
        self.wall = 1_000_000
        self.seconds = 50.0

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.seconds)

    def pass_ms(self, ms: int) -> None:
        self.wall += ms
        self.seconds += ms / 1000


def test_it_starts_at_the_wall_clock_and_runs_with_the_monotonic_one() -> None:
    manual_clock = ManualClock()
    clock = manual_clock.clock()
    assert clock.now_ms() == 1_000_000
    manual_clock.pass_ms(250)
    assert clock.now_ms() == 1_000_250


def test_a_small_correction_of_the_wall_clock_has_no_effect() -> None:
    manual_clock = ManualClock()
    clock = manual_clock.clock()
    manual_clock.wall -= JUMP_MS
    assert clock.now_ms() == 1_000_000
    manual_clock.wall += 2 * JUMP_MS
    assert clock.now_ms() == 1_000_000


def test_a_wall_clock_that_was_set_is_followed_both_ways() -> None:
    manual_clock = ManualClock()
    clock = manual_clock.clock()
    manual_clock.wall -= 3_600_000
    assert clock.now_ms() == 1_000_000 - 3_600_000
    manual_clock.pass_ms(10)
    assert clock.now_ms() == 1_000_010 - 3_600_000
    manual_clock.wall += 365 * 86_400_000
    assert clock.now_ms() == manual_clock.wall


def test_the_time_is_not_below_the_last_time_of_the_process_before() -> None:
    manual_clock = ManualClock()
    clock = manual_clock.clock()
    clock.start_from(1_000_400, 0)
    assert clock.now_ms() == 1_000_400
    manual_clock.pass_ms(5)
    assert clock.now_ms() == 1_000_405


def test_a_last_time_far_in_the_future_is_ignored() -> None:
    clock = ManualClock().clock()
    clock.start_from(9_000_000, 0)
    assert clock.now_ms() == 1_000_000


def test_the_steady_time_ignores_a_wall_clock_that_was_set() -> None:
    manual_clock = ManualClock()
    clock = manual_clock.clock()
    for step_ms in (-3_600_000, 365 * 86_400_000, -365 * 86_400_000):
        before_ms = clock.steady_ms()
        manual_clock.wall += step_ms
        assert clock.now_ms() == manual_clock.wall
        manual_clock.pass_ms(250)
        assert clock.steady_ms() == before_ms + 250


def test_the_steady_time_continues_from_the_process_before() -> None:
    manual_clock = ManualClock()
    clock = manual_clock.clock()
    clock.start_from(0, 500_000)
    assert clock.steady_ms() == 1_000_000
    clock.start_from(0, 9_000_000)
    assert clock.steady_ms() == 9_000_000
    manual_clock.pass_ms(5)
    assert clock.steady_ms() == 9_000_005
