"""What a view is there to do: the button of the page in sight that begins it or goes on with it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QAbstractButton, QWidget

from cnnviz_gui.panels.controls import Button, EmptyState, FailureCard
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr


def press(page: QWidget) -> bool:
    """Press what begins or goes on, or tries again, or opens what is missing; say whether."""
    return _press_first(_all_of(page))


def offers(page: QWidget) -> bool:
    """Tell whether there is anything to press."""
    return next(_all_of(page), None) is not None


def nothing(state: AppState) -> Notice:
    """Return what to say where there is nothing to begin."""
    activity = state.shared.activity
    if activity is not None:
        return Notice(
            tr(
                "Under way already: {activity}. {key} stops it.",
                activity=activity.text,
                key=KEYS.doer("cancel"),
            )
        )
    again = KEYS.doer("compute_again")
    return Notice(
        tr("There is nothing to start here. {key} computes what is shown again.", key=again)
    )


def _press_first(buttons: Iterator[QAbstractButton]) -> bool:
    button = next(buttons, None)
    if button is not None:
        button.click()
    return button is not None


def _starts(page: QWidget) -> Iterator[QAbstractButton]:
    return _usable(page, [button for button in page.findChildren(Button) if button.begins])


def _all_of(page: QWidget) -> Iterator[QAbstractButton]:
    yield from _starts(page)
    yield from _usable(page, [button for button in page.findChildren(Button) if button.goes_on])
    yield from _usable(page, [card.remedy for card in page.findChildren(FailureCard)])
    yield from _usable(page, [empty.action for empty in page.findChildren(EmptyState)])
    if isinstance(page, EmptyState):
        yield from _usable(page, [page.action])


def _usable(page: QWidget, buttons: list[Button]) -> Iterator[QAbstractButton]:
    return (one for one in buttons if one.isVisibleTo(page) and one.isEnabled())
