"""A heat map as a figure: what it shows, how finely, and what it says."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.images import Picture
from cnnviz_gui.core.look import Look
from cnnviz_gui.core.map_figure import LEAST, MOST, caption, figure
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.preprocess import fine_view, network_view
from cnnviz_gui.core.registry import Method

FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 28, 32, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, (), "head", True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProbeParams(Params):
    score: str = choice("logit", {"logit": "Logit", "probability": "Probability"}, help="Which.")
    masks: int = number(100, 1, 1000, help="How many.", when=("score", ("probability",)))


METHOD = Method(
    "heatmap", "probe", "Probe map", "", "", "", ProbeParams, lambda facts: "", True, print
)


def made(**changes):
    values = np.zeros((28, 28), np.float32)
    values[:14] = 2.0
    result = HeatmapResult(
        method="probe", layer="head", target=Score(0, "cat", 0.379, 1.0), map=values,
        coarse=values[:7, :7], signed=False,
    )  # fmt: skip
    return dataclasses.replace(result, **changes)


def picture(height, width):
    rows = np.linspace(0, 255, height).astype(np.uint8)
    pixels = np.repeat(np.repeat(rows[:, None, None], width, 1), 3, 2)
    return Picture(pixels, "cat.png", "1", "PNG", 1, ())


@pytest.mark.parametrize(
    ("size", "side"), [((640, 480), 420), ((40, 60), LEAST), ((3000, 2400), MOST)]
)
def test_the_photograph_is_as_fine_as_it_is_and_what_the_network_sees(size, side):
    fine = fine_view(picture(*size), FACTS, LEAST, MOST)
    assert fine.shape == (side, side, 3)
    seen = network_view(picture(*size), FACTS).astype(float)[:, 0, 0]
    places = (np.arange(28) + 0.5) * side / 28 - 0.5
    there = np.interp(places, np.arange(side), fine[:, 0, 0].astype(float))
    assert np.abs(there - seen).max() < 6


def test_it_has_photograph_map_and_scale_side_by_side():
    photo = np.full((320, 320, 3), 120, np.uint8)
    told = caption(made(), METHOD, ProbeParams(), FACTS, file="cat.png")
    page = figure(made(), photo, told, Look())
    assert (page[16 : 16 + 320, 16 : 16 + 320] == 120).all()
    drawn = page[16 : 16 + 320, 16 + 328 : 16 + 328 + 320]
    assert (drawn[10, 10] != 120).any() and drawn[10].std() == drawn[10].std()
    bar = page[16 : 16 + 320, 16 + 2 * 328 + 5].astype(int).sum(1)
    assert bar[0] > 600 > 60 > bar[-1], "inferno from bottom to top"
    assert page[-30:].min() < 150, "a caption"


def test_the_caption_tells_what_is_not_as_usual():
    usual = caption(made(), METHOD, ProbeParams(), FACTS, file="cat.png")
    assert usual.title == "Probe map, cat (37.9 %)"
    assert usual.lines == (
        "Net · layer head · map 7 × 7", "cat.png, 28 × 28 as the network sees it"
    )  # fmt: skip
    rather = made(against=Score(1, "dog", 0.5, 0.0), samples=30, expected=100)
    other = ProbeParams(score="probability", masks=50)
    told = caption(rather, METHOD, other, FACTS, file="cat.png", edits=2)
    assert told.title == "Probe map, cat (37.9 %) rather than dog (50.0 %)"
    assert told.lines[0].endswith("30 of 100 samples · 2 channels edited")
    assert told.lines[1] == "Score: Probability · Masks: 50"


def test_the_caption_marks_a_network_that_cannot_be_believed():
    untrained = dataclasses.replace(FACTS, trained=False)
    assert "Net, untrained" in caption(made(), METHOD, ProbeParams(), untrained, file="a").lines[0]
    headless = dataclasses.replace(FACTS, headless=True)
    told = caption(made(), METHOD, ProbeParams(), headless, file="a")
    assert told.title == "Probe map" and "no classifier" in told.lines[0]


def test_a_parameter_without_effect_is_not_told():
    idle = ProbeParams(score="logit", masks=50)
    assert not any("Masks" in line for line in caption(made(), METHOD, idle, FACTS, file="a").lines)


def test_the_caption_names_no_class_where_the_method_looks_at_none():
    free = made(class_free=True, against=Score(1, "dog", 0.5, 0.0))
    told = caption(free, METHOD, ProbeParams(), FACTS, file="a")
    assert told.title == "Probe map, ignores the class"
