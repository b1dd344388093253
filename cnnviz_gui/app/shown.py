"""The window on a module from Python: in a script, a notebook, or another Qt program."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnviz_gui.app import preflight
from cnnviz_gui.core.errors import CnnvizError

if TYPE_CHECKING:
    from PySide6.QtCore import QEventLoop

    from cnnviz_gui.app.explorer import Explorer
    from cnnviz_gui.app.main_window import MainWindow
    from cnnviz_gui.core.request import ModelRef

_OTHER_QTS = ("PyQt6", "PyQt5", "PySide2")
_kept: list[Explorer] = []
"""What must live on while its window is open, or while a thread of it has not ended."""
_allowed: list[bool] = []
"""Whether cuDNN might use TF32 before the first of these windows."""
_ours: list[object] = []
"""The application, where it was made here: whoever runs the script does not run its loop."""


def open_window(model: ModelRef, title: str, images: Sequence[str]) -> MainWindow | None:
    """Open a window on a given module.

    Returns
    -------
    The window, where somebody else runs Qt's event loop; None, once it is closed, where nobody
    does.

    Raises
    ------
    CnnvizError
        No window can be opened here.
    KeyboardInterrupt
        Ctrl+C closed the window.
    """
    _require_qt()
    from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        QApplication.setApplicationName("cnnviz-gui")
        QApplication.setApplicationDisplayName("CNN explorer")
        _ours.append(QApplication([sys.argv[0] if sys.argv else "cnnviz-gui"]))
    if not isinstance(QApplication.instance(), QApplication):
        raise CnnvizError(
            "This process has a Qt application without windows.",
            "Call show where there is none, or a QApplication.",
        )
    explorer = _explorer(model, title, images)
    if not _ours or _loop_runs():
        return explorer.window
    loop = QEventLoop()
    explorer.over.connect(loop.quit)
    interrupted = _run(loop, explorer.window)
    _let_go(explorer)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if interrupted:
        raise KeyboardInterrupt
    return None


def _require_qt() -> None:
    other = next((name for name in _OTHER_QTS if f"{name}.QtCore" in sys.modules), "")
    if other:
        raise CnnvizError(
            f"{other} is loaded in this process, and no two Qts can be.",
            "Use PySide6 there too, or show the network in a process of its own.",
        )
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is not None and widgets.QApplication.instance() is not None:
        return
    if threading.current_thread() is not threading.main_thread():
        raise CnnvizError("A window can be opened from the main thread only.", "Call show there.")
    sentence = preflight.check()
    if sentence:
        raise CnnvizError(sentence)
    os.environ["QT_API"] = "pyside6"


def _explorer(model: ModelRef, title: str, images: Sequence[str]) -> Explorer:
    import torch
    from platformdirs import user_cache_path, user_config_path
    from PySide6.QtCore import QTimer

    from cnnviz_gui.app.explorer import Explorer
    from cnnviz_gui.core.models import given

    settings = user_config_path("cnnviz-gui", appauthor=False) / "settings.json"
    cache = user_cache_path("cnnviz-gui", appauthor=False)
    if not _allowed:
        _allowed.append(torch.backends.cudnn.allow_tf32)  # the worker computes without
    explorer = Explorer(settings, cache, images, model=model, guest=True)
    explorer.window.setWindowTitle(f"{title} – CNN explorer")

    def end() -> None:
        explorer.over.disconnect(end)  # it holds on to the explorer
        if all(one is explorer or one.stopped for one in _kept) and _allowed:
            torch.backends.cudnn.allow_tf32 = _allowed.pop()
        given.forget(model)
        # later: it is one of its own signals that is heard here
        QTimer.singleShot(0, functools.partial(_let_go, explorer))

    explorer.over.connect(end)
    _kept.append(explorer)
    explorer.show()
    return explorer


def _let_go(explorer: Explorer) -> None:
    """Forget a window that is closed; Qt ends the process where a running thread is destroyed."""
    if explorer.stopped and explorer in _kept:
        _kept.remove(explorer)
        explorer.window.deleteLater()


def _loop_runs() -> bool:
    """Tell whether somebody else will let Qt handle events: a notebook, a console, a program."""
    from PySide6.QtCore import QThread

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    runs = str(getattr(shell, "active_eventloop", "")).startswith("qt")
    return runs or QThread.currentThread().loopLevel() > 0


def _run(loop: QEventLoop, window: MainWindow) -> bool:
    """Handle events until the window is closed; return whether Ctrl+C closed it."""
    from cnnviz_gui.app.interrupts import Interrupts

    heard: list[bool] = []

    def close() -> None:
        heard.append(True)
        window.close()

    handler, descriptor = signal.getsignal(signal.SIGINT), signal.set_wakeup_fd(-1)
    interrupts = Interrupts()
    interrupts.heard.connect(close)
    try:
        loop.exec()
    finally:
        signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
        signal.set_wakeup_fd(descriptor)
    return bool(heard)
