"""Entry point of ``cnnviz-gui``: checks first, then the window, then everything heavy."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import functools
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz_gui.app.main_window import MainWindow
    from cnnviz_gui.app.opened_files import OpenedFiles


def run() -> int:
    """Be the program: ``main``, then end the process as soon as what must be done at exit is done.

    Everything is stopped and saved by then; the interpreter would take two seconds more to put away
    torch and what it has made.
    """
    ended: list[int] = []
    atexit.register(_end, ended)  # registered first, it is called last
    ended.append(main())
    return ended[0]


def _end(ended: list[int]) -> None:
    if not ended:
        return  # an exception or argparse ends the program
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there may be none
            stream.flush()
    os._exit(ended[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and return the exit status.

    Nothing is imported before it is known to work: where Qt cannot start, one sentence says what is
    missing and how to get it, and the status is 1.
    """
    arguments = _parser().parse_args(argv)
    if arguments.version:
        from cnnviz_gui import __version__

        sys.stdout.write(f"cnnviz-gui {__version__}\n")
        return 0
    from cnnviz_gui.app import preflight

    if arguments.selftest:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # unless somebody chose another
    sentence = preflight.check()
    if sentence:
        print(sentence, file=sys.stderr)
        return 1
    from cnnviz_gui.core import device

    device.prepare_process()
    os.environ["QT_API"] = "pyside6"
    if sys.platform == "win32":
        # Qt brings its own C++ run-time library on Windows; once that is loaded, torch's DLLs fail
        # to initialise (WinError 1114). Loaded first, torch's serve both.
        import torch  # noqa: F401  # for its side effect
    try:
        if arguments.selftest:
            from cnnviz_gui.app import selftest

            return selftest.run()
        return _run(arguments.images)
    except ImportError as error:
        # Qt's own libraries: what preflight cannot try beforehand on Windows and macOS.
        print(preflight.explain(error), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cnnviz-gui",
        description="See a convolutional image classifier's layers, explain it, attack it.",
        epilog="Without a display, use the command cnnviz.",
    )
    parser.add_argument(
        "images", nargs="*", metavar="IMAGE", help="pictures, folders, weights or a session to open"
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument(
        "--selftest",
        action="store_true",
        help="try everything once, without a display, and say what works",
    )
    return parser


def _run(images: Sequence[str]) -> int:
    from platformdirs import user_config_path
    from PySide6.QtGui import QGuiApplication

    from cnnviz_gui.app import language

    settings = user_config_path("cnnviz-gui", appauthor=False) / "settings.json"
    language.begin(settings)
    from cnnviz_gui.app import text_size
    from cnnviz_gui.app.main_window import MainWindow
    from cnnviz_gui.app.opened_files import Application, OpenedFiles
    from cnnviz_gui.app.settings import SettingsFile

    stored = SettingsFile(settings).peek()
    QGuiApplication.setApplicationName("cnnviz-gui")
    QGuiApplication.setApplicationDisplayName("CNN explorer")
    QGuiApplication.setDesktopFileName("org.cnnviz.CnnvizGui")
    opened = OpenedFiles(images)
    with text_size.enlarged(stored.text_size):
        app = Application(sys.argv[:1], opened)
    language.dress(app)
    window = MainWindow(stored.scheme)
    window.restore_geometry(stored.geometry)
    kept: list[object] = []
    window.painted.connect(functools.partial(furnish, window, settings, opened, kept))
    window.show()
    status = app.exec()
    app.shutdown()  # hands over what is in the clipboard
    return status


def furnish(window: MainWindow, settings: Path, opened: OpenedFiles, kept: list[object]) -> None:
    """Make the program behind a window that is painted, unless it was closed again.

    ``opened`` gives the files to open at first, and those that the system opens later.
    ``kept`` is what holds the program until the event loop ends.
    """
    if not window.isVisible():
        return
    from pathlib import Path

    from platformdirs import user_cache_path, user_log_path, user_state_path
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from cnnviz_gui import resources
    from cnnviz_gui.app import log
    from cnnviz_gui.app.explorer import Explorer
    from cnnviz_gui.app.incoming import Offer
    from cnnviz_gui.app.interrupts import Interrupts

    log.start(user_log_path("cnnviz-gui", appauthor=False))
    QApplication.setWindowIcon(QIcon(str(resources.path("icons/cnnviz.svg"))))
    paths = [str(Path(path).absolute()) for path in opened.hand_over()]
    cache = user_cache_path("cnnviz-gui", appauthor=False)
    recovery = user_state_path("cnnviz-gui", appauthor=False) / "recovery"
    explorer = Explorer(settings, cache, paths, window=window, recovery=recovery)
    take = explorer.commands.take
    opened.begin(lambda paths: take(Offer(paths=paths)))
    interrupts = Interrupts(explorer)
    interrupts.heard.connect(window.close)
    kept += [explorer, interrupts]
    explorer.show()
