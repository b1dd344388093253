"""A report on the program for whoever is asked for help: one text, without names and folders."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import locale
import os
import platform
import sys
import time
from collections.abc import Sequence

import psutil
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from cnnviz_gui.app.crash_files import Crash
from cnnviz_gui.app.scrubbing import scrub
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core import device
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.result import DeviceInUse
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.chronicle import Entry

_PACKAGES = ("PySide6-Essentials", "torch", "torchvision", "numpy", "pillow")
_WORDS = (
    *("scheme", "stage", "heatmap_method", "attack_method", "feature_preset"),
    *("heatmap_colours", "heatmap_layout", "photograph", "photograph_signed", "epsilon_unit"),
    *("device", "parameters"),
)
"""Settings in words that are told; numbers and switches all are, folders and files never."""


def of_entry(state: AppState, settings: Settings, log: Sequence[str], entry: Entry | None) -> str:
    """Return the report on the program as it runs, and on an entry of what was told."""
    told = [] if entry is None else _entry(entry)
    return scrub(_joined([_title(), *told, *_program(state, settings), *_log(log)]))


def of_crash(state: AppState, settings: Settings, crash: Crash) -> str:
    """Return the report on the crash of a former run."""
    told = ["", f"Crash, {moment(crash.at)}", *_indented(crash.text)]
    return scrub(_joined([_title(), *told, *_program(state, settings), *_log(crash.log)]))


def _joined(lines: Sequence[str]) -> str:
    # Lone surrogates, as from file names that are no text, cannot be written.
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _title() -> str:
    from cnnviz_gui import __version__  # looks it up, which takes a while

    return f"Report of cnnviz-gui {__version__}, {moment(time.time())}"


def _program(state: AppState, settings: Settings) -> list[str]:
    return [
        "",
        "Versions",
        f"  Python {platform.python_version()} ({platform.python_implementation()})",
        f"  Qt {qVersion()}",
        *(f"  {name} {_version(name)}" for name in _PACKAGES),
        f"  cnnviz-gui as a {'bundle' if getattr(sys, 'frozen', False) else 'Python package'}",
        "",
        "System",
        f"  {platform.platform()}, {platform.machine()}, {os.cpu_count()} cores",
        f"  {_locale()}",
        *(f"  {line}" for line in _screens()),
        "",
        "Computing",
        *(f"  {line}" for line in _computing(state)),
        "",
        "Settings",
        *(f"  {line}" for line in _rows(told_settings(settings))),
    ]


def told_settings(settings: Settings) -> dict[str, object]:
    """Return the settings that tell nothing of what the user opens and where."""
    told = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name in _WORDS or isinstance(value, bool | int | float):
            told[field.name] = value
        elif field.name.endswith("_folder"):
            told[field.name] = "set" if value else "not set"
    return told


def _rows(told: dict[str, object]) -> list[str]:
    lines = []
    for name, value in told.items():
        if isinstance(value, dict):  # by method, all that was set
            lines += [f"{name} of {key}: {given}" for key, given in value.items()]
        else:
            lines.append(f"{name}: {value}")
    return lines


def _entry(entry: Entry) -> list[str]:
    level = entry.level.capitalize()
    told = f"{level} from {entry.source}" if entry.source else level
    often = f", {entry.count} times" if entry.count > 1 else ""
    return [
        "",
        f"{told}, {moment(entry.at)}{often}",
        *_indented(entry.text),
        *_indented(entry.details),
    ]


def _log(lines: Sequence[str]) -> list[str]:
    return ["", "The last lines of the log", *(f"  {line}" for line in lines or ("(none)",))]


def _computing(state: AppState) -> list[str]:
    shared, memory = state.shared, psutil.virtual_memory()
    held = psutil.Process().memory_info().rss
    facts, own = shared.facts, state.selection.model.checkpoint is not None
    network = "none yet" if facts is None else "the user's own" if own else facts.title
    return [
        f"{shared.device or 'not ready yet'}",
        *_accelerator(shared.computing),
        f"{fmt.memory(held)} used by the program; {fmt.memory(memory.available)} available of"
        f" {fmt.memory(memory.total)}",
        f"Network: {network}",
    ]


def _accelerator(computing: DeviceInUse | None) -> list[str]:
    """Return what was noted when the device was chosen, and the memory that is used there."""
    if computing is None:
        return []
    held = device.memory(computing.device)
    used = "" if held is None else f"{fmt.memory(held[0])} of {fmt.memory(held[1])} used there"
    return [line for line in (computing.note, used) if line]


def _screens() -> list[str]:
    screens = [
        f"{screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in QGuiApplication.screens()
    ]
    return [f"Window system {QGuiApplication.platformName()}", f"Screens: {', '.join(screens)}"]


def _locale() -> str:
    language, encoding = locale.getlocale()
    return f"Locale {language}, {encoding}; files {sys.getfilesystemencoding()}"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]


def moment(seconds: float) -> str:
    """Return a time, given in seconds since the epoch, as clocks show it here."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
