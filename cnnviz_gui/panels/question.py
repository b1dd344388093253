"""Yes or no, asked in a box over the window."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget


def agreed(
    parent: QWidget | None,
    title: str,
    text: str,
    agree: str,
    *,
    more: str = "",
    refuse: str = "",
    loses: bool = False,
    eager: bool = False,
) -> bool:
    """Ask, and return whether the user agrees; Escape, and closing the box, refuse.

    Parameters
    ----------
    more
        Stands below the question.
    agree, refuse
        What the buttons say; without the latter it is Qt's own word for Cancel.
    loses
        Whoever agrees loses something.
    eager
        Return agrees; else it refuses.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(more)
    role, usual = QMessageBox.ButtonRole, QMessageBox.StandardButton
    yes = box.addButton(agree, role.DestructiveRole if loses else role.AcceptRole)
    no = box.addButton(refuse, role.RejectRole) if refuse else box.addButton(usual.Cancel)
    box.setDefaultButton(yes if eager else no)
    box.setEscapeButton(no)
    box.exec()
    return box.clickedButton() is yes
