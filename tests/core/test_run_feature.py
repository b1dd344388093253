"""Feature requests: they stream, stop anywhere, go on, and say in a sentence what cannot be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz_gui.core import run_feature
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import (
    Cancelled,
    CnnvizError,
    LayerError,
    MethodError,
    RequestError,
    TargetError,
)
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, Unit
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.features import goals
from cnnviz_gui.core.features.canvas import FourierCanvas
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.request import Forget, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SESSION = Callable[[], Session]
SMALL = FeatureParams(size=32, steps=6)
PIXELS = FeatureParams(
    parameterisation="pixel", size=48, steps=7, optimiser="adam", octaves=3, blur=0.5, blur_every=2
)
MACO = FeatureParams(parameterisation="maco", size=32, steps=6, optimiser="nadam", rate=0.5,
                     transparent=True)  # fmt: skip


def asked(network: ModelRef, parameters: FeatureParams = SMALL, **given: object) -> Feature:
    units = given.pop("units", (Unit(layer="conv", channel=3),))
    return Feature(model=network, units=units, parameters=parameters, **given)


def longer(request: Feature, steps: int) -> Feature:
    return dataclasses.replace(
        request, parameters=dataclasses.replace(request.parameters, steps=steps)
    )


def named(request: Feature) -> object:
    return run_feature._stages(request)[-1].key


def same(one: FeaturePictures, other: FeaturePictures) -> bool:
    seen = [one.pictures, one.curve, one.film], [other.pictures, other.curve, other.film]
    if one.opacity is not None and other.opacity is not None:
        seen[0].append(one.opacity)
        seen[1].append(other.opacity)
    return all(np.array_equal(a, b) for a, b in zip(*seen, strict=True))


@pytest.mark.parametrize("parameters", [SMALL, PIXELS, MACO], ids=["fourier", "octaves", "maco"])
def test_cancelled_anywhere_it_goes_on_to_the_same_picture(
    new_session: SESSION,
    network: ModelRef,
    recorder: type,
    small: Classifier,
    parameters: FeatureParams,
) -> None:
    """Also inside a step: at every check of the context in turn."""
    request = asked(network, parameters)
    whole = execute(request, new_session(), QUIET)
    counting = recorder()
    execute(request, new_session(), counting)
    assert counting.checks > 2 * parameters.steps, "steps ask inside too"
    for at in range(1, counting.checks + 1, 3):
        session = new_session()
        with pytest.raises(Cancelled):
            execute(request, session, recorder(cancel_at=at))
        assert same(execute(request, session, QUIET), whole)
    session, often = new_session(), counting.checks // 3
    for _ in range(2):
        with pytest.raises(Cancelled):
            execute(request, session, recorder(cancel_at=often))
    assert same(execute(request, session, QUIET), whole), "stopped and continued again and again"
    assert count_hooks(small.stock) == count_hooks(small.fast) == 0


def test_more_steps_go_on_where_it_was(
    new_session: SESSION, network: ModelRef, small: Classifier
) -> None:
    session = new_session()
    execute(asked(network), session, QUIET)
    before = small.forwards
    more = execute(longer(asked(network), 10), session, QUIET)
    assert small.forwards == before + 4 + 1, "and one to be answered"
    whole = execute(longer(asked(network), 10), new_session(), QUIET)
    assert np.array_equal(more.pictures, whole.pictures) and more.done == 10
    fewer = execute(longer(asked(network), 3), session, QUIET)
    assert np.array_equal(fewer.curve, whole.curve[:3])


def test_a_large_ascent_goes_on_though_there_is_no_room_for_it(
    session: Session, network: ModelRef, recorder: type
) -> None:
    session._values.max_bytes = 1000
    half = recorder()
    half.inside = lambda: setattr(half, "cancel_at", half.checks + 1 if len(half.steps) > 3 else 0)
    with pytest.raises(Cancelled):
        execute(asked(network), session, half)
    other = recorder()
    execute(asked(network), session, other)
    assert (half.steps[-1], other.steps[0]) == ((3, 6), (3, 6)), "no step twice"


@pytest.mark.parametrize("times", [1, 4])
def test_what_is_forgotten_on_the_way_is_computed_again(
    session: Session, network: ModelRef, recorder: type, times: int
) -> None:
    """A job that forgets runs inside a step; whoever asks anew cancels the ascent after it."""

    class Forgetting(NullContext):
        def step(self, done: int, total: int) -> None:
            if done >= 4:
                execute(Forget(), session, QUIET)
            if done == 3 + times:
                raise Cancelled

    request, again = longer(asked(network), 9), recorder()
    with pytest.raises(Cancelled):
        execute(request, session, Forgetting())
    execute(request, session, again)
    assert again.steps[0] == (0, 9)


def test_a_photograph_that_changed_is_not_gone_on_with(
    session: Session, network: ModelRef, picture: ImageRef, recorder: type
) -> None:
    request = asked(network, aim="imitate", image=picture, units=(Unit(layer="conv"),))
    execute(request, session, QUIET)
    goes_on, anew = recorder(), recorder()
    execute(longer(request, 8), session, goes_on)
    assert goes_on.steps[0] == (6, 8), "whoever names no checksum goes on too"
    Image.new("RGB", (40, 40), "red").save(picture.path)
    execute(longer(request, 9), session, anew)
    assert (0, 9) in anew.steps


@pytest.mark.parametrize("parameters", [SMALL, PIXELS, MACO], ids=["fourier", "octaves", "maco"])
def test_all_that_an_ascent_holds_on_to_is_counted(
    session: Session, network: ModelRef, picture: ImageRef, parameters: FeatureParams,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(run_feature, "_SHOW_EVERY_S", 0.0)
    given = dataclasses.replace(parameters, start="photograph")
    request = asked(network, given, aim="differ", pictures=2, image=picture)
    execute(request, session, QUIET)
    climb = session.recall(named(run_feature.exactly(request, session, QUIET)))
    found: dict[int, int] = {}

    def look(value: object, depth: int = 12) -> None:
        if isinstance(value, torch.Tensor | np.ndarray):
            found[id(value)] = value.nbytes
        elif depth and isinstance(value, dict | list | tuple):
            for each in value.values() if isinstance(value, dict) else value:
                look(each, depth - 1)
        elif depth and type(value).__module__.startswith(("cnnviz_gui", "torch.optim")):
            names = getattr(value, "__slots__", None) or vars(value)
            look([getattr(value, name) for name in names], depth - 1)

    look(climb)
    assert len(found) > 5
    assert climb.nbytes == pytest.approx(sum(found.values()), rel=0.1)


def test_large_pictures_that_were_shown_are_kept_for_a_moment_only(
    session: Session, network: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_feature, "_SHOW_EVERY_S", 0.0)
    for room, kept in ((run_feature._SEEN_BYTES, 4), (40_000, 3), (0, 2)):
        monkeypatch.setattr(run_feature, "_SEEN_BYTES", room)
        session.forget_results()
        execute(asked(network), session, QUIET)
        assert len(session.recall(named(asked(network)))._seen) == kept


@pytest.mark.parametrize("parameters", [SMALL, MACO], ids=["fourier", "maco"])
def test_octaves_that_are_not_in_use_cost_no_step_twice(
    new_session: SESSION, network: ModelRef, small: Classifier, parameters: FeatureParams
) -> None:
    left_over = asked(network, dataclasses.replace(parameters, octaves=4))
    session = new_session()
    execute(left_over, session, QUIET)
    before = small.forwards
    execute(longer(left_over, parameters.steps + 2), session, QUIET)
    assert small.forwards == before + 2 * parameters.views + 1


@pytest.mark.parametrize("unit", [Unit(layer="conv", channel=3), Unit(channel=4)])
def test_what_is_told_is_the_answer_to_the_picture_itself(
    session: Session, network: ModelRef, small: Classifier, recorder: type, unit: Unit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The curve is that of views, which are moved, and of the picture before each step."""
    monkeypatch.setattr(run_feature, "_SHOW_EVERY_S", 0.0)
    watching, far = recorder(), dataclasses.replace(SMALL, size=48, jitter=12.0, steps=6)
    result = execute(asked(network, far, units=(unit,)), session, watching)
    shown = torch.tensor(result.pictures).permute(0, 3, 1, 2).contiguous()
    if unit.layer:
        value = small.feature_maps(shown, ["conv"], QUIET)["conv"][0, unit.channel].mean()
    else:
        shown = nn.functional.interpolate(shown, (32, 32), mode="bilinear", antialias=True)
        value = small.logits(shown)[0, unit.channel]
    assert result.activation == pytest.approx(float(value), rel=1e-4)
    assert result.activation != pytest.approx(float(result.curve[-1]), rel=0.01)
    seen = watching.partials[-1]
    assert seen.activation == float(seen.curve[-1]), "until the end it is the last step's"


