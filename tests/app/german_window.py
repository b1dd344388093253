"""The real window in German; prints what has too little room there, as JSON.

Run as a script: texts are made with the modules, so the language comes before all other imports.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from cnnviz_gui import texts

texts.use("de")

sys.path.insert(0, str(Path(__file__).parent))
import test_whole_window as whole  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QApplication,
    QDockWidget,
    QScrollArea,
    QWidget,
)

from cnnviz_gui.app.explorer import Explorer  # noqa: E402
from cnnviz_gui.panels import theme  # noqa: E402
from cnnviz_gui.panels.form_rows import Row  # noqa: E402
from cnnviz_gui.panels.page_room import PageRoom  # noqa: E402

SMALL = (1280, 720)


def short(root: QWidget) -> list[str]:
    """Return names of parameters that end in … although all else is as wide as ever."""
    rows = [one for one in whole.seen(root) if isinstance(one, Row)]
    return [row.label.text() for row in rows if row.label.is_elided()]


def wide(root: QWidget) -> list[str]:
    """Return what is cut at the right, or has to be scrolled sideways."""
    found = []
    for one in whole.seen(root):
        if isinstance(one, PageRoom) and one.horizontalScrollBar().maximum() > 0:
            found.append(f"page, by {one.horizontalScrollBar().maximum()}")
        elif isinstance(one, QScrollArea) and one.widgetResizable():
            bar = one.verticalScrollBar().sizeHint().width()
            usual = theme.RIGHT_DOCK - bar if _in_dock(one) else 0
            over = one.widget().width() - max(one.viewport().width(), usual)
            found += [f"{one.accessibleName()!r}, by {over}: {whole.where(one)}"] * (over > 0)
    return found


def _in_dock(widget: QWidget) -> bool:
    """Tell whether the user can make it wider; too narrow is what is so at the usual width."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return parent is not None


def go_through(explorer: Explorer, walk: whole.Walk) -> None:
    room = (whole.cut, whole.out_of_reach, whole.overlapping)
    whole.attack(explorer)
    whole.look_at_views(explorer, walk, SMALL, *room, short, wide)
    whole.look_at_pages(explorer, walk, whole.USUAL, *room)
    whole.look_at_pages(explorer, walk, whole.ENLARGED_HALF, *room)
    whole.look_at_dialogs(explorer, walk, *room, wide)


def main() -> None:
    QApplication([])
    with tempfile.TemporaryDirectory() as made:
        walk = whole.walked(Path(made), go_through)
    kinds = (whole.cut, whole.out_of_reach, whole.overlapping, short, wide)
    print(json.dumps({kind.__name__: walk.of(kind) for kind in kinds}))


if __name__ == "__main__":
    main()
