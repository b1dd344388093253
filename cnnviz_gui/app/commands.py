"""What the actions do: each handler is a few lines on the state, the gallery or the window."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnviz_gui.app import incoming, primary
from cnnviz_gui.app.about import show_about
from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.intake import Intake
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.networks import Networks
from cnnviz_gui.app.palette_opening import PaletteOpening
from cnnviz_gui.app.saving import Saving
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.panels import theme
from cnnviz_gui.state import (
    applying,
    attack_folder_view,
    attack_plan,
    attack_view,
    resting,
)
from cnnviz_gui.state.app_state import AppState, Notice, SaveAgain
from cnnviz_gui.texts import tr

_PICTURES = tr(
    "Pictures and requests ({endings});;All files (*)",
    endings="*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif *.heic *.json",
)


class Commands(PaletteOpening):
    """Handlers of the actions, by name; see ``actions.SPECS``."""

    settings_changed = Signal()
    similar_folder_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        gallery: Gallery,
        controller: Controller,
        settings: Settings,
        spool: incoming.Spool,
        engine: Engine,
        networks: Networks,
    ) -> None:
        super().__init__(window, state)
        self._gallery = gallery
        self._controller = controller
        self._settings = settings
        self._networks = networks
        self.saving = Saving(window, state, engine)
        self.intake = Intake(window, state, gallery, spool, networks)

    # File

    @Slot()
    def on_open_files(self) -> None:
        """Ask for picture files."""
        paths, _ = QFileDialog.getOpenFileNames(
            self._window, tr("Open pictures"), self._settings.last_folder, _PICTURES
        )
        self._open(paths)

    @Slot()
    def on_open_folder(self) -> None:
        """Ask for a folder of pictures."""
        path = QFileDialog.getExistingDirectory(
            self._window, tr("Open a folder of pictures"), self._settings.last_folder
        )
        self._open([path] if path else [])

    @Slot()
    def on_similar_folder(self) -> None:
        """Ask for the folder in which to look for similar pictures."""
        self.similar_folder_wanted.emit()

    def _open(self, paths: list[str]) -> None:
        if paths:
            self._settings.last_folder = str(Path(paths[0]).parent)
            self._gallery.open_paths(paths)

    @Slot()
    def on_next_picture(self) -> None:
        """Open the next picture of the strip."""
        self._gallery.step(1)

    @Slot()
    def on_previous_picture(self) -> None:
        """Open the previous picture of the strip."""
        self._gallery.step(-1)

    @Slot()
    def on_save_picture(self) -> None:
        """Save the picture of the page in view."""
        self.saving.save_picture()

    @Slot()
    def on_save_jpeg(self) -> None:
        """Save the adversarial picture as JPEG."""
        self.saving.save_jpeg()

    @Slot(object)
    def on_save_again(self, again: SaveAgain) -> None:
        """Write a file of an attack again, or in another way."""
        self.saving.save_again(again)

    @Slot()
    def on_save_array(self) -> None:
        """Save the numbers behind the page in view."""
        self.saving.save_array()

    @Slot()
    def on_save_request(self) -> None:
        """Save the request behind the page in view."""
        self.saving.save_request()

    @Slot()
    def on_save_figure(self) -> None:
        """Save the heat map in view as a figure with its caption."""
        self.saving.save_figure()

    @Slot()
    def on_save_film(self) -> None:
        """Save how the picture of the page in view came about."""
        self.saving.save_film()

    @Slot()
    def on_save_crop(self) -> None:
        """Save the part of the picture that a heat map marks."""
        self.saving.save_crop()

    @Slot()
    def on_close_window(self) -> None:
        """Close the window."""
        self._window.close()

    def may_close(self) -> bool:
        """Ask before the window is closed on a file that is still being written."""
        return self.saving.may_close()

    # Edit

    @Slot()
    def on_paste(self) -> None:
        """Take a picture from the clipboard."""
        self.intake.paste()

    @Slot(object)
    def take(self, offer: incoming.Offer) -> None:
        """Open what was dropped."""
        self.intake.take(offer)

    @Slot()
    def on_copy_picture(self) -> None:
        """Copy the picture of the page in view."""
        self.saving.copy_picture()

    @Slot()
    def on_copy_request(self) -> None:
        """Copy the request behind the page in view."""
        self.saving.copy_request()

    @Slot()
    def on_choose_target(self) -> None:
        """Open the chooser of the target class."""
        self._window.docks["prediction"].show()
        self._window.prediction.focus_target()

    @Slot()
    def on_clear_target(self) -> None:
        """Target the winner."""
        self._state.select(target=None)

    @Slot()
    def on_settings(self) -> None:
        """Open the window of settings."""
        self.settings_wanted.emit("")

    # View

    @Slot()
    def on_toggle_layout(self) -> None:
        """Change between overlay and side by side."""
        beside = self._state.display.heatmap_layout == "side-by-side"
        self._state.show(heatmap_layout="overlay" if beside else "side-by-side")

    @Slot()
    def on_toggle_link(self) -> None:
        """Link or unlink zoom and cursor."""
        self._state.show(linked=not self._state.display.linked)

    @Slot()
    def on_fit(self) -> None:
        """Show the pictures of the page whole."""
        fit = getattr(self._window.stage.page, "fit", None)
        if fit is not None:
            fit()

    @Slot()
    def on_theme_system(self) -> None:
        """Follow the system's theme."""
        self.dress("system")

    @Slot()
    def on_theme_light(self) -> None:
        """Choose the light theme."""
        self.dress("light")

    @Slot()
    def on_theme_dark(self) -> None:
        """Choose the dark theme."""
        self.dress("dark")

    @Slot()
    def on_toggle_theme(self) -> None:
        """Change between light and dark."""
        self.dress("light" if theme.current().dark else "dark")

    def dress(self, scheme: theme.Scheme) -> None:
        """Change the colours and remember which."""
        self._settings.scheme = scheme
        self.settings_changed.emit()
        self.actions[f"theme_{scheme}"].setChecked(True)
        theme.apply(cast(QApplication, QApplication.instance()), scheme)

    @Slot()
    def on_full_screen(self) -> None:
        """Change between window and full screen."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    @Slot()
    def on_reset_layout(self) -> None:
        """Put every dock back."""
        self._window.reset_layout()

    # Network

    @Slot()
    def on_choose_network(self) -> None:
        """Show the catalogue of networks."""
        self._networks.show_chooser()

    @Slot()
    def on_open_checkpoint(self) -> None:
        """Ask for a file of weights."""
        self._networks.choose_checkpoint()

    @Slot(object)
    def choose_network(self, model: ModelRef) -> None:
        """Open a network."""
        self._networks.open(model)

    @Slot()
    def on_stop_comparing(self) -> None:
        """Go back to one network."""
        self._controller.stop_comparing()

    @Slot()
    def on_swap_networks(self) -> None:
        """Let the two networks change places."""
        self._controller.swap_networks()

    @Slot()
    def on_search_layers(self) -> None:
        """Put the cursor into the search of the layers."""
        self._window.docks["layers"].show()
        self._window.docks["layers"].raise_()
        self._window.layers.focus_search()

    @Slot()
    def on_save_layers(self) -> None:
        """Save the table of the layers."""
        self._window.layers.save_table()

    # Run

    @Slot()
    def on_compute_again(self) -> None:
        """Compute what is shown once more; what waits for its button goes on waiting."""
        self._controller.compute_again()

    @Slot()
    def on_start(self) -> None:
        """Do what the view in sight is there for, or go on where the user stopped."""
        self._state.bulletin.deliver_all()  # a key may come before the page it is meant for
        went_on = resting.go_on(self._state, self._controller.resume)
        if not went_on and not primary.press(self._window.stage.page):
            self._state.share(notice=primary.nothing(self._state))

    @Slot()
    def on_start_attack(self) -> None:
        """Attack the picture, or go on with that; where a folder's attacks are looked at, those."""
        state = self._state
        if state.selection.stage == "attack" and state.display.attack_view == "folder":
            if attack_folder_view.startable(state):
                state.select(attack_folder=attack_folder_view.wanted(state))
            resting.go_on(state, self._controller.resume)
        else:
            resting.begin(state, self._controller.resume, stage="attack")

    @Slot()
    def on_epsilon_up(self) -> None:
        """Raise epsilon by a step of its axis."""
        self._step_epsilon("epsilon_up", 1)

    @Slot()
    def on_epsilon_down(self) -> None:
        """Lower epsilon by a step of its axis."""
        self._step_epsilon("epsilon_down", -1)

    def _step_epsilon(self, action: str, by: int) -> None:
        """Move the slider and attack there; begin nothing where the entry is grey in the menu."""
        reason = applying.why_not(self._state)[action]
        if reason:
            self._tell_of_slider(reason)
            return
        place = attack_plan.stepped(self._state.selection, by)
        self._state.select(stage="attack", **attack_view.slid_to(self._state, place))

    def _tell_of_slider(self, reason: str) -> None:
        """Say it where the slider is, if it is in sight."""
        from cnnviz_gui.panels.curve_plot import EpsilonPlot

        plots = self._window.findChildren(EpsilonPlot)
        plot = next((one for one in plots if one.isVisible()), None)
        if plot is None:
            self._state.share(notice=Notice(reason))
        else:
            plot.tell_at_handle(reason)

    @Slot()
    def on_cancel(self) -> None:
        """Stop the job the status strip shows."""
        self._controller.cancel()

    @Slot()
    def on_cancel_all(self) -> None:
        """Stop every job."""
        self.saving.drop_waiting()
        self._controller.cancel_all()

    # Help

    @Slot()
    def on_open_menus(self) -> None:
        """Open the first menu of the bar, for the arrow keys."""
        bar = self._window.menuBar()
        bar.setActiveAction(bar.actions()[0])

    @Slot()
    def on_about(self) -> None:
        """Say what this is."""
        show_about(self._window)