@pytest.mark.parametrize("parameters", [SMALL, MACO], ids=["opaque", "transparent"])
def test_what_is_looked_at_is_made_where_it_is_computed(
    session: Session, network: ModelRef, recorder: type, parameters: FeatureParams,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Of the partial results too: the window would stand still for many large pictures."""
    monkeypatch.setattr(run_feature, "_SHOW_EVERY_S", 0.0)
    watching = recorder()
    whole = execute(asked(network, parameters), session, watching)
    assert len(watching.partials) == parameters.steps - 1
    for result in (*watching.partials, whole):
        assert result.pace > 0
        seen = result.pictures
        if parameters.transparent:
            seen = np.concatenate((seen, result.opacity[..., None]), axis=3)
        assert np.array_equal(result.shown, np.rint(seen * 255).astype(np.uint8))
        assert not result.shown.flags.writeable and result.shown.flags.c_contiguous


@pytest.mark.parametrize("size", [32, 400])
def test_a_film_costs_no_pictures_of_its_own(
    session: Session, network: ModelRef, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those that the steps begin with, and the last one."""
    monkeypatch.setattr(run_feature, "_SHOW_EVERY_S", 1e9)
    made: list[int] = []
    picture = FourierCanvas.picture
    monkeypatch.setattr(FourierCanvas, "picture", lambda own: made.append(1) or picture(own))
    request = asked(network, dataclasses.replace(SMALL, size=size, steps=5))
    result = execute(request, session, QUIET)
    assert len(result.film) == 6 and result.film.shape[1] == min(size, 384)
    assert len(made) == 5 + 2, "one a step, of the last one and to be answered"
    alone = [execute(longer(request, steps), session, QUIET) for steps in (1, 2)]
    for steps, other in enumerate(alone, 1):
        assert np.array_equal(other.film[-1], result.film[steps])


@pytest.mark.parametrize("aim", ["differ", "blend"])
def test_the_answer_of_several_pictures_is_that_without_views(
    session: Session, network: ModelRef, small: Classifier, aim: str
) -> None:
    units = (Unit(layer="conv", channel=3), Unit(layer="conv", channel=9))
    given = dataclasses.replace(SMALL, views=3, differ=0.0)
    several = units[: 2 if aim == "blend" else 1]
    result = execute(asked(network, given, aim=aim, pictures=2, units=several), session, QUIET)
    shown = torch.tensor(result.pictures).permute(0, 3, 1, 2).contiguous()
    means = small.feature_maps(shown, ["conv"], QUIET)["conv"].mean((2, 3))
    second = means[1, several[-1].channel]
    assert result.activation == pytest.approx(float(means[0, 3] + second) / 2, rel=1e-4)


def test_a_replayed_request_gives_the_same_bits(new_session: SESSION, network: ModelRef) -> None:
    request = asked(network).then(dataclasses.replace(SMALL, rate=0.1))
    again = from_json(request.to_json())
    assert again == request
    results = [execute(each, new_session(), QUIET) for each in (request, again)]
    assert same(*results)


def test_it_begins_with_what_another_came_to(
    new_session: SESSION, network: ModelRef, small: Classifier
) -> None:
    session = new_session()
    first = execute(asked(network), session, QUIET)
    before = small.forwards
    further = asked(network).then(FeatureParams(size=32, steps=1, rate=0.001))
    result = execute(further, session, QUIET)
    assert small.forwards == before + 1 + 1, "what the other came to is kept"
    assert np.abs(result.pictures - first.pictures).max() < 0.05
    several = asked(network, aim="differ", pictures=3).then(SMALL)
    assert len(execute(several, session, QUIET).pictures) == 3


@pytest.mark.parametrize("again", ["kept", "computed"])
def test_maco_goes_on_from_the_phases_it_came_to(
    new_session: SESSION, network: ModelRef, again: str
) -> None:
    """Read off the picture some would be others, and a step would turn all of them too far."""
    session = new_session()
    first = asked(network, MACO)
    there = execute(first, session, QUIET)
    still = dataclasses.replace(MACO, rate=0.0001, steps=2)
    further = first.then(still)
    on = session if again == "kept" else new_session()
    result = execute(further, on, QUIET)
    assert np.abs(result.pictures - there.pictures).max() < 0.01
    twice = further.then(still)
    assert np.abs(execute(twice, on, QUIET).pictures - there.pictures).max() < 0.02
    larger = first.then(dataclasses.replace(still, size=48))
    assert execute(larger, on, QUIET).pictures.shape == (1, 48, 48, 3)


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("aim", ["direction", "imitate"])
@pytest.mark.parametrize("layer", ["conv", "head"])
def test_a_photograph_is_followed_at_any_size(
    session: Session, network: ModelRef, picture: ImageRef, aim: str, layer: str, size: int
) -> None:
    parameters = FeatureParams(
        size=size,
        steps=12,
        rate=0.1,
        jitter=0,
        turn=0,
        stretch=0,
        parameterisation="pixel",
        octaves=2,
    )
    units = (Unit(layer=layer),)
    result = execute(
        asked(network, parameters, aim=aim, image=picture, units=units), session, QUIET
    )
    assert result.pictures.shape == (1, size, size, 3)
    assert result.curve[-1] > result.curve[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"units": (Unit(layer="conv", channel=3, weight=-1.0),)}, "less of channel 3 of conv"),
        (
            {"units": (Unit(layer="conv", channel=3, cell="centre"), Unit(layer="conv"))},
            "channel 3 of conv at the centre and conv",
        ),
        (
            {"units": (Unit(layer="conv", channel=3, weight=-1.0),), "aim": "imitate"},
            "the photograph from conv",
        ),
        (
            {"units": (Unit(layer="conv", channel=3, cell=(1, 2)),), "aim": "direction"},
            "the photograph at conv at cell 1, 2",
        ),
        ({"units": (Unit(channel=7),), "aim": "imitate"}, "the photograph from the logits"),
    ],
)
def test_what_it_is_of_names_what_answers(
    network: ModelRef, small: Classifier, given: dict[str, object], words: str
) -> None:
    assert goals.describe(asked(network, **given), small.facts) == words


