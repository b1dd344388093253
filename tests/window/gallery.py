"""Drives the real program through every panel and saves pictures, for a pair of eyes.

Run as a script: ``python tests/window/gallery.py FOLDER``. Works without a screen.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZES = {"small": (1280, 720, 1), "usual": (1600, 1000, 1), "sharp": (1280, 720, 2)}
"""Name: width and height in logical pixels, device pixels to a logical one."""
SCHEMES = ("dark", "light")
PATIENCE_S = 300.0
STOPS = (
    *(
        "heatmaps",
        "layers",
        "features",
        "attack",
        "compared",
        "looking",
        "devices",
        "windows",
        "settings",
    ),
    *("choosing", "untrained", "checkpoints", "digits", "troubles"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="such as small-dark")
    parser.add_argument("--stops", nargs="*", default=[], choices=STOPS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        tour(arguments.folder, arguments.only, arguments.stops)
        return 0
    status = 0
    for size in SIZES:
        for scheme in SCHEMES:
            name = f"{size}-{scheme}"
            if arguments.only in ("", name):
                status |= _in_a_process(arguments.folder, name, SIZES[size][2], arguments.stops)
    return status


def _in_a_process(folder: Path, name: str, scale: int, stops: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="cnnviz-gallery-") as home:
        own = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        environ = {**os.environ, **own, "QT_SCALE_FACTOR": str(scale), "PYTHONPATH": str(ROOT)}
        environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, __file__, str(folder), "--only", name, "--inside"]
        command += ["--stops", *stops]
        return subprocess.run(command, env=environ, cwd=home, check=False).returncode


class Guide:
    """The running program, and how to wait for it and picture it."""

    def __init__(self, folder: Path, name: str) -> None:
        from PySide6.QtWidgets import QApplication

        from cnnviz_gui.app.explorer import Explorer
        from cnnviz_gui.panels import theme

        size, scheme = name.split("-")
        self.app = QApplication([])
        self.home = Path.cwd()
        self.explorer = Explorer(self.home / "settings.json", self.home / "cache")
        self.state, self.window = self.explorer.state, self.explorer.window
        self.commands = self.explorer.commands
        self.explorer.show()
        self.window.resize(*SIZES[size][:2])
        theme.apply(self.app, scheme)
        self._folder, self._name, self._count = folder, name, 0
        folder.mkdir(parents=True, exist_ok=True)

    def until(self, what: Callable[[], bool]) -> None:
        from PySide6.QtCore import QThread

        end = time.monotonic() + PATIENCE_S
        while not what():
            self.app.processEvents()
            QThread.msleep(2)  # leaves the interpreter to the worker
            if time.monotonic() > end:
                raise SystemExit(f"{self._name}: waited in vain after picture {self._count}")

    def rest(self, seconds: float = 0.7) -> None:
        """Let the eased movements come to their end."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def done(self, *lanes: str) -> None:
        self.rest(0.1)
        self.until(lambda: all(self.state.finding(lane).status == "done" for lane in lanes))
        self.until(lambda: not self.explorer.engine.busy)

    def picture(self, title: str, *, rest: float = 0.7) -> None:
        """Save the window with whatever popups and dialogs stand over it."""
        from PySide6.QtGui import QPainter
        from PySide6.QtWidgets import QApplication

        self.rest(rest)
        shot = self.window.grab()
        painter = QPainter(shot)
        for top in QApplication.topLevelWidgets():
            if top.isVisible() and top is not self.window:
                painter.drawPixmap(top.pos() - self.window.pos(), top.grab())
        painter.end()
        self._count += 1
        shot.save(str(self._folder / f"{self._name}-{self._count:02}-{title}.png"))

    def ask(self, open_it: Callable[[], object], title: str, prepare: Callable[[], object]) -> None:
        """Picture a dialog that runs its own event loop, then close it."""
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        def look() -> None:
            prepare()
            self.picture(title)
            over = QApplication.activeModalWidget() or QApplication.activePopupWidget()
            if over is not None:
                over.close()

        QTimer.singleShot(50, look)
        open_it()


