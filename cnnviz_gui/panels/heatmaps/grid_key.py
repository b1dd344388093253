"""The key to the colours of many heat maps: what they mean, and whose scale they are on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.state.grid_view import ShownGrid
from cnnviz_gui.state.heatmap_view import fits
from cnnviz_gui.state.selection import Display
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.heatmap_results import HeatmapResult
    from cnnviz_gui.core.look import Look

_ENDS = {
    "unsigned": (tr("unimportant"), tr("important")),
    "signed": (tr("against class"), tr("for class")),
    "colour": (tr("negative"), tr("positive")),
}
"""What the ends of a scale mean: of maps without a sign, with one, of three colours."""
_SCALES = {"own": tr("each map to its own scale"), "row": tr("one scale per row")}


class GridKey(QWidget):
    """A lying bar for each colour map that is used, side by side; it keeps its place."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = {kind: ColourBar(Qt.Orientation.Horizontal) for kind in _ENDS}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GAP)
        for bar in self._bars.values():
            row.addWidget(bar)
            bar.hide()
        # The tiles do not jump when the first map comes in.
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def set_grid(self, shown: ShownGrid | None, display: Display, look: Look) -> None:
        """Tell of the maps that are there; without one nothing is shown."""
        found: dict[str, list[HeatmapResult]] = {kind: [] for kind in _ENDS}
        for cell in () if shown is None else shown.cells.values():
            if cell.result is not None:
                found[_kind(cell.result, look)].append(cell.result)
        for kind, bar in self._bars.items():
            results = found[kind]
            bar.setVisible(bool(results))
            if results:
                note = _scale(kind, results, display)
                bar.set_scale(look.colour_map(results[0]), -1.0, 1.0, note=note, ends=_ENDS[kind])
        self.setVisible(any(found.values()))


def _kind(result: HeatmapResult, look: Look) -> str:
    if look.shows_colours(result):
        return "colour"
    return "signed" if result.signed else "unsigned"


def _scale(kind: str, results: Sequence[HeatmapResult], display: Display) -> str:
    """Say what maps of a kind have in common: a map, a row or, where it is locked, all of them."""
    if kind == "colour":
        return _SCALES["own"]
    locked, said = display.locked_range, _SCALES[display.grid_scale]
    if locked is None or not any(fits(locked, result) for result in results):
        return said
    low, high = fmt.significant(locked.low), fmt.significant(locked.high)
    if all(fits(locked, result) for result in results):
        return tr("one scale, {low} to {high}", low=low, high=high)
    return tr("{scale}, one row locked", scale=said)
