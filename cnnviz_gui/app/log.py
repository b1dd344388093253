"""What went wrong, kept in a file for reports; nothing leaves the machine."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_LOGGER = logging.getLogger("cnnviz_gui")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_crash_file: TextIO | None = None


def start(folder: Path) -> None:
    """Send errors, warnings of Qt and crashes into ``folder``; without it, to standard error."""
    global _crash_file
    handler: logging.Handler
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "cnnviz-gui.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8"
        )
        _crash_file = (folder / "crash.log").open("a", encoding="utf-8")
        faulthandler.enable(_crash_file)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    qInstallMessageHandler(_on_qt_message)


def _on_exception(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    text = "".join(traceback.format_exception(kind, error, where))
    _LOGGER.error("unforeseen error\n%s", text)
    sys.stderr.write(text)


def _on_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _LOGGER.log(_LEVELS[kind], "Qt: %s", message)
