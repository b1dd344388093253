"""Presets that are somebody's have their numbers."""

from __future__ import annotations

import itertools

import pytest

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.features import objectives
from cnnviz_gui.core.features.ascent import Ascent, Goal, octaves
from cnnviz_gui.core.features.forward import LOGITS
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.request import ModelRef


def parameters(name: str) -> FeatureParams:
    found = preset(name)
    assert found is not None
    return found.parameters


def test_the_dream_is_mordvintsevs() -> None:
    """Four octaves of ten steps, each 1.5 of 255 for a gradient of mean 1, moved by up to 32 px."""
    dream = parameters("deepdream")
    assert (dream.optimiser, dream.start, dream.jitter) == ("normalised", "photograph", 32.0)
    assert dream.rate * 255 == pytest.approx(1.5, abs=0.05)
    sizes = octaves(dream)
    assert len(sizes) == 4 and dream.steps == 4 * 10
    assert [larger / smaller for smaller, larger in itertools.pairwise(sizes)] == (
        pytest.approx([1.4] * 3, rel=0.01)
    )
    assert not dream.redirect and not dream.l1 and not dream.l2 and not dream.blur


def test_the_course_is_the_lectures() -> None:
    course = parameters("course")
    assert (course.parameterisation, course.start, course.size) == ("pixel", "noise", 64)
    assert (course.steps, course.bound, course.views) == (50, 1.5, 1)
    assert not (course.jitter or course.turn or course.stretch or course.redirect)


def test_a_class_begins_grey_and_is_calmed_by_l2_and_blur() -> None:
    calm = parameters("class-l2")
    assert (calm.parameterisation, calm.start) == ("pixel", "grey")
    assert calm.l2 and calm.blur and calm.optimiser == "normalised"


def test_a_picture_of_a_class_is_taken_for_it() -> None:
    """After a quarter of its steps, and as it is saved, in 255ths."""
    network, strawberry = zoo.build(ModelRef(name="efficientnet_lite0")), 949
    assert network.facts.labels[strawberry] == "strawberry"
    excited = objectives.excite([Unit(channel=strawberry)])
    aim = Goal((LOGITS,), excited, 1, network.facts.input_size, "strawberry")
    ascent = Ascent(network, aim, parameters("class-l2"))
    for _ in range(48):
        ascent.step(network, NullContext())
    saved = (ascent.picture() * 255).round() / 255
    assert float(network.logits(saved).softmax(1)[0, strawberry]) > 0.9
