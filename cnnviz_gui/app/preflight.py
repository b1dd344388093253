"""Finds out whether Qt can start before Qt is asked, because Qt aborts where it cannot.

When no platform plug-in can be initialised, Qt writes a message that blames libxcb-cursor0
whatever the cause and calls ``abort``, which Python cannot catch. So the plug-in is loaded and
the display is greeted here first, by the very libraries that Qt will use: that costs a few
milliseconds, most of which Qt is spared later. Imports no Qt at module level.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path

from cnnviz_gui.app.system_libraries import (
    Library,
    find,
    install_advice,
    needed,
    read_os_release,
)

WITHOUT_DISPLAY = "`cnnviz heatmap grad-cam IMAGE --save out.png`"
REQUIREMENT = "PySide6-Essentials>=6.8,!=6.11.0,!=6.11.1,!=6.12.0"
EXCLUDED = {
    "6.11.0": "loses floating docks",
    "6.11.1": "loses floating docks",
    "6.12.0": "ends the program after some thousand signals",
}
"""Versions of PySide6 that must not be used, and why."""

_ANSWER_SECONDS = 5.0


def _greet(platform: str) -> bool:
    """Tell whether the display answers; a platform without a display always does."""
    if platform == "xcb":
        xcb = ctypes.CDLL("libxcb.so.1")
        xcb.xcb_connect.restype = ctypes.c_void_p
        xcb.xcb_connect.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        for name in ("xcb_connection_has_error", "xcb_disconnect"):
            getattr(xcb, name).argtypes = [ctypes.c_void_p]
        connection = xcb.xcb_connect(None, None)  # never null; also speaks the authorisation
        refused = bool(xcb.xcb_connection_has_error(connection))
        xcb.xcb_disconnect(connection)
        return not refused
    if platform == "wayland" and "WAYLAND_SOCKET" not in os.environ:  # that one is for Qt alone
        name = os.environ.get("WAYLAND_DISPLAY", "wayland-0")
        try:
            with socket.socket(socket.AF_UNIX) as compositor:
                compositor.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "")) / name))
        except OSError:
            return False
    return True


def _answers(platform: str) -> bool:
    """Like `_greet`, but a display that keeps silent counts as one that does not answer."""
    answer: list[bool] = []
    greeting = threading.Thread(target=lambda: answer.append(_greet(platform)), daemon=True)
    greeting.start()
    greeting.join(_ANSWER_SECONDS)
    return answer == [True]


def _pyside_folder() -> Path | None:
    """Return where PySide6 is installed, without importing it."""
    spec = util.find_spec("PySide6")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _pyside_version() -> str:
    """Return the installed version of PySide6; empty when its package does not say.

    Read from its source: ``importlib.metadata`` takes as long to import as a tenth of Qt.
    """
    folder = _pyside_folder()
    source = folder / "__init__.py" if folder is not None else Path()
    text = source.read_text("utf-8", "replace") if source.is_file() else ""
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    return found[1] if found is not None else ""


@dataclass(frozen=True)
class Surroundings:
    """What the check looks at; tests put other things in its place."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    load: Callable[[str], object] = ctypes.CDLL
    answers: Callable[[str], bool] = _answers
    folder: Callable[[], Path | None] = _pyside_folder
    version: Callable[[], str] = _pyside_version
    os_release: Callable[[], Mapping[str, str]] = read_os_release
    system: str = sys.platform


def check(around: Surroundings | None = None) -> str:
    """Return why the window cannot open and what to do about it, or an empty string.

    Ask before anything imports PySide6; print the sentence on standard error and exit with 1.
    """
    around = around or Surroundings()
    if around.folder() is None:
        return f"PySide6 is not installed. Install it with `{_pip()} '{REQUIREMENT}'`."
    version = around.version()
    if version in EXCLUDED:
        return (
            f"PySide6 {version} {EXCLUDED[version]}. "
            f"Install another version with `{_pip()} '{REQUIREMENT}'`."
        )
    return _check_linux(around) if around.system == "linux" else ""


def explain(error: ImportError) -> str:
    """Return what an ``ImportError`` raised by PySide6 means and what to do about it."""
    soname = _soname(str(error))
    if sys.platform == "linux" and soname:
        return _missing_sentence(soname, needed(""), Surroundings())
    return f"Qt cannot be loaded ({error}). Install it again with `{_reinstall()}`."