def test_imitation_comes_close(session: Session, network: ModelRef, picture: ImageRef) -> None:
    still = {"jitter": 0.0, "turn": 0.0, "stretch": 0.0}
    parameters = FeatureParams(size=32, steps=60, rate=0.05, redirect=0, **still)
    units = (Unit(layer="conv"),)
    result = execute(
        asked(network, parameters, aim="imitate", image=picture, units=units), session, QUIET
    )
    assert result.curve[0] < -0.3 and result.curve[-1] > 0.5 * result.curve[0], "though it is noise"
    seen = dataclasses.replace(parameters, start="photograph", steps=1)
    there = execute(asked(network, seen, aim="imitate", image=picture, units=units), session, QUIET)
    assert there.curve[0] == pytest.approx(0, abs=1e-3), "the photograph imitates itself"


def test_several_pictures_of_one_channel_differ(session: Session, network: ModelRef) -> None:
    units = (Unit(layer="conv", channel=3),)
    apart = dataclasses.replace(SMALL, differ=5.0, steps=20)
    result = execute(asked(network, apart, aim="differ", pictures=3, units=units), session, QUIET)
    assert result.pictures.shape == (3, 32, 32, 3)
    assert not np.allclose(result.pictures[0], result.pictures[1], atol=0.05)


def test_a_walk_from_one_unit_to_another_ends_in_both(
    session: Session, network: ModelRef, small: Classifier
) -> None:
    units = (Unit(layer="conv", channel=3), Unit(layer="conv", channel=9))
    given = dataclasses.replace(SMALL, steps=30)
    result = execute(asked(network, given, aim="blend", pictures=3, units=units), session, QUIET)
    shown = torch.tensor(result.pictures).permute(0, 3, 1, 2).contiguous()
    maps = small.feature_maps(shown, ["conv"], QUIET)["conv"]
    first, second = (maps[:, unit.channel].mean((1, 2)) for unit in units)
    assert first[0] > first[1] > first[2] and second[2] > second[1] > second[0]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"units": (Unit(layer="conv", channel=16),)}, LayerError, "no channel 16"),
        ({"units": (Unit(layer="nowhere", channel=0),)}, LayerError, "nowhere"),
        ({"units": (Unit(layer="flat", channel=0, cell="centre"),)}, LayerError, "no cells"),
        ({"units": (Unit(layer="conv", channel=0, cell=(16, 0)),)}, LayerError, "no cell in row"),
        ({"units": (Unit(channel=10),)}, TargetError, "no class 10"),
        ({"units": (Unit(),)}, TargetError, "no class"),
        ({"units": ()}, RequestError, "too few"),
        ({"aim": "blend"}, RequestError, "too few"),
        ({"aim": "differ", "pictures": 1}, RequestError, "cannot be made together"),
        ({"aim": "differ", "pictures": 2, "units": (Unit(channel=1),)}, LayerError, "no maps"),
        ({"aim": "imitate"}, RequestError, "no photograph"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_an_advice(
    session: Session, network: ModelRef, change: dict, error: type[CnnvizError], said: str
) -> None:
    with pytest.raises(error, match=said) as failed:
        execute(asked(network, **change), session, QUIET)
    assert failed.value.message.endswith(".") and failed.value.advice.endswith((".", "?"))
    assert failed.value.message.count(". ") == 0


def test_a_channel_that_does_not_react_is_named(
    make_classifier: Callable[..., Classifier],
    raw_network: Callable[[int], nn.Sequential],
    session: Session,
    network: ModelRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = raw_network(0)
    with torch.no_grad():
        silent.conv.weight[4] = 0
        silent.conv.bias[4] = -1
    classifier = make_classifier(silent)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    unit = Unit(layer="last", channel=4)
    for given in (SMALL, dataclasses.replace(SMALL, l2=1.0, variation=1.0), PIXELS):
        with pytest.raises(
            MethodError, match="changes channel 4 of last: it does not react"
        ) as failed:
            execute(asked(network, given, units=(unit,)), session, QUIET)
        assert failed.value.advice.startswith("Choose another channel")


def test_a_picture_too_small_for_the_network_is_refused(
    make_classifier: Callable[..., Classifier],
    session: Session,
    network: ModelRef,
    picture: ImageRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    narrow = nn.Sequential()
    narrow.add_module("wide", nn.Conv2d(3, 4, 21))
    narrow.add_module("pool", nn.AdaptiveAvgPool2d(1))
    narrow.add_module("flat", nn.Flatten())
    narrow.add_module("head", nn.Linear(4, 10))
    classifier = make_classifier(narrow)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    tiny, units = dataclasses.replace(SMALL, size=16), (Unit(layer="wide", channel=0),)
    for aim in ("excite", "imitate", "direction"):
        request = asked(network, tiny, units=units, aim=aim, image=picture)
        with pytest.raises(MethodError, match="16 × 16") as failed:
            execute(request, session, QUIET)
        assert failed.value.advice == "Choose a larger size, such as its own, 32."
    growing = dataclasses.replace(PIXELS, octaves=4)
    with pytest.raises(MethodError, match="17 × 17 pixels, the first octave") as failed:
        execute(asked(network, growing, units=units), session, QUIET)
    assert "fewer octaves" in failed.value.advice


@pytest.mark.parametrize("size", [16, 48])
def test_a_network_that_takes_one_size_alone_looks_at_views_of_it(
    make_classifier: Callable[..., Classifier],
    raw_network: Callable[[int], nn.Sequential],
    session: Session,
    network: ModelRef,
    picture: ImageRef,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    class Strict(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape[-1] == 32, "as transformers do"
            return x

    strict = nn.Sequential()
    strict.add_module("strict", Strict())
    for name, module in raw_network(0).named_children():
        strict.add_module(name, module)
    classifier = make_classifier(strict)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    given = dataclasses.replace(SMALL, size=size)
    for aim in ("excite", "imitate"):
        result = execute(asked(network, given, aim=aim, image=picture), session, QUIET)
        assert result.pictures.shape == (1, size, size, 3)
        assert result.curve[-1] > result.curve[0]
    sheet = FeatureSheet(model=network, layer="conv", channels=(1, 3), parameters=given)
    assert execute(sheet, session, QUIET).channels == (1, 3)


@pytest.mark.parametrize("parameterisation", ["fourier", "pixel", "maco"])
def test_a_network_that_reads_grey_dreams_in_grey(parameterisation: str) -> None:
    lenet = ModelRef(name="lenet5")
    given = FeatureParams(parameterisation=parameterisation, size=32, steps=8, rate=0.1)
    session = Session(device=torch.device("cpu"))
    units = (Unit(layer="c3", channel=2),)
    result = execute(asked(lenet, given, units=units), session, QUIET)
    assert np.array_equal(result.pictures[..., 0], result.pictures[..., 1])
    assert np.array_equal(result.pictures[..., 0], result.pictures[..., 2])
    assert result.curve[-1] > result.curve[0]
    execute(asked(lenet, given, units=units).then(given), session, QUIET)


@pytest.mark.parametrize("parameterisation", ["fourier", "pixel", "maco"])
def test_a_network_of_four_channels_dreams_in_colours(
    session: Session,
    network: ModelRef,
    raw_network: Callable[[int], nn.Sequential],
    monkeypatch: pytest.MonkeyPatch,
    small: Classifier,
    parameterisation: str,
) -> None:
    four = raw_network(0)
    four.stem = nn.Conv2d(4, 8, 3, stride=2, padding=1)
    told = {field.name: getattr(small.facts, field.name) for field in dataclasses.fields(Card)}
    card = Card(**told | {"channels": 4})
    classifier = Classifier(four, card, torch.device("cpu"))
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    given = FeatureParams(parameterisation=parameterisation, size=32, steps=3)
    result = execute(asked(network, given), session, QUIET)
    assert result.pictures.shape == (1, 32, 32, 3)
    assert not np.allclose(result.pictures[..., 0], result.pictures[..., 1])
