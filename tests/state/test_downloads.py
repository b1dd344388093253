import pytest

from cnnviz_gui.state.downloads import (
    DownloadState,
    Pace,
    amount,
    changed,
    find,
    telling,
    without,
)
from cnnviz_gui.state.finding import Problem

MIB = 1 << 20
RUNNING = DownloadState("net", "Net", "running", 25_000_000, 100_000_000)


def test_what_was_there_before_does_not_count_as_speed():
    pace = Pace()
    assert pace.update(0.1, 50_000_000) is None
    assert pace.update(1.1, 52_000_000) == pytest.approx(2_000_000)


def test_speed_follows_the_last_seconds():
    pace = Pace()
    pace.update(0.0, 0)
    for second in range(1, 21):
        fast = pace.update(float(second), second * 10_000_000)
    assert fast == pytest.approx(10_000_000)
    slow = 0.0
    for second in range(21, 41):
        slow = pace.update(float(second), 200_000_000 + (second - 20) * 1_000_000)
    assert slow == pytest.approx(1_000_000, rel=0.1)


def test_reports_in_quick_succession_are_taken_together():
    pace = Pace()
    pace.update(0.0, 0)
    assert pace.update(0.01, 1_000_000) is None
    assert pace.update(1.0, 2_000_000) == pytest.approx(2_000_000)


def test_a_download_that_begins_anew_measures_anew():
    pace = Pace()
    pace.update(0.0, 0)
    pace.update(1.0, 9_000_000)
    assert pace.update(2.0, 0) is None


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (DownloadState("a", "A"), "Waiting"),
        (RUNNING, "Waiting for the server"),
        (DownloadState("a", "A", "running"), "Connecting"),
        (RUNNING.advanced(25 * MIB, 100 * MIB, 5.0 * MIB), "5.0 MiB/s · 15 s left"),
        (RUNNING.advanced(25 * MIB, 0, 5.0 * MIB), "5.0 MiB/s"),
        (RUNNING.advanced(25_000_000, 100_000_000, 5e6).stalled(), "Waiting for the server"),
        (RUNNING.ended("stopped"), "Stopped; it goes on where it stopped"),
    ],
)
def test_one_line_says_how_it_goes(state, said):
    assert telling(state) == said


def test_it_says_what_it_waits_for():
    assert telling(DownloadState("a", "A"), "VGG-16") == "Waiting for VGG-16"


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [
        (24_536_678, 102_530_333, "23.4 of 97.8 MiB"),
        (1024 * MIB, 2580 * MIB, "1.00 of 2.52 GiB"),
        (300 * 1024, 0, "300 KiB"),
    ],
)
def test_amounts_stand_in_the_unit_of_the_whole(done, total, said):
    assert amount(RUNNING.advanced(done, total, None)) == said


def test_the_time_left_is_never_negative_and_unknown_without_a_speed():
    assert RUNNING.advanced(100, 100, 5.0).seconds_left == 0
    assert RUNNING.advanced(10, 100, None).seconds_left is None
    assert RUNNING.advanced(10, 0, 5.0).seconds_left is None


def test_waiting_again_forgets_the_problem_and_keeps_what_came():
    failed = RUNNING.ended("failed", Problem("No."))
    again = failed.waiting()
    assert again.problem is None
    assert again.done == RUNNING.done
    assert again.active
    assert not failed.active


def test_the_list_is_changed_by_name():
    one, other = DownloadState("a", "A"), DownloadState("b", "B")
    both = changed(changed((), one), other)
    assert both == (one, other)
    assert find(changed(both, one.opening(True)), "a").opens
    assert without(both, "a") == (other,)
    assert find(both, "c") is None