def tour(folder: Path, name: str, stops: list[str]) -> None:
    """Go through the program, one picture a stop; without ``stops`` to all of them."""
    sys.excepthook = _stop
    guide = Guide(folder, name)
    starting(guide)
    import gallery_networks  # beside this file; they need the program
    import gallery_similar

    known = {**vars(gallery_networks), **vars(gallery_similar), **globals()}
    for stop in STOPS:
        if not stops or stop in stops:
            known[stop](guide)
    guide.window.close()


def _stop(kind: type[BaseException], error: BaseException, where: object) -> None:
    import traceback

    traceback.print_exception(error)
    sys.stderr.flush()
    os._exit(1)


def starting(guide: Guide) -> None:
    guide.picture("starting", rest=0.15)
    guide.done("predict", "heatmap")


def heatmaps(guide: Guide) -> None:
    state = guide.state
    guide.picture("heatmap-beside")
    state.show(heatmap_layout="overlay")
    guide.picture("heatmap-overlay")
    state.show(heatmap_layout="side-by-side")
    state.select(target=207)
    guide.done("heatmap")
    guide.picture("heatmap-other-class")
    state.select(target=None)
    state.choose_method("heatmap", "saliency")
    guide.done("heatmap")
    guide.picture("heatmap-saliency")
    state.choose_method("heatmap", "grad-cam")
    guide.done("heatmap")
    state.select(grid_methods=("grad-cam", "layer-cam", "saliency"), target=207)
    state.show(heatmap_view="grid")
    guide.done("heatmap-grid")
    guide.picture("heatmap-grid-classes")
    state.select(grid_across="layers", target=None)
    guide.done("heatmap-grid")
    guide.picture("heatmap-grid-layers")
    state.select(grid_across="classes", grid_methods=())
    state.show(heatmap_view="map")
    guide.done("heatmap")


def layers(guide: Guide) -> None:
    state = guide.state
    state.select(stage="layers")
    guide.done("layer")
    guide.picture("layers-recommended")
    for layer in ("stem.conv", "conv_stem", "blocks.3.conv_dw", "classifier"):
        if state.shared.facts.layer(layer) is not None:
            state.select(layer=layer)
            guide.done("layer")
            guide.picture(f"layers-{layer.replace('.', '-')}")
    first = next(one.name for one in state.shared.facts.layers if one.role == "conv")
    state.select(layer=first, channel=5)
    guide.done("layer")
    guide.picture("layers-first-convolution")
    guide.window.layers._search.setText("conv_dw")
    guide.picture("layers-search")
    guide.window.layers._search.clear()
    guide.window.layers._kinds.choose(["conv", "join"])
    guide.picture("layers-kinds")
    guide.window.layers._kinds.choose([])
    state.show(layer_view="table")
    guide.picture("layers-table")
    state.show(layer_view="maps")
    state.select(layer="", channel=None)


def features(guide: Guide) -> None:
    from cnnviz_gui.core.features.params import FeatureParams
    from cnnviz_gui.state import feature_view

    state, shown = guide.state, feature_view.shown
    state.select(stage="features", layer="blocks.4", channel=5)
    state.select(feature_parameters=FeatureParams(size=64, steps=24))
    guide.picture("features-empty")
    guide.commands.on_make_feature()
    guide.until(lambda: shown(state) is not None and shown(state).result.done > 4)
    guide.picture("features-running", rest=0.05)
    guide.commands.on_make_feature()
    guide.picture("features-paused")
    guide.commands.on_make_feature()
    guide.done("feature")
    guide.picture("features-done")
    state.select(feature_aim="differ", feature_pictures=4, feature_started=True)
    guide.done("feature")
    guide.picture("features-different")
    state.select(feature_aim="excite", feature_target="class", feature_started=True)
    guide.done("feature")
    guide.picture("features-class")
    guide.commands.on_feature_keep()
    shorter = FeatureParams(size=64, steps=12)
    state.select(feature_target="channel", feature_parameters=shorter, feature_started=True)
    guide.done("feature")
    guide.picture("features-kept")
    guide.commands.on_feature_keep()
    state.select(feature_target="channel", feature_started=False)
    state.show(feature_view="sheet")
    guide.picture("features-sheet-empty")
    guide.commands.on_make_feature()
    sheet = functools.partial(state.finding, "feature-sheet")
    guide.until(lambda: sheet().problem or len(getattr(sheet().value, "channels", ())) > 7)
    guide.picture("features-sheet", rest=0.05)
    state.show(feature_view="picture")
    state.select(sheet_started=False, layer="", channel=None)


