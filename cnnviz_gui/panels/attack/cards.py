"""The cards below the pictures of an attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.slider_tools import SliderTools
from cnnviz_gui.panels.controls import Card, EmptyState, IconLabel, Label
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.overlays import laid_over, look
from cnnviz_gui.panels.pane_feed import PaneFeed, age, link_all, pane_state
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.state import (
    attack_plan,
    attack_verdict,
    attack_view,
    map_words,
    prediction_view,
    resting,
    trust,
)
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import ShownMap, as_bytes, seen, shown_map
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.request import Attack
    from cnnviz_gui.core.result import ByteArray

_SWEEP = frozenset(
    {
        "stage",
        "attack_view",
        "image",
        "model",
        "target",
        "attack_method",
        "attack_parameters",
        "attack_started",
        "attack_scaled",
        "attack_scale",
        "sweep_maximum",
        "epsilon_unit",
        "finding.predict",
        "finding.attack",
        "finding.sweep",
        "finding.smallest-epsilon",
        "finding.borders",
    }
)
_MAPS = frozenset(
    {
        "stage",
        "attack_view",
        "image",
        "target",
        "attack_method",
        "attack_started",
        "attack_parameters",
        "attack_scaled",
        "attack_scale",
        "epsilon_unit",
        "heatmap_colours",
        "heatmap_in_colour",
        "opacity",
        "photograph",
        "photograph_signed",
        "finding.predict",
        "finding.attack",
        "finding.sweep",
        "finding.heatmap",
        "finding.heatmap-attacked",
    }
)

_LIKENESS = tr(
    "How like the two maps are: 1 where they put the pixels in the same order, 0 by chance"
)


class SweepCard(Card):
    """Class probability against epsilon; its axis is the slider."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._shown: tuple[attack_view.Curves, str] | None = None
        self._plot = EpsilonPlot()
        self._plot.moved.connect(self._on_moved)
        self._plot.released.connect(self._on_moved)
        self._failed = Label("", "caption", "error", wrap=True)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self._failed)
        self.body.addWidget(self._plot, 1)
        self._tools = SliderTools(state)
        self.body.addWidget(self._tools)
        state.observe(self._on_state_changed, first=True)
        self._draw()

    def least_height(self) -> int:
        """Return the height that plot and tools need; the style sheet knows sliders alone."""
        plot, tools = self._plot.minimumSizeHint(), self._tools.sizeHint()
        return plot.height() + self.body.spacing() + tools.height()

    @Slot(object)
    def _on_moved(self, written: float) -> None:
        place = attack_view.from_axis(self._state, float(written))
        self._state.select(**attack_view.slid_to(self._state, place))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _SWEEP and attack_view.in_pictures(self._state):
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state = self._state
        selection = state.selection
        curves = attack_view.curves(state)
        axis = attack_view.unit(state)
        if (curves, axis) != self._shown:  # most changes leave the sweep as it is
            self._shown = curves, axis
            self._draw_curves(curves, axis)
        self._plot.setEnabled(selection.attack_parameters is not None)
        self._plot.set_epsilon(attack_plan.place(selection) / attack_view.axis_factor(state))
        self._plot.set_exact(attack_view.exact(state))
        problem = state.finding("sweep").problem
        self._failed.setText(problem.message if problem is not None else "")
        self._failed.setVisible(problem is not None)

    def _draw_curves(self, curves: attack_view.Curves, axis: str) -> None:
        unit, times = attack_view.unit_text(self._state), attack_view.axis_factor(self._state)
        self._plot.set_range((curves.maximum or 1.0) / times, unit, axis)
        data = {
            curves.label_name: curves.label,
            curves.target_name: curves.target,
            curves.others_name: curves.others,
        }
        self._plot.set_points([place / times for place in curves.epsilons], data, curves.expected)
        flip = None if curves.first_flip is None else curves.first_flip / times
        held = tuple((low / times, high / times) for low, high in curves.held)
        self._plot.set_flip(flip, held, targeted=curves.targeted)


