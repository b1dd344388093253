"""What goes wrong is kept, and told."""

import logging
import sys
import threading

import pytest
from PySide6.QtCore import qInstallMessageHandler

from cnnviz_gui.app import log


@pytest.fixture
def started(monkeypatch):
    """Start the log, and take its hooks back in the end."""
    logger = logging.getLogger("cnnviz_gui")
    before = list(logger.handlers)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(log.faulthandler, "enable", lambda file: None)
    yield log.start
    qInstallMessageHandler(None)
    for handler in set(logger.handlers) - set(before):
        logger.removeHandler(handler)
        handler.close()
    if log._crash_file is not None:
        log._crash_file.close()
        log._crash_file = None


def fail(hook):
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        hook(type(error), error, error.__traceback__)


def test_an_error_nobody_foresaw_is_told_and_kept(started, tmp_path, qtbot, capsys):
    started(tmp_path)
    with qtbot.waitSignal(log.herald().unforeseen) as told:
        fail(sys.excepthook)
    assert told.args == ["ZeroDivisionError: by nothing"]
    assert "by nothing" in (tmp_path / "cnnviz-gui.log").read_text()
    assert "by nothing" in capsys.readouterr().err


def test_an_error_is_told_where_there_is_no_console(started, tmp_path, qtbot, monkeypatch):
    started(tmp_path)
    monkeypatch.setattr(sys, "stderr", None)
    with qtbot.waitSignal(log.herald().unforeseen):
        fail(sys.excepthook)
    (tmp_path / "file").write_bytes(b"")
    assert started(tmp_path / "file" / "logs") == ""
    fail(sys.excepthook)


def test_the_crash_of_the_last_run_is_told_once(started, tmp_path):
    assert started(tmp_path) == ""
    (tmp_path / "crash.log").write_text("Fatal Python error: Segmentation fault")
    said = started(tmp_path)
    aside = tmp_path / "former-crash.log"
    assert said == f"The last run ended in a crash; its report is in {aside}."
    assert "Segmentation fault" in aside.read_text()
    assert started(tmp_path) == ""
