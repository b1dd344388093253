"""The real window mirrored, as for Arabic; prints what is wrong there, as JSON.

Run as a script: the direction of a program is that of all its windows.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["CNNVIZ_DIRECTION"] = "rtl"

sys.path.insert(0, str(Path(__file__).parent))
import test_whole_window as whole
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from room import SMALL, wide

from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.main_window import MainWindow


def unmirrored(root: QWidget) -> list[str]:
    """Return neighbours of which the first in English is not the one at the right here."""
    if not isinstance(root, MainWindow):
        return []
    bar, tabs = root.top_bar, root.stage.tabs
    pairs = (
        (root.docks["layers"], root.stage),
        (root.stage, root.docks["prediction"]),
        (bar.network, bar.strip),
    )
    found = [
        f"{type(one).__name__} before {type(other).__name__}"
        for one, other in pairs
        if one.mapToGlobal(QPoint()).x() < other.mapToGlobal(QPoint()).x()
    ]
    if tabs.tabRect(0).left() < tabs.tabRect(1).left():
        found.append("tabs")
    return found


KINDS = (whole.cut, whole.out_of_reach, whole.overlapping, wide, unmirrored)


def go_through(explorer: Explorer, walk: whole.Walk) -> None:
    whole.look_at_pages(explorer, walk, SMALL, *KINDS)
    whole.look_at_dialogs(explorer, walk, *KINDS)


def main() -> None:
    QApplication([])
    with tempfile.TemporaryDirectory() as made:
        walk = whole.walked(Path(made), go_through)
    print(json.dumps({kind.__name__: walk.of(kind) for kind in KINDS}))


if __name__ == "__main__":
    main()
