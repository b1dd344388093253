"""What the actions of the stages do: change the one in view, and make pictures on its own."""

from __future__ import annotations

from PySide6.QtCore import Slot

from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.layer_commands import LayerCommands
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.selection import Stage


class StageCommands(LayerCommands):
    """Handlers of the actions of the stages, by name; see ``actions.SPECS``."""

    _controller: Controller

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
    def on_show_similar(self) -> None:
        """Show the pictures of a folder most like the one in use."""
        self._show("similar")

    @Slot()
    def on_make_feature(self) -> None:
        """Make the picture or the sheet in view, let it pause, or let it go on."""
        state = self._state
        self._show("features")
        if feature_view.going(state):
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
