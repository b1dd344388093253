"""Draw the pictures of the manual and of the README anew, from the running program.

Run as a script: ``python packaging/make_pictures.py``. Takes some minutes and needs no display; the
network and the photographs are those that come with the program. ``--only NAME ...`` draws some.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz_gui.panels.theme import Scheme

PROJECT = Path(__file__).resolve().parents[1]
MANUAL = PROJECT / "resources" / "manual" / "pictures"
README = PROJECT / "resources" / "screenshots"
SIZE = (1280, 800)
SHARP = 1.5
"""Device pixels to a logical one, of which pictures are made smaller."""
WIDTHS = {MANUAL: 1024, README: 1600}
QUALITIES = {MANUAL: 55, README: 80}
PATIENCE_S = 900.0


def main() -> int:
    """Draw each set in a process of its own: a scale is chosen before the program starts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=[*STOPS], help="some of them")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        tour(arguments.only)
        return 0
    with tempfile.TemporaryDirectory(prefix="cnnviz-pictures-") as home:
        own = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        environ = {**os.environ, **own, "PYTHONPATH": str(PROJECT), "QT_SCALE_FACTOR": str(SHARP)}
        environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, str(Path(__file__).resolve()), "--inside", "--only"]
        return subprocess.run(
            [*command, *arguments.only], env=environ, cwd=home, check=False
        ).returncode


class Guide:
    """The running program, and how to wait for it and to picture it."""

    def __init__(self) -> None:
        from PySide6.QtWidgets import QApplication

        from cnnviz_gui.app.explorer import Explorer
        from cnnviz_gui.panels import theme

        self.app = QApplication([])
        home = Path.cwd()
        theme.set_reduced_motion(True)
        self.explorer = Explorer(home / "settings.json", home / "cache")
        theme.set_reduced_motion(True)
        self.state, self.window = self.explorer.state, self.explorer.window
        self.commands = self.explorer.commands
        self.explorer.show()
        self.window.resize(*SIZE)
        self.dress("light")
        self.done("predict", "heatmap")

    def dress(self, scheme: Scheme) -> None:
        """Show the window in a scheme."""
        from cnnviz_gui.panels import theme

        theme.apply(self.app, scheme)

    def until(self, what: Callable[[], bool]) -> None:
        """Let the program go on until something is so."""
        from PySide6.QtCore import QThread

        end = time.monotonic() + PATIENCE_S
        while not what():
            self.app.processEvents()
            QThread.msleep(15)  # leaves the interpreter to the worker
            if time.monotonic() > end:
                raise SystemExit("The program did not come to an end; nothing more is drawn.")

    def rest(self, seconds: float) -> None:
        """Let all be drawn that follows from what was found."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def done(self, *lanes: str) -> None:
        """Wait for these lanes, and for whatever else is under way."""
        self.rest(0.1)
        self.until(lambda: all(self._is_done(one) for one in lanes))
        self.until(lambda: not self.explorer.engine.busy)

    def _is_done(self, lane: str) -> bool:
        """Tell whether a lane has its answer; end where it will have none."""
        finding = self.state.finding(lane)
        if finding.problem is not None:
            raise SystemExit(f"{lane}: {finding.problem.message} Nothing more is drawn.")
        if finding.halted:
            raise SystemExit(f"{lane} was stopped. Nothing more is drawn.")
        return finding.status == "done"

    def open(self, name: str) -> None:
        """Open the sample whose title has this name."""
        entry = next(entry for entry in self.state.shared.strip if name in entry.title)
        self.explorer.gallery.open(entry.ref)
        self.until(lambda: name in getattr(self.state.selection.image, "path", ""))
        self.done("predict")

    def picture(self, name: str, folder: Path = MANUAL, widget: QWidget | None = None) -> None:
        """Write the window, or another one."""
        self.rest(0.6)
        shot = (widget or self.window).grab()
        with tempfile.TemporaryDirectory() as drawn:
            path = Path(drawn) / "shot.png"
            shot.save(str(path))
            write(path, folder / f"{name}.webp")
        print(name, flush=True)


def write(drawn: Path, path: Path) -> None:
    """Write a picture in few bytes: those of the manual travel with the program."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    width = WIDTHS[path.parent]
    with Image.open(drawn) as image:
        height = round(image.height * width / image.width)
        small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    small.save(path, quality=QUALITIES[path.parent], method=6)


