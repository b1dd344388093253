"""An ascent that goes on from what another one had come to when it was stopped."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, Unit
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


def test_a_channel_at_its_height_is_not_told_to_be_dead(session):
    quick = FeatureParams(size=64, steps=12, jitter=0.0, turn=0.0, stretch=0.0)
    first = Feature(
        model=ModelRef(name="efficientnet_lite0"),
        units=(Unit(layer="head", channel=0),),
        parameters=quick,
    )
    assert execute(first, session, NullContext()).activation == 6.0, "more than that ReLU6 cuts off"
    changed = dataclasses.replace(quick, rate=0.03, steps=2)
    result = execute(
        dataclasses.replace(first, parameters=changed, begin=first), session, NullContext()
    )
    assert result.curve.tolist() == [6.0, 6.0]
