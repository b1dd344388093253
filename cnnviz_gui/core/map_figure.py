"""One heat map as a figure for a document: photograph, map, scale, and what they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core import look as looks
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen, broken, fonts
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.look import Look
from cnnviz_gui.core.numbers import TIMES, count, percent, plain, shape
from cnnviz_gui.core.params import Params, Spec, Value, specs
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.resize import resize_bilinear

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

LEAST, MOST = 320, 1024
"""Sides of the pictures of a figure, in pixels."""
_MARGIN, _BAR = 16, 76
_PLAIN = 320
"""Side of the pictures beside which writing has its usual size."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands under a figure."""

    title: str
    lines: tuple[str, ...]


def figure(
    result: HeatmapResult,
    photograph: ByteArray,
    caption: Caption,
    look: Look,
    ends: tuple[float, float] | None = None,
) -> ByteArray:
    """Draw photograph and map side by side, with the scale in true units and a caption.

    Parameters
    ----------
    photograph
        uint8 (S, S, 3): what the network sees of it, as finely as there is.
    look
        How the map is drawn, but for what is light on white paper.
    ends
        Of the colour scale; None for the map's own.

    Returns
    -------
    uint8 (H, W, 3)
    """
    side = photograph.shape[0]
    drawn = dataclasses.replace(look, diverging=Look().diverging)
    low, high = ends or looks.natural_range(result, in_colour=drawn.in_colour)
    large = _enlarged(result, side)
    scale = side / _PLAIN
    margin, gap, line = (round(part * scale) for part in (_MARGIN, GAP, LINE))
    width = 2 * margin + 2 * side + 2 * gap + round(_BAR * scale)
    strong, small = fonts(scale)
    room = width - 2 * margin
    titles = broken(caption.title, strong, room)
    texts = [part for text in caption.lines for part in broken(text, small, room)]
    height = 2 * margin + side + gap + (len(titles) + len(texts)) * line
    page = Image.new("RGB", (width, height), PAPER)
    pen = Pen(page, scale)
    page.paste(Image.fromarray(photograph), (margin, margin))
    painted = looks.painted(large, photograph, drawn, low, high)
    page.paste(Image.fromarray(painted), (margin + side + gap, margin))
    bar = (margin + 2 * (side + gap), margin)
    pen.upright_bar(bar, side, drawn.colour_map(result), low, high)
    top = margin + side + gap
    for place, text in enumerate([*titles, *texts]):
        at = (margin, top + place * line)
        pen.line(at, text, room, strong=place < len(titles))
    return np.asarray(page)


def caption(
    result: HeatmapResult,
    method: Method,
    parameters: Params,
    facts: ModelFacts,
    *,
    file: str,
    edits: int = 0,
) -> Caption:
    """Return what a figure says of its map: class, network, layer, and what was not as usual.

    Parameters
    ----------
    file
        Name of the photograph.
    edits
        Channels that were silenced or scaled.
    """
    target, against = result.target, result.against
    nameless = facts.trained and facts.headless
    label = "" if nameless else f", {target.label} ({percent(target.probability)})"
    if against is not None and label:
        label += f" rather than {against.label} ({percent(against.probability)})"
    doubt = "" if facts.trained else "untrained"
    network = ", ".join(filter(None, (facts.title, doubt or ("no classifier" if nameless else ""))))
    layer = f"layer {result.layer}" if result.layer else ""
    grid = f"map {shape(result.coarse.shape)}" if result.coarse is not None else ""
    samples = ""
    if result.expected:
        of = "" if result.samples == result.expected else f" of {count(result.expected)}"
        samples = f"{count(result.samples)}{of} samples"
    edited = f"{count(edits)} channels edited" if edits > 1 else "1 channel edited" if edits else ""
    seen = f"{file}, {facts.input_size} {TIMES} {facts.input_size} as the network sees it"
    lines = (
        _joined(network, layer, grid, samples, edited),
        _joined(*unusual(specs(type(parameters)), parameters.values())),
        seen,
        result.reason,
    )
    return Caption(method.title + label, tuple(filter(None, lines)))


def unusual(described: Sequence[Spec], values: dict[str, Value]) -> list[str]:
    """Return the parameters that are not as they are by default: ``Score: Probability``."""
    said: list[str] = []
    for spec in described:
        here = spec.scaled(values)
        value = values[spec.name]
        if here.active(values) and value != here.default:
            said.append(f"{here.label}: {_text(here, value)}")
    return said


def _text(spec: Spec, value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return dict(spec.choices).get(value, value)
    return " ".join(filter(None, (plain(value), spec.unit)))


def _enlarged(result: HeatmapResult, side: int) -> HeatmapResult:
    """Return the map at the size of a picture."""
    size = (side, side)
    if result.map.shape == size:
        return result
    colour = result.colour
    if colour is not None:
        colour = np.stack([resize_bilinear(plane, size) for plane in colour])
    return dataclasses.replace(result, map=resize_bilinear(result.map, size), colour=colour)


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
