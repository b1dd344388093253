import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz_gui.engine.meter import FIRST_ESTIMATE_AFTER, REPORTS_A_SECOND, Meter


class Clock:
    def __init__(self):
        self.now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def meter(clock):
    return Meter(clock)


def test_steady_work_is_estimated_exactly(clock, meter):
    for done in range(1, 21):
        clock.now += 0.5
        reading = meter.update(done, 40)
    assert reading.seconds_left == pytest.approx(10.0)
    assert reading.elapsed == pytest.approx(10.0)


def test_a_slow_first_unit_is_forgotten(clock, meter):
    clock.now += 20
    meter.update(1, 1000)
    for done in range(2, 500):
        clock.now += 0.1
        reading = meter.update(done, 1000)
    assert reading.seconds_left == pytest.approx(50, rel=0.05)


def test_a_first_unit_that_cost_nothing_does_not_promise_that_the_others_will(clock, meter):
    clock.now += 0.3
    meter.update(1, 33)
    for _ in range(50):
        clock.now += 1
        reading = meter.update(1, 33)
    assert reading.seconds_left >= 50 * 32
    clock.now += 1
    assert meter.update(2, 33).seconds_left > 1000


def test_a_pause_after_a_block_of_units_is_not_taken_for_the_time_of_one(clock, meter):
    """The first 600 of 1000 thousandths of a small file took no time at all."""
    meter.update(1, 1000)
    clock.now += 0.01
    meter.update(600, 1000)
    clock.now += 2
    assert meter.update(600, 1000).seconds_left == pytest.approx(2 * 400 / 599)


def test_what_was_done_before_a_job_went_on_promises_nothing(clock, meter):
    meter.update(3000, 4000)
    for done in range(3001, 3011):
        clock.now += 1
        reading = meter.update(done, 4000)
    assert reading.seconds_left == pytest.approx(990)


def test_there_is_no_estimate_before_there_is_experience(clock, meter):
    clock.now += FIRST_ESTIMATE_AFTER / 2
    assert meter.update(1, 10).seconds_left is None
    clock.now += 10
    assert Meter(clock).update(0, 10).seconds_left is None


def test_many_steps_give_few_reports(clock, meter):
    reports = 0
    for done in range(1, 20_001):
        clock.now += 1e-4
        reports += meter.update(done, 20_000) is not None
    assert 10 <= reports <= 2 * REPORTS_A_SECOND + 2


def test_the_last_step_is_always_reported(clock, meter):
    meter.update(1, 3)
    assert meter.update(2, 3) is None
    assert meter.update(3, 3).done == 3


def test_a_step_that_changes_nothing_on_the_screen_is_silent(clock, meter):
    assert meter.update(1, 10) is not None
    for _ in range(5):
        clock.now += 0.05
        assert meter.update(1, 10) is None


def test_a_clock_that_is_set_back_does_not_silence_the_reports(clock, meter):
    clock.now += 1000
    assert meter.update(1, 10) is not None
    clock.now -= 900
    assert meter.update(2, 10) is not None


def test_time_spent_on_other_jobs_does_not_count(clock, meter):
    for done in range(1, 11):
        clock.now += 1
        with meter.away():
            clock.now += 100
        reading = meter.update(done, 20)
    assert reading.elapsed == pytest.approx(10)
    assert reading.seconds_left == pytest.approx(10)


def test_time_away_ends_with_an_exception_too(clock, meter):
    with pytest.raises(ValueError), meter.away():
        clock.now += 100
        raise ValueError
    clock.now += 1
    assert meter.update(1, 2).elapsed == pytest.approx(1)


def test_a_new_phase_starts_a_new_estimate(clock, meter):
    clock.now += 100
    meter.update(1, 2)
    clock.now += 1
    assert meter.update(0, 1000).seconds_left is None
    clock.now += 1
    assert meter.update(10, 1000).seconds_left == pytest.approx(99)


@given(
    st.lists(
        st.tuples(
            st.floats(-1e6, 1e6, allow_nan=False),
            st.integers(-5, 50),
            st.integers(-5, 50),
        ),
        max_size=40,
    )
)
def test_whatever_the_clock_and_the_method_do_a_reading_makes_sense(moves):
    clock = Clock()
    meter = Meter(clock)
    for jump, done, total in moves:
        clock.now += jump
        reading = meter.update(done, total)
        if reading is not None:
            assert 0 <= reading.done <= reading.total
            assert reading.elapsed >= 0
            left = reading.seconds_left
            assert left is None or (left >= 0 and math.isfinite(left))