def attack(guide: Guide) -> None:
    state = guide.state
    coffee = next(e.ref for e in state.shared.strip if "coffee" in e.title)
    state.select(stage="attack")
    guide.explorer.gallery.open(coffee)
    guide.until(
        lambda: state.selection.image is not None and "coffee" in state.selection.image.path
    )
    guide.done("predict")
    guide.picture("attack-empty")
    state.choose_method("attack", "fgsm")  # the quickest: the pictures show the same parts
    guide.commands.on_start_attack()
    guide.until(lambda: len(getattr(state.finding("sweep").value, "points", ())) > 8)
    guide.picture("attack-sweeping", rest=0.05)
    guide.done("attack", "sweep", "heatmap-attacked")
    guide.picture("attack-done")
    state.select(target=301)
    guide.done("attack", "sweep", "heatmap-attacked")
    guide.picture("attack-targeted")
    state.select(target=None)


def compared(guide: Guide) -> None:
    from cnnviz_gui.core.request import ModelRef

    state, lanes = guide.state, ("predict-second", "heatmap", "heatmap-second")
    state.select(stage="heatmaps")
    guide.explorer.controller.choose_second(ModelRef(name="squeezenet1_1", untrained=True))
    guide.picture("second-opening", rest=0.05)
    guide.done(*lanes)
    guide.picture("second-beside")
    state.show(heatmap_layout="overlay")
    guide.picture("second-overlay")
    state.show(heatmap_layout="side-by-side")
    state.select(stage="attack")
    guide.picture("second-attack-empty")
    guide.commands.on_start_attack()
    guide.done("attack", "sweep", "attack-transfer")
    guide.picture("second-attack")
    guide.explorer.controller.swap_networks()
    state.select(stage="heatmaps")
    guide.done(*lanes)
    guide.picture("second-swapped")
    guide.explorer.controller.swap_networks()
    guide.commands.on_stop_comparing()
    guide.done("predict", "heatmap")


def windows(guide: Guide) -> None:
    commands, state = guide.commands, guide.state
    state.select(stage="heatmaps")
    guide.done("heatmap")
    commands.on_palette()
    guide.picture("palette")
    commands._palette._search.setText("gr")
    guide.picture("palette-search")
    commands._palette.hide()
    commands.on_choose_target()
    guide.picture("classes")
    picker = guide.window.prediction._picker.popup
    picker.search.setText("cup")
    guide.picture("classes-search")
    picker.search.setText("qqq")
    guide.picture("classes-none")
    picker.hide()
    guide.explorer.keyboard.on_show_shortcuts()
    guide.picture("shortcuts")
    guide.explorer.keyboard.table.reject()
    guide.ask(commands.on_about, "about", lambda: None)
    menu = next(iter(guide.window.menuBar().actions())).menu()
    menu.popup(guide.window.menuBar().mapToGlobal(guide.window.menuBar().rect().bottomLeft()))
    guide.picture("menu")
    menu.close()
    guide.window._shade.cover()
    guide.picture("drop")
    guide.window._shade.hide()


