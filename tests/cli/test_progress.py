import io
import signal

import pytest

from cnnviz_gui.cli.progress import TerminalContext, stopped_by_ctrl_c
from cnnviz_gui.core.errors import Cancelled


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    stream, clock = io.StringIO(), Clock()
    context = TerminalContext(stream, clock=clock)
    context.begin("rise")
    for done in range(10):
        clock.now += 1
        context.step(done, 10)
    context.clear()
    assert stream.getvalue() == ""


def test_a_quick_job_is_not_announced() -> None:
    stream, clock = Terminal(), Clock()
    context = TerminalContext(stream, clock=clock)
    context.begin("saliency")
    clock.now = 0.2
    context.step(1, 2)
    assert stream.getvalue() == ""


def test_progress_is_one_line_redrawn_seldom_and_wiped() -> None:
    stream, clock = Terminal(), Clock()
    context = TerminalContext(stream, clock=clock)
    context.begin("pgd")
    clock.now = 5.0
    for done in range(1, 6):
        context.step(done, 10)
    assert stream.getvalue().count("\r") == 1
    assert "pgd" in stream.getvalue()
    assert "1 of 10" in stream.getvalue()
    assert "45 s left" in stream.getvalue()
    context.clear()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith(" \r")


def test_a_download_tells_sizes_and_the_speed_of_this_try() -> None:
    stream, clock = Terminal(), Clock()
    context = TerminalContext(stream, clock=clock)
    context.begin("Fetching", fetches=True)
    context.step(60 << 20, 100 << 20)
    clock.now = 5.0
    context.step(70 << 20, 100 << 20)
    assert "70.0 MiB of 100.0 MiB  2.0 MiB/s  15 s left" in stream.getvalue()


def test_progress_of_nothing_does_not_divide_by_zero() -> None:
    clock = Clock()
    context = TerminalContext(Terminal(), clock=clock)
    clock.now = 5.0
    context.step(0, 0)


def test_first_ctrl_c_stops_at_the_next_step_and_the_old_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    context = TerminalContext(io.StringIO())
    with pytest.raises(Cancelled), stopped_by_ctrl_c(context):
        context.step(1, 2)
        signal.raise_signal(signal.SIGINT)
        context.step(2, 2)
    assert signal.getsignal(signal.SIGINT) is before


def test_second_ctrl_c_stops_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), stopped_by_ctrl_c(TerminalContext(io.StringIO())):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
