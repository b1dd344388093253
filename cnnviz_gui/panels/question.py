"""Yes or no, asked in a box over the window."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from cnnviz_gui.texts import tr


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
        What the buttons say; without the latter it is Cancel.
    loses
        Whoever agrees loses something.
    eager
        Return agrees; else it refuses.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(more)
    role = QMessageBox.ButtonRole
    yes = box.addButton(agree, role.DestructiveRole if loses else role.AcceptRole)
    no = add_refusal(box, refuse)
    box.setDefaultButton(yes if eager else no)
    box.exec()
    return box.clickedButton() is yes


def add_refusal(box: QMessageBox, text: str = "") -> QPushButton:
    """Add the button that Escape and closing the box press: Cancel, where it has no ``text``.

    It is none of Qt's own, to which some desktops give a picture that the others have not.
    """
    button = box.addButton(text or tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setEscapeButton(button)
    return button
