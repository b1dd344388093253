"""What is asked before a session is opened."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.session_reading import Strange, shown
from cnnviz_gui.panels import question
from cnnviz_gui.texts import ntr, tr


def agreed(window: QWidget, found: Strange) -> bool:
    """Ask whether other machines may be asked for what a session names."""
    name, places = shown(found.path), ", ".join(found.shares[:3])
    others = len(found.shares[3:])
    text = tr("{name} names files on {places}. Open them?", name=name, places=places)
    if others:
        text = ntr(
            "{name} names files on {places} and {n} more place. Open them?",
            "{name} names files on {places} and {n} more places. Open them?",
            others,
            name=name,
            places=places,
        )
    return question.agreed(
        window,
        tr("Files on other machines"),
        text,
        tr("Open them"),
        more=tr("They are on other machines, which learn who asks for them."),
        refuse=tr("Leave them out"),
    )
