"""Clean, perturbation, adversarial; the epsilon axis; what the heat maps say of both."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.blink import BlinkButton
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.attack.cards import MapsCard, SweepCard
from cnnviz_gui.panels.attack.masked_notice import MaskedNotice
from cnnviz_gui.panels.attack.smallest_button import SmallestButton
from cnnviz_gui.panels.attack.transfer_card import TransferCard
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.image_pane import ImagePane, PaneState
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.page import same
from cnnviz_gui.panels.pane_feed import PaneFeed, age, link_all, pane_state
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.panels.pane_title import amplified
from cnnviz_gui.panels.places import keep_splitter
from cnnviz_gui.state import (
    attack_names,
    attack_view,
    epsilon_words,
    map_words,
    prediction_view,
    resting,
    trust,
)
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import SWEEP_POINTS, ShownAttack
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import as_bytes, seen
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "target",
        "stage",
        "attack_view",
        "attack_method",
        "attack_parameters",
        "attack_started",
        "attack_scaled",
        "attack_scale",
        "sweep_maximum",
        "linked",
        "epsilon_unit",
        "amplification",
        "finding.predict",
        "finding.attack",
        "finding.sweep",
    }
)
_CHOSEN = frozenset(
    {
        *("image", "target", "attack_method", "attack_parameters"),
        *("attack_started", "attack_scaled", "attack_scale"),
    }
)
"""What the user chooses, of what decides which picture is shown."""
_PICTURES = 400


class PictureBox(AttackBox):
    """Three pictures, the sweep, the heat maps of both pictures."""

    view = "picture"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._clean = PaneFeed(ImagePane(tr("Clean")), state, input_only=True)
        self._perturbation = PaneFeed(ImagePane(tr("Perturbation")), state, kept=SWEEP_POINTS)
        self._adversarial = PaneFeed(ImagePane(tr("Adversarial")), state, kept=SWEEP_POINTS)
        self._clean.pane.set_edge("clean")
        self._adversarial.pane.set_edge("adversarial")
        self._blink = BlinkButton(state, self._adversarial.pane)
        self._blink.turned.connect(self._draw)
        self._feeds = (self._clean, self._perturbation, self._adversarial)
        self._panes = tuple(feed.pane for feed in self._feeds)
        self._sweep = SweepCard(state)
        self._maps = MapsCard(state)
        self._transfer = TransferCard(state, self)
        self.options = SmallestButton(state)
        self.options.again.connect(self.again)
        self._lay_out()
        self._perturbation.pane.set_readout(self._readout)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed, first=True)
        self._draw()

    def _lay_out(self) -> None:
        beneath = QWidget()
        beneath.setMinimumHeight(self._sweep.least_height())
        below = QHBoxLayout(beneath)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.GAP)
        below.addWidget(self._sweep, 2)
        below.addWidget(self._maps, 1)
        cards = QWidget()
        column = QVBoxLayout(cards)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._transfer)
        column.addWidget(beneath, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(PaneRow(self._panes))
        split.addWidget(cards)
        keep_splitter(split, "attack.picture", (_PICTURES, _PICTURES))
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(MaskedNotice(self._state))
        body.addWidget(split, 1)

    def fit(self) -> None:
        """Show the pictures whole."""
        for pane in self._panes:
            pane.surface.fit()

    def export(self) -> Export | None:
        """Return the adversarial picture, rounded inside its ball, and the numbers behind it."""
        from cnnviz_gui.core.files import quantised

        shown = prediction_view.attack_on_screen(self._state)
        request = prediction_view.wanted_attack(self._state)
        if shown is None or not shown.exact or request is None:
            return None
        result = shown.result
        name = attack_names.file_name(request, self._state.shared.facts)
        film = attack_view.sweep_film(self._state)
        drawn = Deferred(functools.partial(quantised, result))
        return Export(name, drawn, result.adversarial_image, request, film)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CHOSEN:
            self._blink.stop()  # what the hand changes is to be seen, and nothing beside it
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state = self._state
        winner = prediction_view.winner(state)
        named = winner is not None and not trust.nameless(state.shared.facts)
        link_all(self._panes, state.display.linked)
        shown = prediction_view.attack_on_screen(state)
        self._blink.set_result(shown.result if shown is not None else None)
        if shown is None:
            probability = winner.probability if winner and named else None
            self._draw_clean_only(seen(state), probability)
            return
        self._draw_attack(shown)

    def _draw_clean_only(self, picture: ByteArray | None, probability: float | None) -> None:
        started = self._state.selection.attack_started
        if picture is None:
            self._clean.clear("loading")
        else:
            self._clean.show("done", same, picture)
        self._clean.pane.set_caption(fmt.percent(probability) if probability is not None else "")
        invitation = attack_view.invitation(self._state)
        rests = resting.sentence(self._state)
        state, message = pane_state(self._state.finding("attack"), False, rests=rests)
        for feed in (self._perturbation, self._adversarial):
            feed.clear(state if started else "empty", message if started else invitation)
            feed.pane.set_caption("")

    def _draw_attack(self, shown: ShownAttack) -> None:
        result = shown.result
        display = self._state.display
        factor = display.amplification or attack_view.amplification(result)
        state = age(self._state.finding("attack"), shown.current)
        self._clean.show("done", as_bytes, result.clean_image)
        nameless = trust.nameless(self._state.shared.facts)
        self._clean.pane.set_caption("" if nameless else _named(result.clean[0], "clean"))
        sizes, norm = result.norms, "l2" if result.epsilon is None else result.norm
        size = epsilon_words.change(sizes.linf, sizes.l2, sizes.l1, norm, display.epsilon_unit)
        images = result.clean_image, result.adversarial_image
        self._perturbation.show(state, _painted, *images, factor, diverging())
        self._perturbation.pane.set_caption(amplified(size, factor))
        self._perturbation.pane.set_seen(map_words.of_perturbation(result))
        self._draw_adversarial(state, result, nameless)

    def _draw_adversarial(self, state: PaneState, result: AttackResult, nameless: bool) -> None:
        """Draw the adversarial picture or, while it blinks, the clean one in its place."""
        clean, feed = self._blink.clean, self._adversarial
        token = "clean" if clean else "adversarial"
        feed.show(state, as_bytes, result.clean_image if clean else result.adversarial_image)
        feed.pane.set_title(tr("Clean") if clean else tr("Adversarial"))
        feed.pane.set_edge(token)
        score = (result.clean if clean else result.adversarial)[0]
        feed.pane.set_caption("" if nameless else _named(score, token))

    def _readout(self, x: int, y: int) -> str:
        shown = prediction_view.attack_on_screen(self._state)
        if shown is None:
            return f"x {x}, y {y}"
        pixel = shown.result.adversarial_image[:, y, x] - shown.result.clean_image[:, y, x]
        red, green, blue = (fmt.significant(float(value) * 255) for value in pixel)
        return tr("R {red}  G {green}  B {blue}, in 255ths", red=red, green=green, blue=blue)


def _painted(clean: FloatArray, adversarial: FloatArray, factor: int, name: str) -> ByteArray:
    """Paint, for each pixel, its largest change over the colours, symmetric about 0."""
    largest = render.strongest_colour(adversarial - clean)
    bound = attack_view.SHOWN_RANGE / factor
    return render.apply_colormap(largest, name, -bound, bound)


def _named(score: Score, token: str) -> tuple[tuple[str, str, bool], ...]:
    """Return a caption: the class, and its probability in the picture's colour."""
    return ((score.label, "text2", False), (fmt.percent(score.probability), token, True))
