"""The heat map of one network in its pane."""

from __future__ import annotations

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import pane_title
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.overlays import laid_over, look
from cnnviz_gui.panels.pane_feed import GO_ON, PaneFeed, pane_state
from cnnviz_gui.state import comparison_view, map_words, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_view import (
    ShownMap,
    enlarged,
    explained,
    in_colour,
    seen,
    share_of_maximum,
    shown_map,
)
from cnnviz_gui.texts import tr


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
        self._feed = PaneFeed(ImagePane(tr("Heat map")), state)
        self.pane = self._feed.pane
        self.pane.set_readout(self._readout)

    def draw(self) -> ShownMap | None:
        """Show the map as far as it is known, and return it."""
        shown, picture = shown_map(self._state, self._lane), seen(self._state, self._prediction)
        finding = self._state.finding(self._lane)
        if shown is None or picture is None:
            self.pane.set_title(self._network() or tr("Heat map"))
            self.pane.set_caption("")
            self.pane.set_details("" if self._network() else None)
            rests = GO_ON if self._lane == "heatmap" else ""
            kind, said = pane_state(finding, False, rests=rests)
            above = finding.problem is not None and self._lane == "heatmap"  # in the card
            self._feed.clear(kind, tr("No heat map") if above else said)
            return None
        result = shown.result
        method = self._state.shared.method("heatmap", result.method)
        title = method.title if method is not None else result.method
        network, small = self._network(), enlarged(self._state, self._prediction)
        self.pane.set_title(network or self._title(title, explained(result)))
        self.pane.set_caption(small if network else pane_title.parts(*self._alone(shown), small))
        self.pane.set_details(self._compared(shown) if network else None)
        state, _ = pane_state(finding, True)
        drawn = look(self._state)
        self._feed.show(state, laid_over, result, picture, drawn, shown.low, shown.high)
        nameless = trust.nameless(self._state.shared.facts)
        self.pane.set_seen(map_words.of_map(result, nameless=nameless))
        return shown

    def _network(self) -> str:
        """Return the name of the network where there are two."""
        if not comparison_view.comparing(self._state):
            return ""
        return comparison_view.names(self._state)[self._prediction == "predict-second"]

    def _title(self, method: str, label: str) -> str:
        """Name method and class, and whether the network is one not to be believed."""
        facts = self._state.shared.facts
        parts = [method, trust.mark(facts), "" if trust.nameless(facts) else label]
        return ", ".join(filter(None, parts))

    def _alone(self, shown: ShownMap) -> list[str]:
        display, bare = self._state.display, in_colour(self._state.display, shown.result)
        under = display.photograph_signed if shown.result.signed else display.photograph
        opacity = (
            ""
            if bare or under == "none"
            else tr("opacity {share}", share=fmt.share(display.opacity))
        )
        parts = [opacity]
        if shown.result.coarse is not None:
            parts.append(tr("map {shape}", shape=fmt.shape(shown.result.coarse.shape)))
        elif bare or display.locked_range is None:
            parts.append(tr("scale to the 99th percentile"))
        return parts

    def _compared(self, shown: ShownMap) -> str:
        """Say what may differ between the two maps: the class, the layer and the scale."""
        label = explained(shown.result)
        own = (
            label
            if comparison_view.clickable(self._state) or shown.result.class_free
            else tr("its winner, {label}", label=label)
        )
        return _joined(own, shown.result.layer, _scale(shown.low, shown.high))

    def _readout(self, x: int, y: int) -> str:
        shown = shown_map(self._state, self._lane)
        if shown is None:
            return f"x {x}, y {y}"
        if in_colour(self._state.display, shown.result):
            values = shown.result.colour[:, y, x].tolist()
            return " ".join(
                f"{name} {fmt.significant(v)}" for name, v in zip("RGB", values, strict=True)
            )
        value = float(shown.result.map[y, x])
        share = share_of_maximum(shown.result, value)
        return tr("{value} · {share} of max", value=fmt.significant(value), share=fmt.share(share))


def _scale(low: float, high: float) -> str:
    """Return how far a colour scale goes: ``to 0.387``, ``± 0.2``, ``0.1 to 0.2``."""
    if low in (0.0, -high):
        end = fmt.significant(high)
        return f"± {end}" if low else tr("to {high}", high=end)
    return tr("{low} to {high}", low=fmt.significant(low), high=fmt.significant(high))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
