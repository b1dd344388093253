"""What went wrong, kept in a file for reports; nothing leaves the machine."""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import logging
import logging.handlers
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

_LOGGER = logging.getLogger("cnnviz_gui")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_LONGEST = 200
"""Characters of an error that are told."""
_crash_file: TextIO | None = None


class Herald(QObject):
    """Tells the window of errors that nobody foresaw, from whatever thread."""

    unforeseen = Signal(object)
    """What went wrong, one line."""


@functools.cache
def herald() -> Herald:
    """Return the one herald."""
    return Herald()


def start(folder: Path) -> str:
    """Send errors, warnings of Qt and crashes into ``folder``; without it, to standard error.

    Returns
    -------
    A sentence about a crash of the run before, usually empty.
    """
    global _crash_file
    handler: logging.Handler
    crashed = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "cnnviz-gui.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8"
        )
        crashed = _former_crash(folder / "crash.log")
        _crash_file = (folder / "crash.log").open("a", encoding="utf-8")
        faulthandler.enable(_crash_file)
    except OSError:
        # Started without a console, as by pythonw, there is no standard error.
        handler = logging.StreamHandler() if sys.stderr is not None else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    qInstallMessageHandler(_on_qt_message)
    return crashed


def keep(error: Exception) -> None:
    """Write an error that was caught and told otherwise."""
    _LOGGER.error("caught", exc_info=error)


def _former_crash(report: Path) -> str:
    """Put the report of a crash aside, so that it is told of once, and say where it is."""
    if not report.exists() or not report.stat().st_size:
        return ""
    aside = report.with_name("former-crash.log")
    with contextlib.suppress(OSError):
        report.replace(aside)
        report = aside
    return f"The last run ended in a crash; its report is in {report}."


def _on_exception(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    text = "".join(traceback.format_exception(kind, error, where))
    _LOGGER.error("unforeseen error\n%s", text)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # none, or one that is closed
        sys.stderr.write(text)
    if issubclass(kind, Exception):
        line = " ".join(traceback.format_exception_only(error)[-1].split())
        with contextlib.suppress(RuntimeError):  # Qt's half is gone: the program is ending
            herald().unforeseen.emit(line[:_LONGEST])


def _on_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _LOGGER.log(_LEVELS[kind], "Qt: %s", message)
