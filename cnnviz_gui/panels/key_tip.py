"""Tooltips and all else that names the key of an action, whatever key that is now."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import MethodType
from typing import cast

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from cnnviz_gui.state.keys import KEYS

_Said = tuple[str, str, str]


class _Tips:
    """What was said of which widget, so that it can be said anew."""

    def __init__(self) -> None:
        self._said: weakref.WeakKeyDictionary[QWidget, _Said] = weakref.WeakKeyDictionary()
        self._followers: list[weakref.WeakMethod[Callable[[], None]]] = []
        KEYS.observe(self._say_all)

    def say(self, widget: QWidget, said: _Said) -> None:
        self._said[widget] = said
        text, action, after = said
        widget.setToolTip(f"{text}{KEYS.hint(action)}{after}")

    def follow(self, follower: Callable[[], None]) -> None:
        self._followers.append(weakref.WeakMethod(follower))

    def _say_all(self) -> None:
        for widget, said in tuple(self._said.items()):
            if isValid(widget):
                self.say(widget, said)
        self._followers = [one for one in self._followers if one() is not None]
        for one in tuple(self._followers):
            follower = one()
            if follower is not None and isValid(cast(MethodType, follower).__self__):
                follower()


_TIPS = _Tips()


def key_tip(widget: QWidget, text: str, action: str, after: str = "") -> None:
    """Give a widget a tooltip: words, the key of an action in brackets, and perhaps more words.

    It follows the key when that is changed. Where the action has none the brackets are left out.
    """
    _TIPS.say(widget, (text, action, after))


def follow_keys(follower: Callable[[], None]) -> None:
    """Call a method of an object of Qt after each change of the keys, as long as that lives."""
    _TIPS.follow(follower)
