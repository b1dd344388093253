"""What goes wrong is kept, and told."""

import errno
import functools
import io
import logging
import os
import subprocess
import sys
import threading
import warnings

import psutil
import pytest
from PySide6.QtCore import QTimer, qInstallMessageHandler, qWarning

from cnnviz_gui.app import crash_files, log
from cnnviz_gui.app.log_handlers import LogFile


@pytest.fixture
def started(monkeypatch):
    """Start the log, and take its hooks back in the end."""
    logger = logging.getLogger("cnnviz_gui")
    before = list(logger.handlers)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(log.faulthandler, "enable", lambda *file: None)
    log.chronicle().clear()
    yield log.start
    qInstallMessageHandler(None)
    for handler in set(logger.handlers) - set(before):
        logger.removeHandler(handler)
        handler.close()
    log._end_in_order()
    log._crash = log._folder = None
    log.chronicle().clear()
    log._warned.clear()


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
    started(tmp_path / "file" / "logs")
    assert log.folder() is None
    fail(sys.excepthook)
    assert any("by nothing" in line for line in log.lines())
    assert "The log cannot be written" in log.chronicle().entries()[1].text


def left(folder, text, pid=2**22 + 1, began=1):
    """Write what a run leaves that does not live any more."""
    path = folder / f"running-{pid}-{began}.crash"
    path.write_text(text)
    return path


def test_the_crash_of_the_last_run_is_told_once(started, tmp_path):
    started(tmp_path)
    assert log.former_crash() is None
    (tmp_path / log.FILE).write_text("".join(f"line {n}\n" for n in range(300)))
    left(tmp_path, "Fatal Python error: Segmentation fault")
    started(tmp_path)
    crash = log.former_crash()
    assert "Segmentation fault" in crash.text
    assert crash.path.read_text() == crash.text
    assert crash.log == tuple(f"line {n}" for n in range(100, 300))
    started(tmp_path)
    assert log.former_crash() is None


def test_a_run_that_was_ended_from_outside_is_no_crash(started, tmp_path):
    path = left(tmp_path, "")
    started(tmp_path)
    assert log.former_crash() is None
    assert not path.exists()


def test_the_file_of_a_run_that_lives_is_left_alone(tmp_path):
    mine = crash_files.own(tmp_path)
    mine.write_text("half a report")
    reborn = left(tmp_path, "of another with my number", os.getpid(), 1)
    assert int(psutil.Process().create_time()) > 1
    assert crash_files.take_former(tmp_path, tmp_path / "log").text == "of another with my number"
    assert mine.read_text() == "half a report"
    assert not reborn.exists()


def test_few_reports_of_crashes_are_kept_and_none_is_long(tmp_path):
    for n in range(crash_files.MOST + 3):
        left(tmp_path, "x" * 2 * crash_files.LONGEST, 2**22 + n)
    crash = crash_files.take_former(tmp_path, tmp_path / "log")
    kept = list(tmp_path.iterdir())
    assert len(kept) == crash_files.MOST
    assert crash.path in kept
    assert {path.stat().st_size for path in kept} == {crash_files.LONGEST}


ENDING = """
import sys
from pathlib import Path
from cnnviz_gui.app import log
log.start(Path(sys.argv[1]))
"""
CRASHING = """
import faulthandler, sys
import platformdirs
from pathlib import Path
from PySide6.QtWidgets import QApplication
from cnnviz_gui.app import bootstrap
platformdirs.user_log_path = lambda *_, **__: Path(sys.argv[1])
QApplication.setWindowIcon = lambda icon: faulthandler._sigsegv()  # called by the whole program
bootstrap._run([])
"""


def run(code, folder):
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=120).returncode


def test_a_crash_of_the_program_is_reported_at_the_next_start(started, tmp_path):
    assert run(CRASHING, tmp_path) not in (0, 1)
    started(tmp_path)
    crash = log.former_crash()
    assert "Segmentation fault" in crash.text
    assert "in furnish" in crash.text


def test_a_run_that_ended_in_order_leaves_no_report(started, tmp_path):
    assert run(ENDING, tmp_path) == 0
    assert [path.name for path in tmp_path.iterdir()] == [log.FILE]
    started(tmp_path)
    assert log.former_crash() is None


def refuse(tries):
    def rotate(source, dest):
        tries.append(dest)
        raise PermissionError(errno.EACCES, "Another program has it open")

    return rotate


class FullDisk(io.StringIO):
    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_does_not_stop_the_program_and_is_told_once(started, tmp_path):
    started(tmp_path)
    (handler,) = (h for h in logging.getLogger("cnnviz_gui").handlers if isinstance(h, LogFile))
    handler.stream.close()
    handler.stream = FullDisk()
    for n in range(3):
        log.keep(ValueError(f"wrong {n}"))
    assert sum("No space left" in one.text for one in log.chronicle().entries()) == 1
    assert any("wrong 2" in line for line in log.lines())


def test_a_log_that_cannot_be_renamed_grows_until_it_can(started, tmp_path, monkeypatch):
    started(tmp_path)
    (handler,) = (h for h in logging.getLogger("cnnviz_gui").handlers if isinstance(h, LogFile))
    handler.maxBytes, tries = 100, []
    monkeypatch.setattr(handler, "rotator", refuse(tries))
    for n in range(10):
        log.keep(ValueError(f"wrong {n}"))
    assert len(tries) == 1
    assert "wrong 9" in (tmp_path / log.FILE).read_text()
    assert not any("cannot be written" in one.text for one in log.chronicle().entries())
    handler.rotator = None
    handler._not_before = 0.0
    log.keep(ValueError("the last"))
    assert "wrong 9" not in (tmp_path / log.FILE).read_text()


def test_everything_that_goes_wrong_is_in_the_list(started, tmp_path, qtbot):
    started(tmp_path)
    log.keep(KeyError("kept"))
    thread = threading.Thread(target=lambda: 1 / 0, name="reader")
    thread.start()
    thread.join()
    QTimer.singleShot(0, lambda: [][1])
    qtbot.waitUntil(lambda: any("IndexError" in one.text for one in log.chronicle().entries()))
    qWarning("a plugin is missing")

    class Ends:
        def __del__(self):
            raise RuntimeError("while it ended")

    Ends()
    logging.getLogger("cnnviz_gui.core.images").warning("odd Exif")
    noted = {one.source: one for one in log.chronicle().entries()}
    assert noted["Caught"].text == "KeyError: 'kept'"
    assert "ZeroDivisionError" in noted["Thread reader"].details
    assert noted["Qt"].text == "a plugin is missing"
    assert noted["Qt"].level == "warning"
    assert noted["cnnviz_gui.core.images"].text == "odd Exif"
    assert any("while it ended" in one.text for one in log.chronicle().entries())


def test_a_warning_of_python_is_written_down_once(started, tmp_path):
    started(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = functools.partial(log._on_warning, lambda *_: None)
        for _ in range(3):
            warnings.warn("an old way", UserWarning, stacklevel=1)
    (entry,) = log.chronicle().entries()
    assert (entry.text, entry.source, entry.count) == ("UserWarning: an old way", "Python", 3)
    assert (tmp_path / log.FILE).read_text().count("an old way") == 1
