"""Which keys do what: the usual ones, what the user made of them, and how texts name them.

Keys are texts such as ``Ctrl+Shift+S``. One table serves the whole process, as the theme does, so
that all windows hear the same keys.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cnnviz_gui.texts import tr

Chosen = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Named:
    """An action as texts name it, with the keys it has as long as the user chose no others."""

    title: str
    usual: tuple[str, ...]


class Keys:
    """The keys of all actions, by the actions' names.

    Attributes
    ----------
    native
        Turns a key into how this system writes it.
    """

    def __init__(self) -> None:
        self._named: dict[str, Named] = {}
        self._chosen: Chosen = {}
        self._keys: Chosen = {}
        self._observers: list[weakref.WeakMethod[Callable[[], None]]] = []
        self.native: Callable[[str], str] = str

    def register(self, actions: Mapping[str, Named]) -> None:
        """Let there be these actions, in this order."""
        self._named = dict(actions)
        self._settle()

    def observe(self, observer: Callable[[], None]) -> None:
        """Call a bound method after every change, until its object dies."""
        self._observers.append(weakref.WeakMethod(observer))

    def names(self) -> tuple[str, ...]:
        """Return all actions."""
        return tuple(self._named)

    def title(self, name: str) -> str:
        """Return what an action is called, its own name where it is not known."""
        named = self._named.get(name)
        return named.title.rstrip("…") if named is not None else name

    def of(self, name: str) -> tuple[str, ...]:
        """Return the keys of an action, the one that texts name first."""
        return self._keys.get(name, ())

    def usual(self, name: str) -> tuple[str, ...]:
        """Return the keys that an action has where the user chose no others."""
        return self._named[name].usual

    def owner(self, key: str) -> str:
        """Return which action has a key, empty for none."""
        return next((name for name, keys in self._keys.items() if key in keys), "")

    def chosen(self) -> Chosen:
        """Return what differs from the usual keys, to be remembered."""
        return dict(self._chosen)

    def choose(self, chosen: Mapping[str, Sequence[str]]) -> None:
        """Take these keys for some actions and the usual ones for all others.

        A usual key that is chosen for another action is not one of its own action any more.
        """
        self._chosen = {
            name: tuple(keys)
            for name, keys in chosen.items()
            if name in self._named and tuple(keys) != self._named[name].usual
        }
        self._settle()

    def assign(self, name: str, keys: Sequence[str]) -> None:
        """Give an action these keys and no others; whoever had one of them has it no more."""
        chosen = dict(self._chosen)
        for other, theirs in self._keys.items():
            if other != name and set(theirs) & set(keys):
                chosen[other] = tuple(key for key in theirs if key not in keys)
        chosen[name] = tuple(dict.fromkeys(keys))
        self.choose(chosen)

    def hint(self, name: str) -> str:
        """Return the key of an action in brackets, to stand behind words; empty without one."""
        keys = self.of(name)
        return f" ({self.native(keys[0])})" if keys else ""

    def doer(self, name: str) -> str:
        """Return what does something, to begin a sentence: the key, else the entry of the menu."""
        keys = self.of(name)
        return self.native(keys[0]) if keys else tr("“{title}”", title=self.title(name))

    def modifier(self, name: str) -> str:
        """Return what this system calls a modifier such as ``Ctrl``."""
        return self.native(f"{name}+K").removesuffix("K").rstrip("+")

    def _settle(self) -> None:
        taken: set[str] = set()
        settled: Chosen = {}
        for name, keys in self._chosen.items():
            settled[name] = tuple(key for key in keys if key not in taken)
            taken |= set(keys)
        for name, named in self._named.items():
            if name not in settled:
                settled[name] = tuple(key for key in named.usual if key not in taken)
        before, self._keys = self._keys, settled
        if before != settled:
            self._tell()

    def _tell(self) -> None:
        self._observers = [one for one in self._observers if one() is not None]
        for one in tuple(self._observers):
            observer = one()
            if observer is not None:
                observer()


KEYS: Final = Keys()
"""Those of this process."""
