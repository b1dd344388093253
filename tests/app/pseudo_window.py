"""The real window in a language that marks every translated letter; prints what is not marked.

Run as a script: texts are made with the modules, so the language comes before all other imports.
"""

from __future__ import annotations

import gettext
import json
import re
import string
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnviz_gui import texts

LETTERS = str.maketrans(
    string.ascii_letters,
    "áƀçđéƒǧĥíĵķłɱñóƥɋŕšŧúṽŵẋýž" + "ÁƁÇĐÉƑǦĤÍĴĶŁṀÑÓƤɊŔŠŦÚṼŴẊÝŽ",
)
_KEPT = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|<[^<>]*>|&\w+;|%[sd])")
"""What a translator keeps as it is: what is left open, and marks of the layout."""


def marked(text: str) -> str:
    parts = _KEPT.split(text)
    return "".join(part if at % 2 else part.translate(LETTERS) for at, part in enumerate(parts))


class Pseudo(gettext.NullTranslations):
    """The language: English with accents."""

    def gettext(self, message: str) -> str:
        return marked(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return marked(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return marked(message)


texts._said = Pseudo()

sys.path.insert(0, str(Path(__file__).parent))
import test_whole_window as whole  # noqa: E402
from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtGui import QAction, QPainter  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QGraphicsView,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSpinBox,
    QTabBar,
    QWidget,
)

from cnnviz_gui.app.explorer import Explorer  # noqa: E402

DIALOGS = (*whole.DIALOGS, "notifications", "about")
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
_ROWS = 40
"""Of a table; those below are made as these are."""
Found = dict[str, str]
"""Texts, and where each was met first."""


def of_widget(one: QWidget) -> Iterator[str]:
    yield from (one.toolTip(), one.statusTip(), one.whatsThis())
    yield from (one.accessibleName(), one.accessibleDescription())
    if one.isWindow():
        yield one.windowTitle()
    match one:
        case QLabel() | QAbstractButton():
            yield one.text()
        case QLineEdit():
            yield one.placeholderText()
        case QGroupBox():
            yield one.title()
        case QSpinBox() | QDoubleSpinBox():
            yield from (one.prefix(), one.suffix(), one.specialValueText())
        case QTabBar():
            for at in range(one.count()):
                yield from (one.tabText(at), one.tabToolTip(at))
        case QComboBox():
            for at in range(one.count()):
                yield from (str(one.itemData(at, role) or "") for role in _ROLES)
        case QAbstractItemView():
            yield from of_model(one)
        case QGraphicsView():
            for item in one.scene().items() if one.scene() is not None else ():
                yield from (item.toolTip(), str(getattr(item, "toPlainText", str)()))


def of_model(view: QAbstractItemView) -> Iterator[str]:
    model, waiting = view.model(), [view.rootIndex()]
    if model is None:
        return
    for at in range(model.columnCount()):
        for role in _ROLES:
            yield str(model.headerData(at, Qt.Orientation.Horizontal, role) or "")
    while waiting:
        parent = waiting.pop()
        for row in range(min(_ROWS, model.rowCount(parent))):
            for column in range(model.columnCount(parent)):
                index = model.index(row, column, parent)
                yield from (str(model.data(index, role) or "") for role in _ROLES)
            waiting.append(model.index(row, 0, parent))


def of_action(one: QAction) -> Iterator[str]:
    yield from (one.text(), one.toolTip(), one.statusTip())
    inside = one.menu()
    if isinstance(inside, QMenu):
        for each in inside.actions():
            yield from of_action(each)


def place(widget: QWidget) -> str:
    """Return the classes round a text, down to the first of our own."""
    names: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(names) < 6:
        names.append(type(at).__name__)
        if type(at).__module__.startswith("cnnviz_gui."):
            names[-1] = f"{type(at).__module__}.{type(at).__name__}"
            if len(names) > 1 or "controls" not in names[-1]:
                break
        at = at.parentWidget()
    return " in ".join(names)


class Collector:
    """Gathers all texts of a walk."""

    def __init__(self) -> None:
        self.found: Found = {}

    def look(self, root: QWidget) -> None:
        for one in (root, *whole.seen(root)):
            for text in of_widget(one):
                self.note(text, place(one))
            for action in one.actions():
                for text in of_action(action):
                    self.note(text, f"action {action.objectName()} of {place(one)}")

    def note(self, text: str, where: str) -> None:
        if text:
            self.found.setdefault(text, where)

    def hear_painters(self) -> None:
        """Note what is drawn without a widget of its own."""
        draw = QPainter.drawText

        def heard(painter: QPainter, *arguments: Any) -> Any:
            frame = sys._getframe(1)
            for one in arguments:
                if isinstance(one, str):
                    self.note(one, f"drawn by {frame.f_globals['__name__']}")
            return draw(painter, *arguments)

        QPainter.drawText = heard


def names(explorer: Explorer) -> set[str]:
    """Return what is called so in every language: classes, networks, layers, devices, files."""
    state, shared = explorer.state, explorer.state.shared
    assert shared.facts is not None
    assert shared.computing is not None
    found = {score.label for score in state.finding("predict").value.scores}
    for layer in shared.facts.layers:
        found |= {layer.name, layer.type}
    for entry in shared.catalogue:
        found |= {entry.title, entry.name, entry.family}
    for method in shared.methods:
        found |= {method.title, *method.paper.splitlines(), *method.formula.splitlines()}
    found |= {device.title for device in shared.computing.devices} | {explorer.networks.folder()}
    for one in shared.strip:
        found |= {one.ref.path, Path(one.ref.path).name, Path(one.ref.path).stem}
    return found - {""}


def go_through(explorer: Explorer, walk: whole.Walk, collector: Collector) -> None:
    def gather(root: QWidget) -> list[str]:
        root.grab()  # what is drawn is heard of
        collector.look(root)
        return []

    whole.attack(explorer)
    whole.look_at_views(explorer, walk, whole.USUAL, gather)
    for menu in explorer.window.menuBar().actions():
        inside = menu.menu()
        assert isinstance(inside, QMenu)
        inside.aboutToShow.emit()
        for text in of_action(menu):
            collector.note(text, "the menus")
        inside.aboutToHide.emit()
    whole.look_at_dialogs(explorer, walk, gather, keys=DIALOGS)


def main() -> None:
    QApplication([])
    collector = Collector()
    collector.hear_painters()
    known: set[str] = set()

    def way(explorer: Explorer, walk: whole.Walk) -> None:
        go_through(explorer, walk, collector)
        known.update(names(explorer))

    with tempfile.TemporaryDirectory() as made:
        whole.walked(Path(made), way)
    print(json.dumps({"texts": collector.found, "names": sorted(known)}))


if __name__ == "__main__":
    main()
