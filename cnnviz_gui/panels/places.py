"""Where the hand left things: sizes of windows and their parts, widths and order of columns.

One store for all, by name, which the program brings back at its start and keeps in the settings.
What is read there was perhaps written by another version, or by nobody: what does not fit what it
is about is passed over.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from PySide6.QtCore import QByteArray, QObject, QRect, QSize, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QSplitter, QWidget

Place = bool | str | list[int] | list[str] | dict[str, int]
_T = TypeVar("_T")
_MOST = 1 << 15
"""Pixels: nothing on screen is larger."""


class Places(QObject):
    """What is remembered, by name."""

    changed = Signal()
    """There is something to save."""
    saving = Signal()
    """All is about to be saved: what is not told when it changes is to be noted now."""
    forgotten = Signal()
    """All is to stand as in the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Place] = {}

    def bring(self, stored: Mapping[str, object]) -> None:
        """Take what was remembered, in place of all that is known."""
        self._kept = {name: value for name, value in stored.items() if _sound(value)}  # type: ignore[misc]

    def stored(self) -> dict[str, Place]:
        """Return what is to be remembered."""
        self.saving.emit()
        return dict(self._kept)

    def note(self, name: str, value: Place) -> None:
        """Remember something that is saved now anyway."""
        self._kept[name] = value

    def get(self, name: str, kind: type[_T]) -> _T | None:
        """Return what is known under a name, None where that is nothing of the kind."""
        value = self._kept.get(name)
        return value if isinstance(value, kind) else None

    def keep(self, name: str, value: Place) -> None:
        """Remember something."""
        if self._kept.get(name) != value:
            self._kept[name] = value
            self.changed.emit()

    def forget(self) -> None:
        """Let all stand as in the beginning."""
        self._kept.clear()
        self.forgotten.emit()
        self._kept.clear()  # what was put back is nothing that the hand did
        self.changed.emit()


PLACES: Final = Places()
"""Those of this process."""


def _sound(value: object) -> bool:
    match value:
        case bool() | str():
            return True
        case list():
            return all(_length(one) for one in value) or all(isinstance(one, str) for one in value)
        case dict():
            return all(isinstance(key, str) and _length(one) for key, one in value.items())
    return False


def _length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


class _Keeper(QObject):
    """Does something with one widget, and lives as long as that."""

    def __init__(self, name: str, widget: QWidget) -> None:
        super().__init__(widget)
        self._name = name
        PLACES.forgotten.connect(self._put_back)

    @Slot()
    def _put_back(self) -> None:
        raise NotImplementedError


class _Splitter(_Keeper):
    def __init__(self, name: str, splitter: QSplitter, usual: Sequence[int]) -> None:
        super().__init__(name, splitter)
        self._splitter = splitter
        self._usual = list(usual)
        splitter.splitterMoved.connect(self._on_moved)
        sizes = PLACES.get(name, list) or []
        fits = len(sizes) == splitter.count() and all(_length(one) for one in sizes) and sum(sizes)
        splitter.setSizes(sizes if fits else self._usual)

    @Slot(int, int)
    def _on_moved(self, position: int, index: int) -> None:
        PLACES.keep(self._name, self._splitter.sizes())

    @Slot()
    def _put_back(self) -> None:
        self._splitter.setSizes(self._usual)


class _Fold(_Keeper):
    def __init__(self, name: str, button: QAbstractButton) -> None:
        super().__init__(name, button)
        self._button = button
        self._usual = button.isChecked()
        open_ = PLACES.get(name, bool)
        if open_ is not None:
            button.setChecked(open_)
        button.toggled.connect(self._on_toggled)

    @Slot(bool)
    def _on_toggled(self, open_: bool) -> None:
        PLACES.keep(self._name, open_)

    @Slot()
    def _put_back(self) -> None:
        self._button.setChecked(self._usual)


class _Window(_Keeper):
    """Brings a window back, and notes it when all is saved, if it was ever seen."""

    def __init__(self, name: str, window: QWidget) -> None:
        super().__init__(name, window)
        self._window = window
        self._usual = window.size()
        geometry = PLACES.get(name, str)
        if geometry and window.restoreGeometry(as_bytes(geometry)):
            bring_in_sight(window)
        PLACES.saving.connect(self._note)

    @Slot()
    def _note(self) -> None:
        if self._window.windowHandle() is not None:
            PLACES.note(self._name, as_text(self._window.saveGeometry()))

    @Slot()
    def _put_back(self) -> None:
        if self._window.isVisible() and self._window.isMaximized():
            self._window.showNormal()
        self._window.resize(self._usual)
        bring_in_sight(self._window)


def keep_splitter(splitter: QSplitter, name: str, usual: Sequence[int]) -> None:
    """Divide the room of a splitter with all its parts as the hand did last, else as is usual."""
    _Splitter(f"split.{name}", splitter, usual)


def keep_fold(button: QAbstractButton, name: str) -> None:
    """Remember whether what a button folds away is open."""
    _Fold(f"open.{name}", button)


def keep_window(window: QWidget, name: str) -> None:
    """Remember size and place of a window that has its usual size now."""
    PLACES.saving.emit()  # one of the same name may have been moved since all was saved
    _Window(f"window.{name}", window)


def bring_in_sight(window: QWidget) -> None:
    """Let a window be on a screen that there is, and no larger than that."""
    frame = window.frameGeometry()
    rooms = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    moved = in_sight(frame, rooms)
    if moved.size() != frame.size():
        window.resize(window.size() - (frame.size() - moved.size()))
    if moved.topLeft() != frame.topLeft():
        window.move(moved.topLeft())


def in_sight(frame: QRect, rooms: list[QRect]) -> QRect:
    """Return a frame as it lies wholly in the room that it shares most with, else in the first."""

    def shared(room: QRect) -> int:
        both = room.intersected(frame)
        return both.width() * both.height() if both.isValid() else 0

    room = max(rooms, key=shared)
    moved = QRect(frame.topLeft(), QSize(frame.size()).boundedTo(room.size()))
    moved.moveLeft(min(max(moved.left(), room.left()), room.right() - moved.width() + 1))
    moved.moveTop(min(max(moved.top(), room.top()), room.bottom() - moved.height() + 1))
    return moved


def as_text(data: QByteArray) -> str:
    """Return bytes as Base64."""
    return base64.b64encode(data.data()).decode("ascii")


def as_bytes(text: str) -> QByteArray:
    """Return what was written as Base64; nothing where it is no such text."""
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return QByteArray()