def heatmaps(guide: Guide) -> None:
    """Draw Grad-CAM, the grid, and whether to trust the map."""
    state = guide.state
    state.select(stage="heatmaps")
    guide.done("heatmap")
    guide.picture("heatmaps")
    guide.picture("heatmaps-light", README)
    state.select(grid_methods=("grad-cam", "layer-cam", "saliency"))
    state.show(heatmap_view="grid")
    guide.done("heatmap-grid")
    guide.picture("heatmaps-grid")
    state.select(grid_methods=())
    state.show(heatmap_view="map")


def trust(guide: Guide) -> None:
    """Draw deletion and insertion beside their controls."""
    guide.state.select(stage="heatmaps")
    guide.state.show(heatmap_view="trust")
    guide.done("trust")
    guide.picture("trust")
    guide.state.show(heatmap_view="map")


def layers(guide: Guide) -> None:
    """Draw the maps of a layer, and the dossier of a channel."""
    state = guide.state
    first = next(one.name for one in state.shared.facts.layers if one.role == "conv")
    state.select(stage="layers", layer=first, channel=5, cell=(40, 38))
    guide.done("layer")
    guide.rest(1.0)
    guide.until(lambda: not guide.explorer.engine.busy)
    guide.picture("layers")
    guide.picture("layers-light", README)
    state.select(layer="", channel=None, cell=None)


def features(guide: Guide) -> None:
    """Draw a picture that a channel responds to."""
    from cnnviz_gui.core.features.params import FeatureParams

    state = guide.state
    state.select(stage="features", layer="blocks.7", channel=11)
    state.select(feature_parameters=FeatureParams())
    guide.commands.on_make_feature()
    guide.done("feature")
    guide.picture("features")
    guide.dress("dark")
    guide.picture("features-dark", README)
    guide.dress("light")
    state.select(layer="", channel=None, feature_started=False)


def attack(guide: Guide) -> None:
    """Draw an attack with its steps, a race, and the defences."""
    state = guide.state
    guide.open("coffee")
    state.select(stage="attack")
    state.choose_method("attack", "pgd")
    guide.commands.on_start_attack()
    guide.done("attack", "sweep", "heatmap-attacked")
    guide.picture("attack")
    guide.dress("dark")
    guide.picture("attack-dark", README)
    guide.dress("light")
    state.show(attack_view="steps")
    guide.done("attack-steps")
    guide.picture("attack-steps")
    state.show(attack_view="race")
    state.select(race_attacks=("fgsm", "bim", "pgd", "deepfool"), race_started=True)
    guide.done("attack-race")
    guide.picture("attack-race")
    state.show(attack_view="defences")
    guide.commands.actions["start"].trigger()
    guide.done("defences")
    guide.picture("defences")
    state.show(attack_view="picture")


def plane(guide: Guide) -> None:
    """Draw what lies around the picture."""
    guide.open("coffee")
    guide.state.select(stage="plane")
    guide.state.choose_method("attack", "pgd")
    guide.rest(0.5)
    guide.commands.actions["start"].trigger()
    guide.done("plane")
    guide.picture("plane")
    guide.picture("plane-light", README)


def similar(guide: Guide) -> None:
    """Draw the samples and the digits, the most similar first."""
    folder = Path.cwd() / "holiday"
    folder.mkdir()
    for path in sorted((PROJECT / "resources" / "samples").glob("*.[pj]*g")):
        shutil.copy(path, folder)
    for path in sorted((PROJECT / "resources" / "digits").glob("digit-[0-8].png")):
        shutil.copy(path, folder)
    guide.state.select(stage="similar", similar_folder=str(folder))
    guide.done("embed")
    guide.rest(0.5)
    guide.until(lambda: not guide.explorer.engine.busy)
    guide.picture("similar")


def networks(guide: Guide) -> None:
    """Draw the table of networks."""
    guide.commands.on_choose_network()
    networks = guide.explorer.networks
    guide.until(lambda: networks.listing.known)
    chooser = networks.chooser
    guide.rest(0.5)
    guide.picture("networks", widget=chooser)
    chooser.close()


STOPS: dict[str, Callable[[Guide], None]] = {
    "heatmaps": heatmaps,
    "trust": trust,
    "layers": layers,
    "features": features,
    "attack": attack,
    "plane": plane,
    "similar": similar,
    "networks": networks,
}


def tour(only: list[str]) -> None:
    """Go through the program; without ``only`` to all stops."""
    guide = Guide()
    for name, stop in STOPS.items():
        if not only or name in only:
            stop(guide)
    guide.window.close()


if __name__ == "__main__":
    sys.exit(main())
