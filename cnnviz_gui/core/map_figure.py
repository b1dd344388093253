"""One heat map as a figure for a document: photograph, map, scale, and what they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core import look as looks
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen, broken, fonts
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.look import Look
from cnnviz_gui.core.numbers import TIMES, count, percent, plain, shape
from cnnviz_gui.core.params import Params, Spec, Value, specs
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.resize import resize_bilinear
from cnnviz_gui.texts import ntr, tr

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
    title = method.title if nameless else f"{method.title}, {_named(target)}"
    if result.class_free:
        title = tr("{method}, ignores the class", method=method.title)
    elif against is not None and not nameless:
        title = tr("{label} rather than {other}", label=title, other=_named(against))
    doubt = tr("no classifier") if nameless else "" if facts.trained else tr("untrained")
    network = ", ".join(filter(None, (facts.title, doubt)))
    layer = tr("layer {layer}", layer=result.layer) if result.layer else ""
    coarse = result.coarse
    grid = "" if coarse is None else tr("map {shape}", shape=shape(coarse.shape))
    edited = (
        ntr("1 channel edited", "{count} channels edited", edits, count=count(edits))
        if edits
        else ""
    )
    seen = tr(
        "{file}, {size} as the network sees it",
        file=file,
        size=f"{facts.input_size} {TIMES} {facts.input_size}",
    )
    lines = (
        _joined(network, layer, grid, _samples(result), edited),
        _joined(*unusual(specs(type(parameters)), parameters.values())),
        seen,
        result.reason,
    )
    return Caption(title, tuple(filter(None, lines)))


def _named(score: Score) -> str:
    return f"{score.label} ({percent(score.probability)})"


def _samples(result: HeatmapResult) -> str:
    """Return how many samples a map rests on; empty where it has none."""
    if not result.expected:
        return ""
    done = count(result.samples)
    if result.samples == result.expected:
        return tr("{samples} samples", samples=done)
    return tr("{samples} of {expected} samples", samples=done, expected=count(result.expected))


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
        return tr("yes") if value else tr("no")
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
