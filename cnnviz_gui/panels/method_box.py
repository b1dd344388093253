"""Choosing a method; its tooltip gives formula and paper."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.registry import Family, Kind, Method
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import ComboBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_SEEN = 24
_LEAST, _WIDTH = 212, 228
"""The wider holds the longest title."""
_ICONS: dict[str, str] = {"heatmap": "fire", "attack": "lightning"}
_FAMILIES: dict[str, tuple[str, str]] = {
    "layer": (tr("At a layer"), "stack"),
    "gradient": (tr("At the pixels"), "dots-nine"),
    "perturbation": (tr("From outside"), "eraser"),
    "relevance": (tr("Relevance"), "tree-structure"),
    "one-step": (tr("One step"), "arrow-right"),
    "iterative": (tr("Iterative"), "repeat"),
    "smallest": (tr("Smallest perturbation"), "arrows-in"),
    "score": (tr("Score-based black box"), "gauge"),
    "decision": (tr("Decision-based black box"), "question"),
}
"""Of each family its heading and its icon."""


class MethodBox(ComboBox):
    """The methods of a kind; one that cannot work on the network is greyed and says why.

    Parameters
    ----------
    least
        Width in a small window, where the list is as wide as ever.
    """

    def __init__(
        self, state: AppState, kind: Kind, parent: QWidget | None = None, *, least: int = _LEAST
    ) -> None:
        super().__init__(tr("Method"), parent)
        self._least = least
        self._state = state
        self._kind: Kind = kind
        self.setMinimumWidth(least)
        self.setMaximumWidth(_WIDTH)
        self.view().setMinimumWidth(_WIDTH)
        self.setMaxVisibleItems(_SEEN)
        self.activated.connect(self._on_chosen)
        state.observe(self._on_state_changed)
        self._fill()

    def sizeHint(self) -> QSize:
        """Ask for no more than is needed; where there is more room it is taken up to a bound."""
        return QSize(self._least, super().sizeHint().height())

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"methods", "facts"}:
            self._fill()
        elif f"{self._kind}_method" in changes:
            self._show_chosen()

    def _fill(self) -> None:
        self.clear()
        known = sorted(self._state.shared.of_kind(self._kind), key=_family)
        headed = len({method.family for method in known}) > 1
        for before, method in zip((None, *known), known, strict=False):
            if headed and (before is None or before.family != method.family):
                self._add_heading(method.family)
            place = self.count()
            self.addItem(icons.icon(icon(method), "accent"), method.title, method.name)
            reason = self._reason(method)
            self.setItemData(place, tooltip(method, reason), Qt.ItemDataRole.ToolTipRole)
            if reason:
                self.model().item(place).setEnabled(False)
        self._show_chosen()

    def _add_heading(self, family: str) -> None:
        """Add a line that cannot be chosen; without a name only a line between."""
        if family not in _FAMILIES:
            if self.count():
                self.insertSeparator(self.count())
            return
        place = self.count()
        self.addItem(_FAMILIES[family][0].upper())
        self.setItemData(place, theme.font("caps"), Qt.ItemDataRole.FontRole)
        self.model().item(place).setEnabled(False)

    def _show_chosen(self) -> None:
        name = getattr(self._state.selection, f"{self._kind}_method")
        self.setCurrentIndex(self.findData(name))
        method = self._state.shared.method(self._kind, name)
        self.setToolTip(tooltip(method, self._reason(method)) if method is not None else "")

    def _reason(self, method: Method) -> str:
        """Return why a method cannot work on the network in use; empty where it can."""
        facts = self._state.shared.facts
        return method.needs(facts) if facts is not None else ""

    @Slot(int)
    def _on_chosen(self, place: int) -> None:
        self._state.choose_method(self._kind, self.itemData(place))


def icon(method: Method) -> str:
    """Return the icon of a method: that of its family, else that of its kind."""
    return _FAMILIES[method.family][1] if method.family in _FAMILIES else _ICONS[method.kind]


def _family(method: Method) -> int:
    """Return the place of a method's family; within one, methods keep their order."""
    return get_args(Family).index(method.family)


def tooltip(method: Method, reason: str) -> str:
    """Return summary, formula, paper and, if there is one, the reason it cannot work."""
    lines = [
        method.summary,
        method.formula,
        method.paper,
        reason and tr("Not here: {reason}", reason=reason),
    ]
    return "\n".join(line for line in lines if line)
