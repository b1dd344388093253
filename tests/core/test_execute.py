"""The one door: what goes in, what comes out, what is remembered and what is refused."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_gui.core import feature_cache, patch_cache, registry, run_sweep
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import AttackBorders, BorderParams, Borders
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.defences.bit_depth import BitDepthParams
from cnnviz_gui.core.errors import (
    Cancelled,
    LayerError,
    MethodError,
    ModelError,
    OutputError,
    ParameterError,
    RequestError,
    TargetError,
)
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, OpenSpectrum, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.heatmap_results import Curve, HeatmapResult, HeatmapValue
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    ChannelClasses,
    Contributions,
    ExamineCell,
    FlippingSet,
    InspectFilters,
    TopPatches,
)
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.masking_requests import Masking, MaskingParams
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.place_requests import Locate
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, PlanePicture
from cnnviz_gui.core.race_requests import AttackRace, RaceParams
from cnnviz_gui.core.request import (
    Attack,
    Embed,
    FetchImage,
    Forget,
    Heatmap,
    HeatmapLayers,
    ImageRef,
    InspectCheckpoint,
    InspectLayer,
    ListImages,
    ModelRef,
    Nearest,
    OpenImage,
    OpenModel,
    Predict,
    ProbeNormalisation,
    ReadLabels,
    Request,
    SaveAdversarial,
    Sweep,
    Thumbnails,
)
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.result import AttackResult, Result, SweepResult
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.tasks import TASKS
from cnnviz_gui.core.trust_requests import Sanity, SanityParams, Trust, TrustParams

QUIET = NullContext()
BITS = MethodUse(method="bit-depth", parameters=BitDepthParams())


@pytest.fixture
def attack(network: ModelRef, picture: ImageRef, make_params: Callable) -> Attack:
    return Attack(
        model=network,
        image=picture,
        method="pgd",
        parameters=make_params("attack", "pgd", epsilon=2.0, steps=3),
    )


@pytest.fixture
def heatmap(network: ModelRef, picture: ImageRef, make_params: Callable) -> Heatmap:
    return Heatmap(
        model=network,
        image=picture,
        method="grad-cam",
        parameters=make_params("heatmap", "grad-cam"),
    )


@pytest.fixture
def requests(attack: Attack, heatmap: Heatmap, tmp_path: Path) -> dict[str, Request]:
    network, picture = attack.model, attack.image
    data = "data:image/png;base64,"
    data += base64.b64encode(Path(picture.path).read_bytes()).decode()
    names, weights = tmp_path / "names.txt", tmp_path / "weights.pth"
    names.write_text("cat\ndog\n")
    torch.save({"conv.weight": torch.zeros(1)}, weights)
    made = (
        OpenModel(model=network),
        InspectCheckpoint(path=str(weights)),
        ReadLabels(path=str(names), classes=2),
        ProbeNormalisation(model=network, image=picture),
        OpenImage(image=picture),
        ListImages(paths=(picture.path,)),
        FetchImage(url=data, folder=str(tmp_path)),
        Thumbnails(images=(picture,)),
        Predict(model=network, image=picture),
        Embed(model=network, image=picture),
        Nearest(model=network, image=picture, folder=str(tmp_path)),
        InspectLayer(model=network, image=picture, layer="conv"),
        Contributions(model=network, image=picture, layer="conv"),
        InspectFilters(model=network, layer="conv"),
        ActivationStatistics(model=network, images=(picture,)),
        ExamineCell(model=network, image=picture, layer="conv", channel=1, row=2, column=3),
        ChannelClasses(model=network, image=picture, layer="conv", channel=1),
        FlippingSet(model=network, image=picture, layer="conv"),
        TopPatches(model=network, layer="conv", channel=1, folder=str(tmp_path)),
        heatmap,
        HeatmapLayers(heatmap=heatmap, layers=("stem", "conv")),
        Trust(heatmap=heatmap, parameters=TrustParams(curve_points=4, random_draws=1)),
        Sanity(heatmap=heatmap, parameters=SanityParams(stages=2)),
        GradCamSteps(heatmap=heatmap, channels=3),
        Locate(heatmap=heatmap, truth=(1, 2, 9, 12)),
        AttackSteps(attack=attack),
        Plane(attack=attack, parameters=PlaneParams(points="17")),
        PlanePicture(plane=Plane(attack=attack), along=1.0, across=0.5),
        Defences(attack=attack, methods=(BITS,)),
        AdaptiveAttacks(attack=attack, methods=(BITS,)),
        Masking(attack=attack, parameters=MaskingParams(queries=20)),
        Borders(attack=attack, parameters=BorderParams(classes=2)),
        AttackBorders(
            model=network,
            image=picture,
            methods=(MethodUse(method=attack.method, parameters=attack.parameters),),
        ),
        AttackRace(
            model=network,
            image=picture,
            methods=(MethodUse(method=attack.method, parameters=attack.parameters),),
            parameters=RaceParams(gradients=3),
        ),
        HeatmapGrid(
            model=network,
            image=picture,
            methods=(MethodUse(method=heatmap.method, parameters=heatmap.parameters),),
            targets=(1, 2),
        ),
        HeatmapFolder(
            model=network,
            folder=FolderRef(path=str(tmp_path)),
            method=heatmap.method,
            parameters=heatmap.parameters,
        ),
        AttackFolder(
            model=network,
            folder=FolderRef(path=str(tmp_path)),
            method=attack.method,
            parameters=attack.parameters,
            epsilons=(0.0, 4.0),
        ),
        attack,
        Sweep(attack=attack, maximum=2.0, points=3),
        Feature(
            model=network,
            units=(Unit(layer="conv", channel=1),),
            parameters=FeatureParams(size=32, steps=2),
        ),
        OpenSpectrum(path=picture.path),
        FeatureSheet(
            model=network,
            layer="conv",
            channels=(1, 3),
            parameters=FeatureParams(size=32, steps=2),
        ),
        Forget(),
    )
    return {request.task: request for request in made}


def arrays(value: object) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, tuple):
        return [array for item in value for array in arrays(item)]
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return [array for f in fields for array in arrays(getattr(value, f.name))]
    assert not isinstance(value, Tensor)
    return []


@pytest.mark.parametrize("task", list(TASKS))
def test_every_task_has_an_answer(
    session: Session, requests: dict[str, Request], task: str
) -> None:
    result = execute(requests[task], session, QUIET)
    assert isinstance(result, Result)
    assert result.seconds > 0
    assert all(not array.flags.writeable for array in arrays(result))


@pytest.mark.parametrize("task", [t for t in TASKS if t not in ("fetch-image", "thumbnails")])
def test_a_cancelled_task_leaves_nothing_and_can_be_asked_again(
    new_session: Callable[[], Session],
    requests: dict[str, Request],
    recorder: type,
    task: str,
    small: Classifier,
) -> None:
    """Cancelled at every one of its checks, then run again in the same session."""
    expected = arrays(execute(requests[task], new_session(), QUIET))
    counting = recorder()
    execute(requests[task], new_session(), counting)
    assert counting.checks
    every = max(1, counting.checks // 12)
    for at in range(1, counting.checks + 1, every):
        session = new_session()
        with pytest.raises(Cancelled):
            execute(requests[task], session, recorder(cancel_at=at))
        assert count_hooks(small.stock) == count_hooks(small.fast) == 0
        again = arrays(execute(requests[task], session, QUIET))
        for one, other in zip(again, expected, strict=True):  # NaN parts lines of a drawing
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_an_unknown_request_is_refused(session: Session) -> None:
    with pytest.raises(RequestError):
        execute(Request(), session, QUIET)


def test_predictions_are_the_softmax_best_first(
    session: Session, requests: dict[str, Request], small: Classifier
) -> None:
    asked = dataclasses.replace(requests["predict"], top=99)
    result = execute(asked, session, QUIET)
    logits = small.logits(session.input(asked.model, asked.image))[0].double()
    assert len(result.scores) == 10
    found = {score.index: score.probability for score in result.scores}
    assert [found[i] for i in range(10)] == pytest.approx(logits.softmax(0).tolist(), abs=1e-12)
    probabilities = [score.probability for score in result.scores]
    assert probabilities == sorted(probabilities, reverse=True)
    assert result.seen.shape == (32, 32, 3)
    with pytest.raises(RequestError):
        execute(dataclasses.replace(asked, top=0), session, QUIET)


def test_a_prediction_says_how_far_a_small_picture_was_enlarged(
    session: Session, network: ModelRef, tmp_path: Path
) -> None:
    path = tmp_path / "dot.png"
    Image.new("RGB", (1, 5000)).save(path)
    asked = Predict(model=network, image=ImageRef(path=str(path)))
    size = session.classifier(network).facts.resize_size
    assert execute(asked, session, QUIET).enlarged == f"upscaled {size} times"


def test_a_layer_is_inspected_as_trained(session: Session, requests: dict[str, Request]) -> None:
    asked = requests["inspect-layer"]
    conv = execute(asked, session, QUIET)
    assert conv.maps.shape == (16, 16, 16) and conv.filters.shape == (16, 8, 3, 3)
    head = execute(dataclasses.replace(asked, layer="head"), session, QUIET)
    assert head.maps.shape == (10, 1, 1) and head.filters is None


@pytest.mark.parametrize("target", [-1, 10, 10**12])
@pytest.mark.parametrize("task", ["heatmap", "attack"])
def test_a_class_out_of_range_is_refused_before_anything_is_computed(
    session: Session, requests: dict[str, Request], small: Classifier, task: str, target: int
) -> None:
    before = small.forwards
    missing = ImageRef(path="no such file")
    asked = dataclasses.replace(requests[task], target=target, image=missing)
    with pytest.raises(TargetError, match=f"no class {target}"):
        execute(asked, session, QUIET)
    assert small.forwards == before


def test_parameters_of_another_method_are_refused(session: Session, attack: Attack) -> None:
    with pytest.raises(ParameterError, match="not those of FGSM"):
        execute(dataclasses.replace(attack, method="fgsm"), session, QUIET)


def test_what_a_method_needs_is_said_before_it_runs(
    session: Session, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = registry.method("heatmap", "grad-cam")
    picky = dataclasses.replace(chosen, needs=lambda facts: f"{facts.title} has no such thing.")
    monkeypatch.setitem(registry._METHODS, ("heatmap", "grad-cam"), picky)
    with pytest.raises(MethodError, match="Small has no such thing"):
        execute(heatmap, session, QUIET)


@pytest.mark.parametrize(
    "wrong",
    [torch.full((1, 3, 32, 32), torch.nan), torch.rand(1, 3, 8, 8), torch.ones(1, 3, 32, 32)],
)
def test_what_is_not_an_image_of_the_ball_is_not_handed_on(
    session: Session, attack: Attack, monkeypatch: pytest.MonkeyPatch, wrong: Tensor
) -> None:
    chosen = registry.method("attack", "pgd")
    broken = dataclasses.replace(chosen, run=lambda *arguments: wrong)
    monkeypatch.setitem(registry._METHODS, ("attack", "pgd"), broken)
    with pytest.raises(MethodError, match="PGD"):
        execute(attack, session, QUIET)


def test_a_map_of_the_wrong_size_is_not_handed_on(
    session: Session, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = registry.method("heatmap", "grad-cam")
    broken = dataclasses.replace(chosen, run=lambda *arguments: HeatmapValue(torch.ones(3, 3)))
    monkeypatch.setitem(registry._METHODS, ("heatmap", "grad-cam"), broken)
    with pytest.raises(MethodError, match="size"):
        execute(heatmap, session, QUIET)


@pytest.mark.parametrize(
    ("values", "layer", "said"),
    [
        (0.0, "conv", "nothing in this layer speaks for class"),
        (0.0, "", "no pixel changes the score of class"),
        (float("nan"), "conv", "not numbers"),
        (float("inf"), "", "not numbers"),
        (1.0, "conv", ""),
    ],
)
def test_a_blank_map_bears_its_reason(
    session: Session,
    heatmap: Heatmap,
    monkeypatch: pytest.MonkeyPatch,
    values: float,
    layer: str,
    said: str,
) -> None:
    chosen = registry.method("heatmap", "grad-cam")
    value = HeatmapValue(torch.full((32, 32), values), layer=layer)
    blank = dataclasses.replace(chosen, run=lambda *arguments: value)
    monkeypatch.setitem(registry._METHODS, ("heatmap", "grad-cam"), blank)
    reason = execute(heatmap, session, QUIET).reason
    assert said in reason and bool(reason) == bool(said)


def test_a_map_is_shown_while_it_gathers_samples(
    session: Session, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gather(*arguments: Any) -> HeatmapValue:
        for samples in (1, 2):
            made = HeatmapValue(
                torch.full((32, 32), float(samples)),
                samples=samples,
                expected=2,
                notes=(f"It rests on {samples}.",),
                curve=Curve(points=torch.tensor([[0.0, 1.0], [0.5, samples]]), across="x", up="y"),
            )
            arguments[-1].partial(made)
        return made

    chosen = registry.method("heatmap", "grad-cam")
    gathers = dataclasses.replace(chosen, run=gather)
    monkeypatch.setitem(registry._METHODS, ("heatmap", "grad-cam"), gathers)
    shown: list[Any] = []

    class Watching(NullContext):
        def partial(self, value: object) -> None:
            shown.append(value)

    last = execute(heatmap, session, Watching())
    assert [one.samples for one in shown] == [1, 2] and last.expected == 2
    for one in (*shown, last):
        assert one.map.max() == one.samples and one.notes == (f"It rests on {one.samples}.",)
        assert one.curve.points[1, 1] == one.samples and not one.curve.points.flags.writeable


def test_logits_that_are_not_numbers_name_the_network(
    make_classifier: Callable[[nn.Module], Classifier],
    raw_network: Callable[[int], nn.Sequential],
    session: Session,
    requests: dict[str, Request],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damaged = raw_network(0)
    classifier = make_classifier(damaged)
    with torch.no_grad():
        classifier.fast.network.head.bias.fill_(torch.nan)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    for task in ("predict", "heatmap", "attack"):
        with pytest.raises(ModelError, match="not numbers"):
            execute(requests[task], session, QUIET)


def test_the_layer_of_a_heat_map_is_the_recommended_one_unless_named(
    session: Session, heatmap: Heatmap, small: Classifier
) -> None:
    assert execute(heatmap, session, QUIET).layer == small.facts.recommended_layer
    assert execute(dataclasses.replace(heatmap, layer="stem"), session, QUIET).layer == "stem"
    with pytest.raises(LayerError):
        execute(dataclasses.replace(heatmap, layer="nowhere"), session, QUIET)


def test_a_further_class_costs_no_forward_pass_and_gives_the_same_map(
    new_session: Callable[[], Session], heatmap: Heatmap, small: Classifier
) -> None:
    session = new_session()
    winner = execute(heatmap, session, QUIET).target.index  # whose map is remembered
    for target in {1, 2, 5} - {winner}:
        asked = dataclasses.replace(heatmap, target=target)
        forwards, backwards = small.forwards, small.backwards
        further = execute(asked, session, QUIET)
        assert small.forwards == forwards
        assert small.backwards == backwards + 1
        assert np.array_equal(further.map, execute(asked, new_session(), QUIET).map)
        assert further.target.index == target


def test_few_cuts_are_kept_and_each_only_for_its_own_picture(
    session: Session, heatmap: Heatmap, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (32, 32), "teal").save(other)
    first = execute(heatmap, session, QUIET)
    elsewhere = dataclasses.replace(heatmap, image=ImageRef(path=str(other)))
    assert not np.array_equal(execute(elsewhere, session, QUIET).map, first.map)
    for layer in ("stem", "norm", "act", "conv", "last"):
        execute(dataclasses.replace(heatmap, layer=layer), session, QUIET)
    assert len(session.cuts) == 2
    assert np.array_equal(execute(heatmap, session, QUIET).map, first.map)


def test_an_attack_is_remembered_until_its_file_changes(
    session: Session, attack: Attack, small: Classifier
) -> None:
    first = execute(attack, session, QUIET)
    before = small.forwards
    assert execute(attack, session, QUIET) is first
    assert small.forwards == before
    Image.new("RGB", (32, 32), "teal").save(attack.image.path)
    changed = execute(attack, session, QUIET)
    assert not np.array_equal(changed.clean_image, first.clean_image)


def test_what_was_computed_is_computed_anew_after_forgetting_it(
    session: Session, attack: Attack, heatmap: Heatmap, small: Classifier
) -> None:
    first, explained = (execute(asked, session, QUIET) for asked in (attack, heatmap))
    picture, forwards = session.picture(attack.image), small.forwards
    execute(Forget(), session, QUIET)
    assert session.picture(attack.image) is picture and session.classifier(attack.model) is small
    assert np.array_equal(execute(heatmap, session, QUIET).map, explained.map)
    assert small.forwards == forwards + 2, "for the logits and for the cut"
    again = execute(attack, session, QUIET)
    assert again is not first and small.forwards == forwards + 2 + 5
    assert np.array_equal(again.adversarial_image, first.adversarial_image)
    assert execute(attack, session, QUIET) is again, "until it is forgotten anew"


def test_what_is_kept_on_disk_outlives_what_was_computed(session: Session, tmp_path: Path) -> None:
    kept = [tmp_path / "features" / ("0" * 32) / "3.png", tmp_path / "patches" / "layer.npz"]
    for path in kept:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"kept")
    feature_cache.use(tmp_path / "features")
    patch_cache.use(tmp_path / "patches")
    try:
        execute(Forget(), session, QUIET)
        assert all(path.exists() for path in kept)
    finally:
        feature_cache.use(None)
        patch_cache.use(None)


def test_an_attack_reports_what_the_network_says(
    session: Session, attack: Attack, small: Classifier
) -> None:
    for target in (None, 3):
        result = execute(dataclasses.replace(attack, target=target), session, QUIET)
        assert isinstance(result, AttackResult)
        image = torch.tensor(result.adversarial_image)[None]
        logits = small.logits(image)[0].double()
        said = {score.index: score for score in result.adversarial}
        assert set(said) == {score.index for score in result.clean}
        assert result.adversarial[0].index == int(logits.argmax())
        for index, score in said.items():
            assert score.probability == pytest.approx(float(logits.softmax(0)[index]), abs=1e-9)
        winner = result.adversarial[0].index
        assert result.success == (winner == target if target else winner != result.clean[0].index)
        assert (result.target.index if result.target else None) == target
        difference = (result.adversarial_image - result.clean_image).astype(np.float64)
        assert result.norms.linf == pytest.approx(np.abs(difference).max())
        assert result.norms.l2 == pytest.approx(np.sqrt((difference**2).sum()))
        assert result.norms.l1 == pytest.approx(np.abs(difference).sum())
        assert (result.forwards, result.backwards) == (4, 3)  # the last image is judged too
        assert (result.norm, result.epsilon) == ("linf", 2.0)


def test_a_method_shows_its_image_on_the_way(
    session: Session, attack: Attack, recorder: type
) -> None:
    watching = recorder()
    execute(attack, session, watching)
    assert watching.steps[-3:] == [(0, 3), (1, 3), (2, 3)]  # after those of reading the file
    assert len(watching.partials) == 4  # and the end
    for shown in watching.partials:
        assert isinstance(shown, AttackResult)
        assert not shown.adversarial_image.flags.writeable


def test_a_more_urgent_job_inside_a_step_changes_nothing(
    new_session: Callable[[], Session],
    attack: Attack,
    requests: dict[str, Request],
    recorder: type,
) -> None:
    expected = execute(attack, new_session(), QUIET)
    session = new_session()

    def urgent() -> None:
        execute(requests["heatmap"], session, QUIET)
        execute(requests["inspect-layer"], session, QUIET)
        session.forget()

    result = execute(attack, session, recorder(inside=urgent))
    assert np.array_equal(result.adversarial_image, expected.adversarial_image)
    assert (result.forwards, result.backwards) == (expected.forwards, expected.backwards)


def test_the_heat_map_of_an_attack_explains_its_image(
    session: Session, attack: Attack, heatmap: Heatmap, small: Classifier, recorder: type
) -> None:
    result = execute(attack, session, QUIET)
    watching = recorder()
    asked = dataclasses.replace(heatmap, attack=attack)
    found = execute(asked, session, watching)
    assert isinstance(found, HeatmapResult)
    assert not watching.steps, "the remembered attack is used"
    assert found.target == result.adversarial[0]
    image = torch.tensor(result.adversarial_image)[None]
    chosen = registry.method("heatmap", "grad-cam")
    layer = small.facts.recommended_layer
    alone = chosen.run(small, image, found.target.index, layer, heatmap.parameters, QUIET)
    assert np.array_equal(found.map, alone.map.numpy())
    assert not np.array_equal(found.map, execute(heatmap, session, QUIET).map)
    session.forget()
    partly = recorder()
    assert np.array_equal(execute(asked, session, partly).map, found.map)
    assert partly.steps and not partly.partials


def test_the_heat_map_of_another_pictures_attack_is_refused(
    session: Session, attack: Attack, heatmap: Heatmap
) -> None:
    other = dataclasses.replace(attack, model=ModelRef(name="another"))
    with pytest.raises(RequestError):
        execute(dataclasses.replace(heatmap, attack=other), session, QUIET)


@pytest.mark.parametrize("method", ["pgd", "fgsm"])
def test_each_point_of_a_sweep_is_the_attack_alone(
    new_session: Callable[[], Session],
    attack: Attack,
    make_params: Callable,
    recorder: type,
    method: str,
) -> None:
    given = {"steps": 2} if method == "pgd" else {}
    base = dataclasses.replace(
        attack, method=method, parameters=make_params("attack", method, **given)
    )
    sweep = Sweep(attack=base, maximum=3.0, points=7)
    watching = recorder()
    result = execute(sweep, new_session(), watching)
    assert isinstance(result, SweepResult)
    assert [point.epsilon for point in result.points] == [0, 0.5, 1, 1.5, 2, 2.5, 3]
    for point in result.points:
        parameters = dataclasses.replace(base.parameters, epsilon=point.epsilon)
        alone = dataclasses.replace(base, parameters=parameters)
        expected = execute(alone, new_session(), QUIET)
        assert np.array_equal(point.result.adversarial_image, expected.adversarial_image)
        assert point.success == expected.success
        assert point.label_probability == pytest.approx(
            next(s.probability for s in expected.adversarial if s.index == expected.clean[0].index)
        )
    flips = [point.epsilon for point in result.points if point.success]
    assert result.first_flip == (min(flips) if flips else None)
    many = 7 if method == "fgsm" else 1  # one direction for all epsilons: they pass together
    assert [len(shown.points) for shown in watching.partials] == list(range(many, 8))
    assert all(isinstance(shown, SweepResult) for shown in watching.partials)
    assert {total for _, total in watching.steps} == {7}


def test_a_sweep_reuses_what_is_known(session: Session, attack: Attack, small: Classifier) -> None:
    sweep = Sweep(attack=attack, maximum=2.0, points=3)
    last = run_sweep.at(sweep, 2)
    known = execute(last, session, QUIET)
    result = execute(sweep, session, QUIET)
    assert result.points[-1].result is known
    before = small.forwards
    execute(sweep, session, QUIET)
    assert small.forwards == before


@pytest.mark.parametrize("name", ["pgd", "deepfool"])
def test_a_scaled_attack_is_the_picture_plus_so_much_of_the_perturbation(
    session: Session, attack: Attack, make_params: Callable, name: str
) -> None:
    base = dataclasses.replace(attack, method=name, parameters=make_params("attack", name))
    whole = execute(base, session, QUIET)
    for scale in (0.0, 0.3, 1.0, 1.7):
        found = execute(dataclasses.replace(base, scale=scale), session, QUIET)
        change = whole.adversarial_image - whole.clean_image
        expected = (whole.clean_image + np.float32(scale) * change).clip(0, 1)
        assert np.abs(found.adversarial_image - expected).max() <= 1e-6
        if whole.epsilon is not None:
            assert found.epsilon == pytest.approx(whole.epsilon * scale)
            assert found.norms.linf <= found.epsilon / 255 + 1e-6
    still = execute(dataclasses.replace(base, scale=0.0), session, QUIET)
    assert np.array_equal(still.adversarial_image, whole.clean_image) and not still.success
    once = execute(dataclasses.replace(base, scale=1.0), session, QUIET)
    assert np.array_equal(once.adversarial_image, whole.adversarial_image)
    assert once.adversarial == whole.adversarial


def test_what_is_shown_of_a_scaled_attack_is_scaled(
    session: Session, attack: Attack, recorder: type
) -> None:
    watching = recorder()
    found = execute(dataclasses.replace(attack, scale=0.25), session, watching)
    assert all(shown.norms.l2 <= found.norms.l2 * 1.01 for shown in watching.partials)
    whole = recorder()
    execute(dataclasses.replace(attack, scale=1.0), Session(device=session.device), whole)
    assert whole.partials


@pytest.mark.parametrize("scale", [-0.5, math.inf, math.nan])
def test_a_scale_is_a_number_from_zero_on(session: Session, attack: Attack, scale: float) -> None:
    with pytest.raises(RequestError, match="scaled by"):
        execute(dataclasses.replace(attack, scale=scale), session, QUIET)


def test_a_sweep_along_a_perturbation_finds_it_once(
    session: Session, attack: Attack, small: Classifier
) -> None:
    sweep = Sweep(attack=dataclasses.replace(attack, scale=0.0), maximum=2.0, points=9)
    before = small.backwards
    result = execute(sweep, session, QUIET)
    assert small.backwards - before == attack.parameters.values()["steps"]
    assert [point.epsilon for point in result.points] == [i / 4 for i in range(9)]
    whole = execute(attack, session, QUIET)
    assert np.array_equal(result.points[4].result.adversarial_image, whole.adversarial_image)


def order(points: int, flips_from: int) -> list[int]:
    flips: dict[int, bool] = {}
    found = []
    for (index,) in run_sweep._order(points, flips, 1):
        flips[index] = index >= flips_from
        found.append(index)
    return found


@pytest.mark.parametrize("points", [2, 3, 8, 33])
@pytest.mark.parametrize("flips_from", [0, 1, 5, 99])
def test_a_sweep_takes_each_point_once_ends_first(points: int, flips_from: int) -> None:
    found = order(points, flips_from)
    assert sorted(found) == list(range(points))
    assert found[:2] == [0, points - 1]


def test_a_sweep_brackets_the_first_flip_before_it_fills_in() -> None:
    assert order(33, 5)[:7] == [0, 32, 16, 8, 4, 6, 5]
    assert order(33, 99)[:5] == [0, 32, 16, 8, 24]


@pytest.mark.parametrize(
    ("points", "maximum", "error"),
    [(1, 2.0, RequestError), (3, 0.0, RequestError), (3, float("nan"), RequestError),
     (3, float("inf"), RequestError), (3, 1e6, ParameterError), (10**9, 2.0, RequestError)],
)  # fmt: skip
def test_a_sweep_out_of_range_is_refused_at_once(
    session: Session, attack: Attack, small: Classifier, points: int, maximum: float, error: type
) -> None:
    before = small.forwards
    with pytest.raises(error):
        execute(Sweep(attack=attack, maximum=maximum, points=points), session, QUIET)
    assert small.forwards == before


def test_an_adversarial_picture_is_saved_and_what_is_in_the_file_is_told(
    session: Session, attack: Attack, small: Classifier, tmp_path: Path
) -> None:
    exact = execute(attack, session, QUIET)
    path = tmp_path / "adversarial"
    saved = execute(SaveAdversarial(attack=attack, path=str(path)), session, QUIET)
    assert saved.path == f"{path}.png"
    with Image.open(saved.path) as written:
        pixels = torch.tensor(np.asarray(written)).permute(2, 0, 1)[None].float() / 255
    radius = attack.parameters.values()["epsilon"] / 255
    assert np.abs(pixels[0].numpy() - exact.clean_image).max() <= radius + 1e-6
    best = int(small.logits(pixels).argmax())
    assert saved.top[0].index == best
    assert saved.exact_success == exact.success


def test_an_adversarial_picture_is_saved_as_nothing_but_png_or_jpeg(
    session: Session, attack: Attack, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="PNG"):
        execute(SaveAdversarial(attack=attack, path=str(tmp_path / "a.webp")), session, QUIET)
    assert list(tmp_path.glob("a*")) == []


def test_a_request_from_a_file_cannot_say_where_to_write(attack: Attack, tmp_path: Path) -> None:
    request = SaveAdversarial(attack=attack, path=str(tmp_path / "a.png"))
    with pytest.raises(RequestError, match="no task"):
        from_json(request.to_json())