class MapsCard(Card):
    """Heat maps of the winner on both pictures, and whether the attack holds."""

    def __init__(self, state: AppState) -> None:
        super().__init__(tr("Heat map of the winner"), " ", gives_way=True)
        self._state = state
        self._pixels: object = None
        self._picture: ByteArray | None = None
        self._of: Attack | None = None
        self._clean = PaneFeed(ImagePane(tr("Clean"), background="panel"), state, input_only=True)
        self._adversarial = PaneFeed(ImagePane(tr("Adversarial"), background="panel"), state)
        self._clean.pane.set_edge("clean")
        self._adversarial.pane.set_edge("adversarial")
        self._mark = IconLabel("check-circle", "success")
        self._verdict = Label("", "body", "text1", wrap=True)
        self._detail = Label("", "caption", "text3", wrap=True)
        self._empty = EmptyState(
            "fire", tr("Run the attack to compare what both pictures rest on.")
        )
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(PaneRow((self._clean.pane, self._adversarial.pane)), 1)
        # A sentence wraps and widens nothing.
        for label in (self._verdict, self._detail, self._empty.sentence):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._verdict)
        words.addWidget(self._detail)
        line = QHBoxLayout()
        line.setSpacing(theme.INSIDE)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        add_layout(line, words, 1)
        add_layout(column, line)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        self.body.addWidget(holder, 1)
        link_all((self._clean.pane, self._adversarial.pane), True)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _MAPS and attack_view.in_pictures(self._state):
            self._draw()

    @Slot()
    def _draw(self) -> None:
        shown = prediction_view.attack_on_screen(self._state)
        self._stack.setCurrentIndex(0 if shown is None else 1)
        if shown is None:
            self.caption.setText(" ")
            return
        clean = shown_map(self._state, "heatmap")
        attacked = shown_map(self._state, "heatmap-attacked")
        # Of another place on the axis, as while the handle is dragged, a map tells nothing here.
        wanted = prediction_view.wanted_attack(self._state)
        if attacked is not None and not _of_method(attacked, wanted):
            attacked = None
        former = attacked is not None and attacked.request.attack != wanted
        self.caption.set_texts(*_about(clean, attacked))
        self.caption.setEnabled(not former)
        self.caption.set_tooltip(_LIKENESS)
        self._draw_map(self._clean, clean, seen(self._state), "heatmap")
        pixels = shown.result.adversarial_image
        # A former map stays on the picture that it is of.
        stays = attacked is not None and former and attacked.request.attack == self._of
        if pixels is not self._pixels and not stays:
            self._pixels, self._picture, self._of = pixels, as_bytes(pixels), wanted
        lane = "heatmap-attacked"
        self._draw_map(self._adversarial, attacked, self._picture, lane, former=former)
        method = self._state.shared.method("heatmap", self._state.selection.heatmap_method)
        free = method is not None and method.class_free
        nameless = trust.nameless(self._state.shared.facts) or free
        self._clean.pane.set_title(
            clean.result.target.label if clean and not nameless else tr("clean")
        )
        named = attacked is not None and not nameless and not former
        said = attacked.result.target.label if attacked and named else tr("adversarial")
        self._adversarial.pane.set_title(said)
        if method is None:
            self.title.setText(tr("Heat map of the winner"))
        elif free:
            self.title.setText(tr("{method}, ignores the class", method=method.title))
        else:
            self.title.setText(tr("{method} of the winner", method=method.title))
        told = attack_verdict.verdict(self._state, shown)
        self._mark.set_icon(*told.mark)
        self._verdict.set_tone(told.tone)
        self._verdict.setText(told.headline)
        self._detail.setText(told.detail)

    def _draw_map(
        self,
        feed: PaneFeed,
        shown: ShownMap | None,
        picture: ByteArray | None,
        lane: str,
        *,
        former: bool = False,
    ) -> None:
        # a heat map that was stopped alone has no button to go on with
        rests = resting.sentence(self._state)
        finding = self._state.finding(lane)
        state, message = pane_state(finding, shown is not None, rests=rests)
        if shown is None or picture is None:
            feed.clear(state, message)
            return
        if former and state == "done":
            state = age(finding, current=False)
        drawn = look(self._state)
        feed.show(state, laid_over, shown.result, picture, drawn, shown.low, shown.high)
        nameless = trust.nameless(self._state.shared.facts)
        feed.pane.set_seen(map_words.of_map(shown.result, nameless=nameless))


def _of_method(shown: ShownMap, wanted: Attack | None) -> bool:
    """Tell whether a map is of the same method's attack, if with other settings."""
    attack = shown.request.attack
    return attack is not None and wanted is not None and attack.method == wanted.method


def _about(clean: ShownMap | None, attacked: ShownMap | None) -> tuple[str, ...]:
    """Return the layer of the maps and how like they are, then the same in fewer words.

    ``head · rank correlation 0.83``, ``rank correlation 0.83``, ``ρ 0.83``.
    """
    layer = clean.result.layer if clean is not None else ""
    if attacked is None or attacked.result.likeness is None:
        return (layer or " ", " ")
    alike = f"{attacked.result.likeness:.2f}".replace("-", fmt.MINUS)
    said = tr("rank correlation {value}", value=alike)
    return (" · ".join(filter(None, (layer, said))), said, f"ρ {alike}")
