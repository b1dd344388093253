"""Presets that are somebody's have their numbers."""

from __future__ import annotations

import itertools

import pytest

from cnnviz_gui.core.features.ascent import octaves
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset


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
