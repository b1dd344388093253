"""The libraries that are installed are ones that do not break the program."""

from __future__ import annotations

import sys

from cnnviz_gui.app import preflight


def test_pyside_is_not_a_version_known_to_be_bad():
    assert preflight._pyside_version()
    assert preflight._pyside_version() not in preflight.EXCLUDED


def test_emitting_keeps_the_references_of_singletons(qapp):
    """PySide6 6.12.0 takes one reference to True per emission, until Python 3.11 aborts."""
    from PySide6.QtCore import QObject, Signal

    class Sender(QObject):
        flag = Signal(bool)
        value = Signal(object)

    sender = Sender()
    received = []
    sender.flag.connect(received.append)
    sender.value.connect(received.append)
    singletons = {"True": True, "False": False, "None": None}
    before = {name: sys.getrefcount(value) for name, value in singletons.items()}
    for _ in range(1000):
        sender.flag.emit(True)
        sender.value.emit(None)
    assert len(received) == 2000
    received.clear()
    after = {name: sys.getrefcount(value) for name, value in singletons.items()}
    for name in singletons:
        assert after[name] > before[name] - 100, name
