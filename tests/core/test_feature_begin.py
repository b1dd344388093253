"""An ascent that goes on from what another one had come to when it was stopped."""

import dataclasses

import numpy as np
import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, Unit
from cnnviz_gui.core.features.ascent import Ascent, Goal
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.session import Session

FIRST = Feature(
    model=ModelRef(name="lenet5", untrained=True),
    units=(Unit(layer="c3", channel=2),),
    parameters=FeatureParams(size=32, steps=200, jitter=2.0),
)


class Stopping(NullContext):
    """Stops the job some steps after a picture was shown, as the hand is slower than the ascent."""

    def __init__(self, after):
        self.seen = []
        self._after = after

    def partial(self, value):
        self.seen.append(value)

    def step(self, done, total):
        if self.seen and done >= self.seen[0].done + self._after:
            raise Cancelled


@pytest.fixture
def session():
    return Session()


def test_it_begins_with_the_picture_that_was_seen_and_not_with_a_later_one(session, monkeypatch):
    import cnnviz_gui.core.run_feature as run

    monkeypatch.setattr(run, "_SHOW_EVERY_S", 0.0)
    ctx = Stopping(after=2)
    with pytest.raises(Cancelled):
        execute(FIRST, session, ctx)
    seen = ctx.seen[0]
    assert seen.done < 200
    stopped = dataclasses.replace(FIRST.parameters, steps=seen.done)
    begin = dataclasses.replace(FIRST, parameters=stopped)
    other = dataclasses.replace(FIRST.parameters, rate=0.02, steps=3)
    request = dataclasses.replace(FIRST, parameters=other, begin=begin)
    counted = []
    climb = run._climb
    monkeypatch.setattr(run, "_climb", lambda *given: counted.append(given[0]) or climb(*given))
    result = execute(request, session, NullContext())
    assert begin not in counted, "what was seen is kept, and not climbed to once more"
    alone = execute(request, Session(), NullContext())
    assert np.array_equal(result.pictures, alone.pictures), "as `cnnviz run` gives it"


def test_a_channel_at_its_height_is_not_told_to_be_dead(small):
    at_its_height = Goal(
        layers=("conv",), objective=lambda outputs: 6 + 0 * outputs["conv"].mean((1, 2, 3)),
        pictures=1, side=None, of="channel 0 of conv",
    )  # fmt: skip
    quick = FeatureParams(size=32, steps=2, start="photograph", rate=0.03)
    photograph = torch.full((1, 3, 32, 32), 0.5)
    with pytest.raises(MethodError, match="does not react"):
        Ascent(small, at_its_height, quick, photograph).step(small, NullContext())
    known = Ascent(small, at_its_height, quick, photograph, answered=True)
    known.step(small, NullContext())
    assert known.curve == [6.0], "it answered before: more than that ReLU6 cuts off"


def test_what_went_on_answered_before(session, monkeypatch):
    import cnnviz_gui.core.run_feature as run

    told = []
    ascent = run.Ascent

    def noted(*given, **named):
        told.append(named["answered"])
        return ascent(*given, **named)

    monkeypatch.setattr(run, "Ascent", noted)
    first = dataclasses.replace(FIRST, parameters=dataclasses.replace(FIRST.parameters, steps=2))
    for units in (FIRST.units, (Unit(layer="c3", channel=1),)):
        execute(dataclasses.replace(first, units=units, begin=first), session, NullContext())
    assert sorted(told) == [False, False, True], "the first one, another channel, the same channel"


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 9])
def test_with_few_steps_a_picture_grows_through_fewer_octaves_but_to_its_size(session, steps):
    grown = FeatureParams(
        parameterisation="pixel", size=48, steps=steps, octaves=4, optimiser="normalised", rate=0.05
    )
    request = dataclasses.replace(FIRST, parameters=grown)
    result = execute(request, session, NullContext())
    assert result.pictures.shape == (1, 48, 48, 3) and result.done == steps
