"""The heat map of one network in its pane."""

from __future__ import annotations

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.overlays import colours, laid_over
from cnnviz_gui.panels.pane_feed import PaneFeed, pane_state
from cnnviz_gui.state import comparison_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_view import (
    ShownMap,
    enlarged,
    seen,
    share_of_maximum,
    shown_map,
)


class MapView:
    """Feeds a pane with the heat map of a lane, laid over what the lane's network sees.

    Parameters
    ----------
    lane, prediction
        Where the map and the picture under it are found.
    """

    def __init__(self, state: AppState, lane: str, prediction: str) -> None:
        self._state = state
        self._lane, self._prediction = lane, prediction
        self._feed = PaneFeed(ImagePane("Heat map"), state)
        self.pane = self._feed.pane
        self.pane.set_readout(self._readout)

    def draw(self) -> ShownMap | None:
        """Show the map as far as it is known, and return it."""
        shown, picture = shown_map(self._state, self._lane), seen(self._state, self._prediction)
        finding = self._state.finding(self._lane)
        if shown is None or picture is None:
            self.pane.set_title(self._network() or "Heat map")
            self.pane.set_caption("")
            self._feed.clear(*pane_state(finding, False))
            return None
        result, opacity = shown.result, self._state.display.opacity
        method = self._state.shared.method("heatmap", result.method)
        title = method.title if method is not None else result.method
        self.pane.set_title(f"{self._network() or title}, {result.target.label}")
        said = self._compared(shown) if self._network() else self._alone(shown)
        said.append(enlarged(self._state, self._prediction))
        self.pane.set_caption(" · ".join(filter(None, said)))
        state, _ = pane_state(finding, True)
        name = colours(shown, self._state)
        self._feed.show(state, laid_over, result, picture, opacity, name, shown.low, shown.high)
        return shown

    def _network(self) -> str:
        """Return the name of the network where there are two."""
        if not comparison_view.comparing(self._state):
            return ""
        return comparison_view.names(self._state)[self._prediction == "predict-second"]

    def _alone(self, shown: ShownMap) -> list[str]:
        parts = [f"opacity {self._state.display.opacity:.0%}".replace("%", " %")]
        if shown.result.coarse is not None:
            parts.append(f"map {fmt.shape(shown.result.coarse.shape)}")
        elif self._state.display.locked_range is None:
            parts.append("scale to the 99th percentile")
        return parts

    def _compared(self, shown: ShownMap) -> list[str]:
        """Say what differs between the two maps: the layer and the scale."""
        own = "" if comparison_view.clickable(self._state) else "its winner"
        scale = f"{fmt.significant(shown.low)} to {fmt.significant(shown.high)}"
        return [own, shown.result.layer, scale]

    def _readout(self, x: int, y: int) -> str:
        shown = shown_map(self._state, self._lane)
        if shown is None:
            return f"x {x}, y {y}"
        value = float(shown.result.map[y, x])
        share = share_of_maximum(shown.result, value)
        return f"{fmt.significant(value)} · {share:.0%} of max".replace("%", " %")