def digits(guide: Guide) -> None:
    from cnnviz_gui.core.request import ModelRef

    commands, state = guide.commands, guide.state
    sample = next(e.ref for e in state.shared.strip if "chelsea" in e.title)
    guide.explorer.gallery.open(sample)
    commands.choose_network(ModelRef(name="lenet5"))
    guide.until(lambda: state.selection.image is not None and "digit" in state.selection.image.path)
    three = next(e.ref for e in state.shared.strip if "digit-3" in e.title)
    guide.explorer.gallery.open(three)
    guide.until(lambda: state.selection.image.path == three.path)
    guide.done("predict", "heatmap")
    guide.picture("digit-heatmap")
    state.choose_method("heatmap", "saliency")
    guide.done("heatmap")
    guide.picture("digit-saliency")
    state.choose_method("heatmap", "grad-cam")
    state.select(stage="layers", layer="c1", channel=2)
    guide.done("layer")
    guide.picture("digit-first-convolution")
    state.select(layer="relu3", channel=None)
    guide.done("layer")
    guide.picture("digit-second-convolution")
    state.select(layer="output")
    guide.done("layer")
    guide.picture("digit-output")
    state.select(stage="attack", layer="", channel=None)
    guide.done("predict")
    stronger = dataclasses.replace(state.selection.attack_parameters, epsilon=32.0)
    state.select(attack_parameters=stronger)
    commands.on_start_attack()
    guide.done("attack", "sweep", "heatmap-attacked")
    guide.picture("digit-attack")
    guide.explorer.gallery.open(sample)
    guide.until(lambda: state.selection.image.path == sample.path)
    state.select(stage="heatmaps")
    guide.done("predict", "heatmap")
    guide.picture("digit-network-sees-a-cat")
    commands.choose_network(ModelRef(name="efficientnet_lite0"))
    guide.until(lambda: state.selection.model.name == "efficientnet_lite0")
    guide.until(lambda: "chelsea" in state.selection.image.path)
    guide.done("predict", "heatmap")


def troubles(guide: Guide) -> None:
    from PIL import Image

    from cnnviz_gui.core.request import ModelRef
    from cnnviz_gui.state.finding import Problem
    from cnnviz_gui.state.selection import Selection

    state, gallery = guide.state, guide.explorer.gallery
    whole = guide.home / "whole.jpg"
    Image.effect_mandelbrot((640, 480), (-2, -1, 1, 1), 60).convert("RGB").save(whole)
    cut = guide.home / "holiday at the seaside, cut.jpg"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    gallery.open_paths([str(cut)])
    guide.until(lambda: state.shared.notice is not None)
    guide.picture("notice-remedy")
    gallery.open(state.shared.notice.remedy_ref)
    guide.until(lambda: state.selection.image.path == str(cut))
    guide.done("predict", "heatmap")
    guide.picture("opened-partly")
    gallery.open_paths([str(whole), str(guide.home / "gone.png"), str(guide.home)])
    guide.until(lambda: state.shared.notice is not None)
    guide.picture("notice-summary")
    guide.commands.choose_network(ModelRef(name="resnet"))
    guide.until(lambda: state.shared.pending_model is None)
    guide.picture("notice-network")
    said = "There is not enough memory for this job."
    problem = Problem(said, "Choose a smaller network.", "", "Traceback\n  details")
    for stage, lane in (("heatmaps", "heatmap"), ("layers", "layer"), ("attack", "attack")):
        state.share(notice=None)
        state.select(stage=stage, attack_started=stage == "attack")
        guide.rest(0.1)
        guide.until(lambda: not guide.explorer.engine.busy)
        state.found(lane, state.finding(lane).failed(problem))
        guide.picture(f"failed-{stage}")
    state.findings.clear()
    state.share(strip=())
    state.select(stage="heatmaps", image=None, attack_started=False)
    state._replace("selection", {"image": Selection().image})
    for stage in ("heatmaps", "layers", "attack"):
        state.select(stage=stage)
        guide.picture(f"empty-{stage}")
    state.share(start_problem="PyTorch cannot be loaded. Install it with pip install torch.")
    guide.picture("start-failed")


if __name__ == "__main__":
    sys.exit(main())
