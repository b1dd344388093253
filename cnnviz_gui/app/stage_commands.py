"""What the actions of the stages do: change the one in view, and make pictures on its own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.layer_commands import LayerCommands
from cnnviz_gui.state import feature_view, kept_view
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.kept_features import KeptFeatures
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.state.prediction_view import attack_on_screen
from cnnviz_gui.state.selection import Stage
from cnnviz_gui.texts import tr


class StageCommands(LayerCommands):
    """Handlers of the actions of the stages, by name; see ``actions.SPECS``."""

    _controller: Controller
    _gallery: Gallery

    def __init__(self, parent: QObject, state: AppState) -> None:
        super().__init__(parent, state)
        self._awaiting: KeptFeatures | None = None
        """What was kept, while the network that made it is opened again."""
        state.observe(self._on_state_changed)

    def _on_state_changed(self, changes: Changes) -> None:
        awaited, opening = self._awaiting, self._state.shared.pending_model is not None
        if awaited is None or opening or not changes & {"model", "pending_model"}:
            return
        self._awaiting = None
        if awaited.selection.model == self._state.selection.model:
            self._take_back(awaited)

    def _show(self, stage: Stage) -> None:
        self._state.select(stage=stage)

    @Slot()
    def on_show_layers(self) -> None:
        """Show filters and feature maps."""
        self._show("layers")

    @Slot()
    def on_show_features(self) -> None:
        """Show what channels, layers and classes dream of."""
        self._show("features")

    @Slot()
    def on_show_heatmaps(self) -> None:
        """Show heat maps."""
        self._show("heatmaps")

    @Slot()
    def on_show_attack(self) -> None:
        """Show the attack."""
        self._show("attack")

    @Slot()
    def on_show_plane(self) -> None:
        """Show what the network says around the picture, along the attack and across it."""
        self._show("plane")

    @Slot()
    def on_show_similar(self) -> None:
        """Show the pictures of a folder most like the one in use."""
        self._show("similar")

    @Slot()
    def on_blink(self) -> None:
        """Let the clean picture take the place of the adversarial one in turns, or no more."""
        state = self._state
        if attack_on_screen(state) is None:
            text = tr("There is no attack to blink. Start one first{key}.", key=KEYS.hint("start"))
            state.share(notice=Notice(text, "warning"))
            return
        self._show("attack")
        blinks = state.display.blinking
        state.show(attack_view="picture", blinking=not blinks)

    @Slot()
    def on_make_feature(self) -> None:
        """Make the picture or the sheet in view, let it pause, or let it go on."""
        state = self._state
        # From another page it never pauses: nothing is made where it is not in sight.
        pauses = state.selection.stage == "features" and feature_view.going(state)
        self._show("features")
        if pauses:
            state.select(**feature_view.switched(state, False))
            return
        for lane in feature_view.halted(state):
            self._controller.resume(lane)
        state.select(**feature_view.switched(state, True))

    @Slot()
    def on_feature_anew(self) -> None:
        """Make the picture once more, from another start."""
        self._state.show(feature_view="picture")
        self._state.select(stage="features", **feature_view.anew(self._state))

    @Slot()
    def on_feature_longer(self) -> None:
        """Let the picture go on for more steps."""
        self._state.show(feature_view="picture")
        self._state.select(stage="features", **feature_view.longer(self._state))

    @Slot()
    def on_feature_sheet(self) -> None:
        """Change between one picture and a small one of every channel."""
        self._show("features")
        single = self._state.display.feature_view == "picture"
        self._state.show(feature_view="sheet" if single else "picture")

    @Slot()
    def on_feature_keep(self) -> None:
        """Keep the pictures on screen beside those that come, or keep them no longer."""
        state = self._state
        self._show("features")
        state.show(feature_view="picture")
        if state.shared.kept_features is None and kept_view.to_keep(state) is None:
            text = tr(
                "There is no picture to keep yet. Make one first{key}.",
                key=KEYS.hint("make_feature"),
            )
            state.share(notice=Notice(text, "warning"))
        else:
            state.share(**kept_view.toggled(state))

    @Slot()
    def on_feature_back(self) -> None:
        """Let the settings of the kept pictures be those in use again, whatever changed since."""
        kept = self._state.shared.kept_features
        if kept is None:
            text = tr(
                "No picture of the features is kept. Keep one first{key}.",
                key=KEYS.hint("feature_keep"),
            )
            self._state.share(notice=Notice(text, "warning"))
        elif kept.selection.model == self._state.selection.model:
            self._take_back(kept)
        else:
            self._awaiting = kept
            self._controller.choose_model(kept.selection.model)

    def _take_back(self, kept: KeptFeatures) -> None:
        """Bring settings and pictures back; what was not made to its end waits to be gone on."""
        state, photograph = self._state, kept.parts[0].request.image
        elsewhere = photograph is not None and photograph != state.selection.image
        state.show(feature_view="picture")
        state.select(**kept_view.taken_back(kept), feature_started=False)
        models = {"feature": state.selection.model, "feature-second": state.selection.second}
        parts = [part for part in kept.parts if part.request.model == models[part.lane]]
        for part in parts:
            self._controller.give(part.lane, part.request, part.result, whole=part.whole)
        if photograph is not None and elsewhere:
            self._gallery.open(photograph)
