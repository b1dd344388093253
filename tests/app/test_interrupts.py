"""Ctrl+C in the terminal, while Qt waits for events."""

import os
import signal

import pytest

from cnnviz_gui.app.interrupts import Interrupts


@pytest.fixture
def restored():
    handler, descriptor = signal.getsignal(signal.SIGINT), signal.set_wakeup_fd(-1)
    yield
    signal.set_wakeup_fd(descriptor)
    signal.signal(signal.SIGINT, handler)


@pytest.mark.skipif(os.name != "posix", reason="the test sends itself a signal, as POSIX can")
def test_an_interrupt_is_heard_while_nothing_else_happens(qtbot, restored):
    interrupts = Interrupts()
    with qtbot.waitSignal(interrupts.heard, timeout=2000):
        os.kill(os.getpid(), signal.SIGINT)
