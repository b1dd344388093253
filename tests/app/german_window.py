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
from PySide6.QtWidgets import QApplication  # noqa: E402
from room import SMALL, short, wide  # noqa: E402

from cnnviz_gui.app.explorer import Explorer  # noqa: E402


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
