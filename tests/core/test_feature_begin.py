"""An ascent that goes on from what another one had come to when it was stopped."""

import dataclasses

import msgspec
import numpy as np
import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError, ParameterError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import MOST_STAGES, Feature, Unit
from cnnviz_gui.core.features.ascent import Ascent, Goal
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.request_json import MAX_JSON_BYTES, from_json
from cnnviz_gui.core.session import Session

FIRST = Feature(
    model=ModelRef(name="lenet5", untrained=True),
    units=(Unit(layer="c3", channel=2),),
    parameters=FeatureParams(size=32, steps=200, jitter=2.0),
)

PLAIN_STAGE = FeatureParams(
    parameterisation="maco", optimiser="normalised", rate=0.0123, steps=4096
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


class Told(NullContext):
    """Notes the progress, and stops the job once so many steps of all are done."""

    def __init__(self, stop_at=10**6):
        self.steps = []
        self._stop_at = stop_at

    def step(self, done, total):
        self.steps.append((done, total))
        if done >= self._stop_at:
            raise Cancelled


def of_steps(steps):
    return dataclasses.replace(FIRST, parameters=dataclasses.replace(FIRST.parameters, steps=steps))


def stages(count):
    """Return a request that went on so often, each time after two steps, at another rate."""
    request = of_steps(2)
    for place in range(count):
        rate = 0.02 + 0.001 * place
        request = request.then(dataclasses.replace(FIRST.parameters, rate=rate, steps=2))
    return request


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
    request = begin.then(other)
    begun = []
    monkeypatch.setattr(
        run, "Ascent", lambda *given, **named: begun.append(given) or Ascent(*given, **named)
    )
    result = execute(request, session, NullContext())
    assert len(begun) == 1, "what was seen is kept, and not climbed to once more"
    alone = execute(request, Session(), NullContext())
    assert np.array_equal(result.pictures, alone.pictures), "as `cnnviz run` gives it"


def test_stage_by_stage_or_at_once_it_is_the_same_picture(session):
    request = stages(5)
    whole = execute(request, Session(), NullContext())
    parts = [request]
    while parts[-1].begin is not None:
        parts.append(parts[-1].begin)
    assert len(parts) == 6
    for part in reversed(parts):
        told = Told()
        result = execute(part, session, told)
        assert told.steps == [(0, 2), (1, 2)], "the stages before are kept"
    assert np.array_equal(result.pictures, whole.pictures)
    assert not np.array_equal(result.pictures, execute(parts[1], session, Told()).pictures)


def test_stages_are_gone_on_with_where_they_were_stopped(session):
    request = stages(3)
    half = Told(stop_at=5)
    with pytest.raises(Cancelled):
        execute(request, session, half)
    assert half.steps[-1] == (5, 8)
    rest = Told()
    result = execute(request, session, rest)
    assert rest.steps == [(1, 4), (2, 4), (3, 4)], "the third stage had one step"
    whole = execute(request, Session(), NullContext())
    assert np.array_equal(result.pictures, whole.pictures)
    shorter = Told()
    execute(dataclasses.replace(request, parameters=of_steps(1).parameters), session, shorter)
    assert shorter.steps == [(0, 1)], "the stage that was stopped is still kept"


def test_a_request_that_went_on_often_is_a_small_file_that_is_read_again():
    often = dataclasses.replace(FIRST, before=(PLAIN_STAGE,) * MOST_STAGES)
    written = often.to_json()
    assert len(written) < 0.6 * MAX_JSON_BYTES
    assert from_json(written) == often
    with pytest.raises(RequestError, match="goes on 501 times") as refused:
        execute(often.then(FIRST.parameters), Session(), NullContext())
    assert "from its start" in refused.value.advice


def test_a_file_in_which_each_stage_holds_the_one_before_is_still_read():
    request = stages(40)

    def nested(part):
        written = part.to_dict()
        del written["before"]
        return written | {"begin": None if part.begin is None else nested(part.begin)}

    assert from_json(msgspec.json.encode(nested(request))) == request
    assert from_json(msgspec.json.encode(nested(FIRST))) == FIRST
    other = nested(stages(1))
    other["begin"]["units"] = [{"layer": "c3", "channel": 1}]
    with pytest.raises(RequestError, match="something else"):
        from_json(msgspec.json.encode(other))
    for wrong in (3, [3], {"steps": 2}):
        with pytest.raises(RequestError, match="'before' is a list"):
            from_json(msgspec.json.encode(FIRST.to_dict() | {"before": wrong}))
    with pytest.raises(ParameterError):
        from_json(msgspec.json.encode(FIRST.to_dict() | {"before": [{"rate": -1}]}))


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
    execute(
        of_steps(2).then(dataclasses.replace(FIRST.parameters, steps=3)), session, NullContext()
    )
    assert told == [False, True], "the first one, and the one that goes on"


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 9])
def test_with_few_steps_a_picture_grows_through_fewer_octaves_but_to_its_size(session, steps):
    grown = FeatureParams(
        parameterisation="pixel", size=48, steps=steps, octaves=4, optimiser="normalised", rate=0.05
    )
    request = dataclasses.replace(FIRST, parameters=grown)
    result = execute(request, session, NullContext())
    assert result.pictures.shape == (1, 48, 48, 3) and result.done == steps
