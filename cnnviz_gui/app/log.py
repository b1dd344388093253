"""What went wrong, kept in a file for reports; nothing leaves the machine."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import functools
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from cnnviz_gui.app import crash_files
from cnnviz_gui.app.crash_files import Crash
from cnnviz_gui.app.log_handlers import FORMAT, Chronicler, LogFile, Tail, tell_unwritten
from cnnviz_gui.state.chronicle import Chronicle, Level
from cnnviz_gui.texts import tr

FILE = "cnnviz-gui.log"
_LOGGER = logging.getLogger("cnnviz_gui")
_NOTED = {"noted": True}
"""Marks a record that is in the chronicle already."""
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_LONGEST = 200
"""Characters of an error that are told."""
_MOST_WARNINGS = 1000
"""Warnings of Python that are remembered, so that each is written down once."""
_crash_file: TextIO | None = None
_crash: Crash | None = None
_folder: Path | None = None
_warned: set[str] = set()


class Herald(QObject):
    """Tells the window of errors that nobody foresaw, from whatever thread."""

    unforeseen = Signal(object)
    """What went wrong, one line."""


@functools.cache
def herald() -> Herald:
    """Return the one herald."""
    return Herald()


@functools.cache
def chronicle() -> Chronicle:
    """Return the one list of all that was told and went wrong."""
    return Chronicle()


@functools.cache
def _tail() -> Tail:
    return Tail()


def lines() -> tuple[str, ...]:
    """Return the last lines of the log, the newest last; they are there without a file, too."""
    return _tail().lines()


def folder() -> Path | None:
    """Return where the log and the reports of crashes are; None where they cannot be written."""
    return _folder


def former_crash() -> Crash | None:
    """Return the crash in which the last run ended, None after it ended in order."""
    return _crash


def start(place: Path) -> None:
    """Send errors, warnings and crashes into the folder ``place``, and into ``chronicle``.

    Where nothing can be written there, standard error and memory have them.
    """
    global _folder
    _folder = None
    handler: logging.Handler
    try:
        place.mkdir(parents=True, exist_ok=True)
        handler = LogFile(place / FILE, chronicle())
        _folder = place
    except OSError as error:
        tell_unwritten(chronicle(), error)
        # Started without a console, as by pythonw, there is no standard error.
        handler = logging.StreamHandler() if sys.stderr is not None else logging.NullHandler()
    _watch_for_crashes()
    handler.setFormatter(logging.Formatter(FORMAT))
    for one in (handler, _tail(), Chronicler(chronicle())):
        _LOGGER.addHandler(one)
    _LOGGER.setLevel(logging.INFO)
    sys.excepthook = _on_exception
    sys.unraisablehook = _on_unraisable
    threading.excepthook = _on_thread_exception
    warnings.showwarning = functools.partial(_on_warning, warnings.showwarning)
    qInstallMessageHandler(_on_qt_message)


def keep(error: Exception) -> None:
    """Write an error that was caught and told otherwise."""
    chronicle().note("error", _line(error), tr("Caught"), _traceback(error))
    _LOGGER.error("caught", exc_info=error, extra=_NOTED)


def unforeseen_text(line: str) -> str:
    """Return the sentence that tells of an error that nobody foresaw."""
    return tr("Something unforeseen went wrong: {error}; the log has the details.", error=line)


def _watch_for_crashes() -> None:
    """Learn how the last run ended, and let a crash of this one be written down."""
    global _crash, _crash_file
    _crash = None
    try:
        if _folder is None:
            faulthandler.enable()
            return
        _crash = crash_files.take_former(_folder, _folder / FILE)
        _crash_file = crash_files.own(_folder).open("a", encoding="utf-8")
        faulthandler.enable(_crash_file)
        atexit.register(_end_in_order)
    except (OSError, ValueError, AttributeError, RuntimeError) as error:  # as without a console
        _LOGGER.info("a crash would leave no report: %s", error)


def _end_in_order() -> None:
    """Take the file for a crash away: what Windows let be written there was no crash."""
    global _crash_file
    if _crash_file is None:
        return
    faulthandler.disable()
    path = Path(_crash_file.name)
    with contextlib.suppress(OSError):
        _crash_file.close()
        path.unlink()
    _crash_file = None


def _line(error: BaseException) -> str:
    return " ".join(traceback.format_exception_only(error)[-1].split())[:_LONGEST]


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _on_exception(
    kind: type[BaseException],
    error: BaseException,
    where: TracebackType | None,
    source: str = "",
) -> None:
    text = "".join(traceback.format_exception(kind, error, where))
    line = _line(error)
    if issubclass(kind, Exception):
        chronicle().note("error", unforeseen_text(line), source or tr("Program"), text)
    _LOGGER.error("unforeseen error\n%s", text, extra=_NOTED)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # none, or one that is closed
        sys.stderr.write(text)
    if issubclass(kind, Exception):
        with contextlib.suppress(RuntimeError):  # Qt's half is gone: the program is ending
            herald().unforeseen.emit(line)


def _on_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        name = arguments.thread.name if arguments.thread is not None else "unknown"
        kind, error, where = arguments.exc_type, arguments.exc_value, arguments.exc_traceback
        _on_exception(kind, error, where, tr("Thread {name}", name=name))


def _on_unraisable(arguments: Any) -> None:
    """Write what was raised where nobody could catch it, such as while an object was destroyed."""
    error = arguments.exc_value
    if error is None:
        return
    text, ignored = "".join(traceback.format_exception(error)), tr("An exception was ignored")
    said = f"{arguments.err_msg or ignored}: {_line(error)}"
    chronicle().note("error", said, tr("Program"), text)
    _LOGGER.error("%s\n%s", said, text, extra=_NOTED)


def _on_warning(
    before: Callable[..., None],
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Write a warning of Python down once, and show it as usual."""
    said = f"{category.__name__}: {message}"
    chronicle().note("warning", said, "Python", f"{filename}:{lineno}: {said}")
    key = f"{filename}:{lineno}:{said}"
    if key not in _warned and len(_warned) < _MOST_WARNINGS:
        _warned.add(key)
        _LOGGER.warning("%s:%s: %s", filename, lineno, said, extra=_NOTED)
        with contextlib.suppress(OSError, ValueError, AttributeError):  # no console
            before(message, category, filename, lineno, file, line)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = _LEVELS[kind]
    if level >= logging.WARNING:
        said: Level = "warning" if level == logging.WARNING else "error"
        category = context.category or "default"
        source = "Qt" if category == "default" else f"Qt, {category}"
        where = f"{context.file}:{context.line}" if context.file else ""
        chronicle().note(said, message, source, where)
    _LOGGER.log(level, "Qt: %s", message, extra=_NOTED)
