"""What a request asks for, in a network whose maps are wider than they are high."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError, MethodError
from cnnviz_gui.core.feature_requests import Feature, Unit
from cnnviz_gui.core.features import goals
from cnnviz_gui.core.features.ascent import Ascent
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ImageRef, ModelRef

QUIET = NullContext()
SEEN = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def wide() -> nn.Sequential:
    """Return a network with maps of 8 rows and 32 columns for a picture of 32 x 32."""
    network = nn.Sequential()
    network.add_module("wide", nn.Conv2d(3, 4, 3, stride=(4, 1), padding=1))
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(4, 10))
    return network


@pytest.fixture(scope="module")
def classifier(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    network = wide()
    with torch.no_grad():
        generator = torch.Generator().manual_seed(3)
        for weight in network.parameters():
            weight.normal_(generator=generator)
    return make_classifier(network)


@pytest.fixture(scope="module")
def dead(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    """What comes in is forgotten."""
    network = wide()
    with torch.no_grad():
        network.wide.weight.zero_()
        network.head.weight.zero_()
    return make_classifier(network)


def asked(unit: Unit, **given: object) -> Feature:
    parameters = FeatureParams(size=32, steps=3)
    photograph = ImageRef(path="photograph.png")
    return Feature(
        model=ModelRef(name="small"), units=(unit,), parameters=parameters, image=photograph,
        **given,
    )  # fmt: skip


def maps(classifier: Classifier, picture: Tensor) -> dict[str, Tensor]:
    return dict(classifier.feature_maps(picture, ["wide"], QUIET))


def test_a_cell_is_named_by_its_row_and_its_column(classifier: Classifier) -> None:
    assert classifier.facts.layer("wide").output_shape == (4, 8, 32)
    cell = Unit(layer="wide", channel=1, cell=(5, 20))
    found = goals.goal(asked(cell), classifier, None, QUIET).objective(maps(classifier, SEEN))
    assert float(found) == float(maps(classifier, SEEN)["wide"][0, 1, 5, 20])
    with pytest.raises(LayerError, match="no cell in row 20, column 5: they are 8 × 32"):
        goals.goal(asked(dataclasses.replace(cell, cell=(20, 5))), classifier, None, QUIET)


@pytest.mark.parametrize(("cell", "at"), [((5, 20), (5, 20)), ("centre", (4, 16))])
def test_the_direction_at_a_cell_is_that_of_the_photograph_there(
    classifier: Classifier, cell: object, at: tuple[int, int]
) -> None:
    aim = goals.goal(
        asked(Unit(layer="wide", cell=cell), aim="direction"), classifier, SEEN, QUIET
    )  # fmt: skip
    given = maps(classifier, SEEN)
    vectors = given["wide"][0].flatten(1).double().numpy()
    wanted = given["wide"][0, :, at[0], at[1]].double().numpy()
    along = wanted @ vectors
    cosine = along / np.linalg.norm(vectors, axis=0) / np.linalg.norm(wanted)
    assert float(aim.objective(given)) == pytest.approx(
        float((along * np.maximum(cosine, 0.1)).mean()), rel=1e-4
    )


def test_what_is_imitated_is_not_exceeded(classifier: Classifier) -> None:
    """A ReLU6 gave the photograph no more than six: more would be farther from it."""
    unit = Unit(layer="wide")
    for aim in ("imitate", "direction", "excite"):
        assert goals.goal(asked(unit, aim=aim), classifier, SEEN, QUIET).bounded == (
            aim == "imitate"
        )


@pytest.mark.parametrize(
    ("unit", "aim", "pictures"), [(Unit(layer="wide", channel=1), "excite", 1),
    (Unit(layer="wide", channel=1), "differ", 3)],
)  # fmt: skip
def test_as_many_pictures_are_made_as_the_aim_has_use_for(
    classifier: Classifier, unit: Unit, aim: str, pictures: int
) -> None:
    made = goals.goal(asked(unit, aim=aim, pictures=3), classifier, None, QUIET)
    assert made.pictures == pictures and made.layers == ("wide",)
    assert made.of == "channel 1 of wide" and not made.bounded


@pytest.mark.parametrize(
    ("unit", "aim", "meant", "other"),
    [
        (Unit(layer="wide", channel=1, weight=-1.0), "excite", "channel 1 of wide", "channel"),
        (Unit(layer="wide", channel=1, cell=(2, 3)), "excite", "channel 1 of wide at", "cell"),
        (Unit(layer="wide"), "excite", "wide", "layer"),
        (Unit(layer="wide", channel=1), "direction", "the photograph at wide", "layer"),
        (Unit(layer="wide", cell="centre"), "direction", "the photograph at wide", "cell"),
        (Unit(channel=3), "excite", "class 3", "class"),
    ],
)
@pytest.mark.parametrize(
    ("given", "ways"),
    [
        ({}, "begin with the photograph or redirect the first steps."),
        ({"redirect": 8}, "begin with the photograph."),
        ({"start": "photograph"}, "begin with noise or redirect the first steps."),
    ],
)
def test_what_does_not_react_is_named_as_it_is_and_what_would_help(
    dead: Classifier, unit: Unit, aim: str, meant: str, other: str, given: dict, ways: str
) -> None:
    parameters = FeatureParams(**({"size": 32, "redirect": 0} | given))
    request = dataclasses.replace(asked(unit, aim=aim), parameters=parameters)
    ascent = Ascent(dead, goals.goal(request, dead, SEEN, QUIET), parameters, SEEN)
    with pytest.raises(MethodError, match=f"picture changes {meant}") as failed:
        ascent.step(dead, QUIET)
    assert failed.value.advice == (
        f"Choose another {other}{',' if ' or ' in ways else ' or'} {ways}"
    )


@pytest.mark.parametrize(
    ("unit", "size", "side"),
    [
        (Unit(layer="wide", channel=0), 48, None),
        (Unit(layer="flat", channel=0), 48, 32),
        (Unit(channel=3), 48, 32),
    ],
)
def test_the_classes_see_views_of_the_networks_own_size(
    classifier: Classifier, unit: Unit, size: int, side: int | None
) -> None:
    request = asked(unit)
    larger = dataclasses.replace(request.parameters, size=size)
    request = dataclasses.replace(request, parameters=larger)
    assert goals.goal(request, classifier, None, QUIET).side == side
