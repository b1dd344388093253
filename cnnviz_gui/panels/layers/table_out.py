"""The layer table as text that leaves the window: by the clipboard, by a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.layer_table import FORMS, SUFFIXES, Form, tabbed, text
from cnnviz_gui.panels import icons, save_dialog
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.texts import ntr, tr

WORDS: dict[Form, str] = {form: word[0].upper() + word[1:] for form, word in FORMS.items()}
KINDS: dict[Form, str] = {form: f"{word} (*{SUFFIXES[form]})" for form, word in WORDS.items()}
"""The kinds of files, as a dialog shows them."""


class TableOut(QObject):
    """Copies and saves the table of the network in use, and says what became of it."""

    def __init__(self, state: AppState, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state

    def add_to(self, menu: QMenu) -> None:
        """Put the entries into a menu."""
        forms = menu.addMenu(icons.icon("table"), tr("Copy the table as"))
        for form, word in WORDS.items():
            forms.addAction(word).setData(form)
        forms.triggered.connect(self._on_copied)
        save = menu.addAction(icons.icon("download-simple"), tr("Save the table…"))
        save.triggered.connect(self.save)

    @Slot(QAction)
    def _on_copied(self, action: QAction) -> None:
        self.copy(action.data())

    def copy(self, form: Form) -> None:
        """Put the table on the clipboard."""
        facts = self._state.shared.facts
        if facts is not None:
            QGuiApplication.clipboard().setText(text(facts, form))
            said = tr(
                "The layers of {title} are in the clipboard: {form}.",
                title=facts.title,
                form=FORMS[form],
            )
            self._state.share(notice=Notice(said))

    def copy_rows(self, rows: Sequence[LayerFacts]) -> None:
        """Put rows on the clipboard as a spreadsheet takes them."""
        facts = self._state.shared.facts
        if facts is not None:
            QGuiApplication.clipboard().setText(tabbed(rows))
            said = ntr(
                "{count} row of the layers of {title} is in the clipboard.",
                "{count} rows of the layers of {title} are in the clipboard.",
                len(rows),
                count=fmt.count(len(rows)),
                title=facts.title,
            )
            self._state.share(notice=Notice(said))

    @Slot()
    def save(self) -> None:
        """Ask for a file and save the table in the form that its kind stands for."""
        facts = self._state.shared.facts
        if facts is None:
            return
        name = f"{stem(facts.name, 'layers')}{SUFFIXES['csv']}"
        start = save_dialog.begin_in(self._state) / name
        window: QWidget = self.parent()
        asked = save_dialog.ask(window, start, ";;".join(KINDS.values()), tr("Save the table"))
        if asked is None:
            return
        chosen, kind = asked
        form, path = form_of(chosen, kind), chosen
        if path.suffix.lower() not in SUFFIXES.values():
            path = path.with_name(path.name + SUFFIXES[form])
        if save_dialog.make_way(window, self._state, path, chosen):
            save_dialog.write_now(self._state, path, partial(_write, text(facts, form)))


def _write(table: str, path: Path) -> Path:
    from cnnviz_gui.core.files import write_atomically  # numpy comes with it

    write_atomically(path, table.encode())
    return path


def form_of(path: Path, kind: str) -> Form:
    """Return the form that the dialog was set to, unless the name's ending stands for another."""
    wanted = next((form for form, shown in KINDS.items() if shown == kind), "csv")
    ending = path.suffix.lower()
    if ending == SUFFIXES[wanted]:
        return wanted
    return next((form for form, suffix in SUFFIXES.items() if suffix == ending), wanted)
