"""Pictures of the widgets that draw: ``python tests/window/gallery_kit_b.py FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui import resources
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layers.map_tiles import describe
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.panels.tile_grid import TileGrid

RNG = np.random.default_rng(1)


def photo(name: str) -> np.ndarray:
    image = Image.open(resources.path(f"samples/{name}")).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return np.asarray(square.resize((224, 224), Image.Resampling.BILINEAR))


def blobs(size: int = 224) -> np.ndarray:
    y, x = np.mgrid[:size, :size] / size
    heat = np.zeros((size, size))
    for cx, cy, s, height in (
        (0.22, 0.6, 0.08, 1.0),
        (0.77, 0.77, 0.06, 0.7),
        (0.75, 0.3, 0.1, 0.4),
    ):
        heat += height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))
    return (0.191 * heat / heat.max()).astype(np.float32)


def heat_row() -> QWidget:
    cat = photo("chelsea.png")
    heat = blobs()
    left, right, bar = ImagePane("Photograph"), ImagePane("Grad-CAM, tiger cat"), ColourBar()
    left.set_caption("what the network sees, 224 × 224")
    right.set_caption("opacity 62 %  ·  map 7 × 7, bicubic")
    left.set_image(cat)
    right.set_image(
        render.overlay(cat, heat, opacity=0.62, name="inferno", low=0, high=0.191, signed=False)
    )
    right.set_readout(lambda x, y: f"{heat[y, x]:.3f}  ·  {100 * heat[y, x] / 0.191:.0f} % of max")
    bar.set_scale("inferno", 0, 0.191)
    left.link(right)
    row = PaneRow((left, right), bar)
    row.ready = lambda: left.surface._hover((75, 67))
    return row


def attack_row() -> QWidget:
    cup = photo("coffee.png")
    noise = RNG.choice([-1.25, 0.0, 1.25], (224, 224), p=[0.3, 0.4, 0.3])
    signed = "berlin" if theme.current().name == "dark" else "vik"
    clean, noisy, adversarial = (
        ImagePane("Clean"),
        ImagePane("Perturbation"),
        ImagePane("Adversarial"),
    )
    bar = ColourBar()
    bar.set_scale(signed, -1.25, 1.25)
    clean.set_caption((("espresso", "text2", False), ("95.7 %", "clean", True)))
    noisy.set_caption("± 1.25 / 255, shown × 64")
    adversarial.set_caption((("ladybug", "text2", False), ("99.2 %", "adversarial", True)))
    clean.set_edge("clean")
    adversarial.set_edge("adversarial")
    clean.set_image(cup)
    noisy.set_image(render.apply_colormap(noise, signed, -1.25, 1.25))
    adversarial.set_image(cup)
    clean.link(noisy, adversarial)
    noisy.link(adversarial)
    row = PaneRow((clean, noisy, adversarial), bar)
    row.ready = lambda: clean.surface._hover((125, 89))
    return row


def state_row() -> QWidget:
    cup = photo("rocket.jpg")
    panes = [
        ImagePane(state.title()) for state in ("loading", "stale", "failed", "empty", "zoomed")
    ]
    for pane in panes[:3]:
        pane.set_image(cup)
    panes[0].set_state("loading", at_once=True)
    panes[1].set_state("stale", at_once=True)
    panes[2].set_state(
        "failed", "The network needs more memory than there is. Choose a smaller one."
    )
    panes[3].set_state("empty", "Drop a photograph here, or paste one.")
    panes[4].set_image(cup)
    row = PaneRow(panes)

    def ready() -> None:
        panes[4].surface.zoom_by(12.0, QPointF(150, 120))
        panes[4].surface.ringed = True

    row.ready = ready
    return row


def tiles() -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    kernels = RNG.standard_normal((144, 5, 5)).astype(np.float32) * 0.3
    kernels[:, 2, 2] += 1.0
    bounds = np.abs(kernels).max((1, 2))
    signed = "berlin" if theme.current().name == "dark" else "vik"
    filters = TileGrid(28, 5)
    filters.set_tiles(kernels, colormap=signed, ranges=np.stack([-bounds, bounds], 1))
    filters.set_current(24)
    grey = photo("chelsea.png").mean(2).astype(np.float32) / 255
    small = render.resize_bilinear(grey, (28, 28))
    maps = np.stack([np.abs(small - c / 144) * 6 for c in range(144)]).astype(np.float32)
    maps += RNG.random(maps.shape, dtype=np.float32)
    order = np.argsort(-maps.mean((1, 2)))
    grid = TileGrid(72)
    grid.set_tiles(maps, order, [f"{m.mean():.2f}" for m in maps], "viridis", (0.0, 6.0))
    channel = int(order[17])
    grid.set_current(channel)
    grid.set_readout(lambda hover: (*describe(hover, 0.0, 6.0), "11 % zeros"))
    rgb = TileGrid(40, 5)
    rgb.set_rgb_tiles(render.filter_pictures(RNG.standard_normal((32, 3, 7, 7)).astype(np.float32)))
    for part, stretch in ((filters, 3), (grid, 11), (rgb, 2)):
        column.addWidget(part, stretch)
    box.ready = lambda: grid._set_hover((channel, 6, 5, float(maps[channel, 6, 5])))
    return box


def plot() -> QWidget:
    epsilons = np.linspace(0, 2, 33)
    cup = 0.957 / (1 + np.exp((epsilons - 0.22) * 14)) * 1.04
    bug = 1 / (1 + np.exp(-(epsilons - 0.92) * 13)) * 0.992
    others = np.clip(1 - cup - bug, 0, 1)
    widget = EpsilonPlot()
    known = slice(0, 28)
    curves = {"espresso": cup[known], "ladybug": bug[known], "all others": others[known]}
    widget.set_points(epsilons[known], curves, total=33)
    widget.set_flip(0.69)
    widget.set_epsilon(1.25)
    return widget


def empty_plot() -> QWidget:
    widget = EpsilonPlot()
    widget.set_range(8.0, "/ 255", "epsilon, in 255ths (L∞)")
    widget.set_points([0.0], {"tiger cat": [0.383], "tabby": [0.16], "all others": [0.457]}, 33)

    def ready() -> None:
        widget._ringed = True

    widget.ready = ready
    return widget


def bars() -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    for name, low, high, options in (
        ("inferno", 0, 0.191, {"note": "each to its own maximum", "ends": ("0", "max")}),
        ("viridis", 0, 6.0, {}),
        ("berlin", -0.0123, 0.0123, {}),
        ("vik", -3.2e-6, 3.2e-6, {}),
        ("grey", 5.0, 5.0, {}),
    ):
        bar = ColourBar(Qt.Orientation.Horizontal)
        bar.set_scale(name, low, high, **options)
        column.addWidget(bar)
    return box


def pages() -> dict[str, tuple[QWidget, tuple[int, int]]]:
    return {
        "heat": (heat_row(), (992, 488)),
        "attack": (attack_row(), (1060, 380)),
        "states": (state_row(), (1000, 220)),
        "tiles": (tiles(), (640, 620)),
        "plot": (plot(), (657, 409)),
        "plot-empty": (empty_plot(), (420, 300)),
        "bars": (bars(), (320, 240)),
    }


def main(folder: Path) -> None:
    app = QApplication.instance() or QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    scale = os.environ.get("QT_SCALE_FACTOR", "1")
    for scheme in ("dark", "light"):
        theme.apply(app, scheme)
        for name, (widget, size) in pages().items():
            holder = QWidget()
            theme.surface(holder, "stage")
            row = QHBoxLayout(holder)
            row.setContentsMargins(16, 16, 16, 16)
            row.addWidget(widget)
            holder.resize(size[0] + 32, size[1] + 32)
            holder.show()
            app.processEvents()
            if hasattr(widget, "ready"):
                widget.ready()
            holder.grab().save(str(folder / f"{name}-{scheme}-{scale}.png"))
            holder.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