def _check_linux(around: Surroundings) -> str:
    """Try the platforms that Qt would try; return the sentence of the first if none can work."""
    platforms = _platforms(around.environ)
    if not platforms:
        return f"There is no display. Use {WITHOUT_DISPLAY}, or `xvfb-run cnnviz-gui`."
    sentences = [_check_platform(platform, around) for platform in platforms]
    return sentences[0] if all(sentences) else _check_import(around)


def _platforms(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the platform plug-ins that Qt will try, in its order."""
    chosen = environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        names = (part.partition(":")[0] for part in chosen.split(";"))
        return ["wayland" if name.startswith("wayland") else name for name in names if name]
    displays = (("wayland", "WAYLAND_DISPLAY"), ("xcb", "DISPLAY"))
    return [platform for platform, variable in displays if environ.get(variable)]


def _check_platform(platform: str, around: Surroundings) -> str:
    """Return why one platform cannot work, or an empty string."""
    shipped = _shipped_plugins(around)
    if shipped is not None:
        plugins = sorted(shipped.glob(f"libq{platform}.so"))
        plugins += sorted(shipped.glob(f"libq{platform}-generic.so"))  # Wayland up to Qt 6.9
        if not plugins:
            return (
                f"QT_QPA_PLATFORM asks for {platform}, which this Qt does not have. "
                "Unset QT_QPA_PLATFORM, or set it to xcb, wayland or offscreen."
            )
        try:
            around.load(str(plugins[0]))
        except OSError as error:
            return _missing_sentence(_soname(str(error)) or str(error), needed(platform), around)
    return "" if around.answers(platform) else _silent_sentence(platform, around.environ)


def _shipped_plugins(around: Surroundings) -> Path | None:
    """Return the folder of the platform plug-ins, or None where others than the wheel's serve.

    A distribution's own package looks after its dependencies; where the user points Qt at other
    plug-ins, only the display can be judged.
    """
    if around.environ.get("QT_PLUGIN_PATH") or around.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH"):
        return None
    folder = around.folder()
    shipped = folder / "Qt" / "plugins" / "platforms" if folder else None
    return shipped if shipped is not None and shipped.is_dir() else None


def _silent_sentence(platform: str, environ: Mapping[str, str]) -> str:
    """Return the sentence for a display that cannot be reached."""
    variable = "WAYLAND_DISPLAY" if platform == "wayland" else "DISPLAY"
    value = environ.get(variable, "")
    if not value:
        return f"There is no display. Use {WITHOUT_DISPLAY}, or `xvfb-run cnnviz-gui`."
    return (
        f"The display {value} does not answer. Correct {variable}, "
        f"or work without a window: {WITHOUT_DISPLAY}."
    )


def _missing_sentence(first: str, table: tuple[Library, ...], around: Surroundings) -> str:
    """Name every library that is missing, not only the first one the loader stumbled over."""
    missing = [entry for entry in table if not _loads(entry.soname, around)]
    entry = find(first)
    if entry is not None and entry not in missing:
        missing.append(entry)
    if entry is None and not missing:
        return f"Qt cannot be loaded ({first}). Install it again with `{_reinstall()}`."
    names = [entry.soname for entry in missing]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    verb = "is" if len(names) == 1 else "are"
    return f"Qt needs {listed}, which {verb} missing. " + install_advice(
        missing, around.os_release()
    )


def _loads(soname: str, around: Surroundings) -> bool:
    try:
        around.load(soname)
    except OSError:
        return False
    return True


def _check_import(around: Surroundings) -> str:
    """Import what the window needs: here an error can still become a sentence."""
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        soname = _soname(str(error))
        if soname:
            return _missing_sentence(soname, needed(""), around)
        return explain(error)
    return ""


def _soname(text: str) -> str:
    """Return the library that a loader's message says it cannot open, or an empty string."""
    found = re.search(r"(lib[\w+.-]+\.so[\w.]*): cannot open shared object", text)
    return found.group(1) if found else ""


def _pip() -> str:
    return f"{Path(sys.executable).name} -m pip install"


def _reinstall() -> str:
    return f"{_pip()} --force-reinstall '{REQUIREMENT}'"
