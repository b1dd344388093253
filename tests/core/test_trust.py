"""Deletion, insertion and masking: against plain loops, and what must hold of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core import registry, run_trust, trust_words
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.faithfulness import area, blurred, like
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import Attack, ChannelEdit, Forget, Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Trust, TrustParams
from cnnviz_gui.core.trust_results import Faithfulness, TrustResult

QUIET = NullContext()
SIDE = 32
PATCH = (slice(4, 12), slice(16, 26))


@pytest.fixture
def heatmap(network: ModelRef, picture: ImageRef, make_params: Callable) -> Heatmap:
    parameters = make_params("heatmap", "grad-cam", keep_negative=True)
    return Heatmap(model=network, image=picture, method="grad-cam", parameters=parameters, target=3)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let Grad-CAM give a map that was drawn by hand."""

    def draw(values: np.ndarray, **more: Any) -> None:
        chosen = registry.method("heatmap", "grad-cam")
        value = HeatmapValue(torch.tensor(values, dtype=torch.float32), **more)
        fixed = dataclasses.replace(
            chosen, needs=lambda facts: "", uses_layer=False, run=lambda *arguments: value
        )
        monkeypatch.setitem(registry._METHODS, ("heatmap", "grad-cam"), fixed)

    return draw


class _ReadsOnePatch(nn.Module):
    """Speaks for class 3 as far as the patch is bright, and looks at nothing else."""

    def forward(self, x: Tensor) -> Tensor:
        bright = x[:, :, PATCH[0], PATCH[1]].abs().mean((1, 2, 3))
        logits = torch.zeros(len(x), 10)
        logits[:, 3] = 6 * bright
        return logits


@pytest.fixture
def reads_one_patch(
    make_classifier: Callable[[nn.Module], Classifier],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> Classifier:
    classifier = make_classifier(_ReadsOnePatch())
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    return classifier


def patch(value: float = 1.0) -> np.ndarray:
    values = np.zeros((SIDE, SIDE), np.float32)
    values[PATCH] = value
    return values


def probability(classifier: Classifier, x: Tensor, target: int) -> float:
    return float(classifier.logits(x)[0].double().softmax(0)[target])


@pytest.mark.parametrize("points", [2, 5, 28, 30])
def test_the_curves_are_those_of_a_plain_loop(
    session: Session, small: Classifier, heatmap: Heatmap, points: int
) -> None:
    """Pixel by pixel, in NumPy, as deletion and insertion were published with RISE."""
    given = TrustParams(curve_points=points, random_draws=1)
    result = execute(Trust(heatmap=heatmap, parameters=given), session, QUIET)
    values = execute(heatmap, session, QUIET).map
    image = session.input(heatmap.model, heatmap.image)
    order = np.flip(np.argsort(values.reshape(-1), kind="stable"))
    mean = torch.tensor(small.facts.mean).reshape(1, 3, 1, 1).expand_as(image)
    step = math.ceil(SIDE * SIDE / points)
    count = math.ceil(SIDE * SIDE / step)
    for start, finish, found in (
        (image, mean, result.map.deletion),
        (blurred(image), image, result.map.insertion),
    ):
        picture, expected = start.clone().reshape(1, 3, -1), []
        for number in range(count + 1):
            expected.append(probability(small, picture.reshape(1, 3, SIDE, SIDE), 3))
            taken = torch.tensor(order[step * number : step * (number + 1)].copy())
            picture[:, :, taken] = finish.reshape(1, 3, -1)[:, :, taken]
        assert found.shape == (2, count + 1)
        np.testing.assert_allclose(found[1], expected, atol=1e-6)
        assert found[0, 0] == 0 and found[0, -1] == 1
        np.testing.assert_allclose(found[0, :-1], step * np.arange(count) / SIDE**2, rtol=1e-6)
    assert result.map.deletion_area == pytest.approx(
        float(np.trapezoid(result.map.deletion[1], result.map.deletion[0])), abs=1e-6
    )
    assert result.map.insertion_area == pytest.approx(
        float(np.trapezoid(result.map.insertion[1], result.map.insertion[0])), abs=1e-6
    )


def test_an_area_is_that_of_the_trapezoids() -> None:
    assert area(np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.0, 0.0])) == 0.25
    assert area(np.array([0.0, 0.9, 1.0]), np.array([1.0, 1.0, 1.0])) == pytest.approx(1.0)
    assert math.isnan(area(np.array([0.0, 0.5, 1.0]), np.array([1.0, np.nan, 0.0])))


@pytest.mark.parametrize("random_map", ["alike", "pixels"])
def test_a_perfect_map_beats_chance_and_the_middle(
    reads_one_patch: Classifier,
    session: Session,
    heatmap: Heatmap,
    drawn: Callable[..., None],
    random_map: str,
) -> None:
    drawn(patch())
    given = TrustParams(random_map=random_map, insert_into="mean")
    result = execute(Trust(heatmap=heatmap, parameters=given), session, QUIET)
    for rival in (result.random, result.centre):
        assert result.map.deletion_area < rival.deletion_area
        assert result.map.insertion_area > rival.insertion_area
    # All that counts goes with the first 8 · 10 of 1024 pixels, within 3 of 28 steps.
    assert result.map.deletion[1, 3] == pytest.approx(result.map.deletion[1, -1], abs=1e-6)
    assert result.map.insertion[1, 3] == pytest.approx(result.target.probability, abs=1e-6)
    assert result.map.kept == pytest.approx(result.target.probability, abs=1e-6)
    assert "faster than at random and faster than a blob" in trust_words.verdict(result)


def test_the_opposite_of_a_perfect_map_is_told(
    reads_one_patch: Classifier, session: Session, heatmap: Heatmap, drawn: Callable[..., None]
) -> None:
    drawn(-patch(), signed=True)
    result = execute(Trust(heatmap=heatmap), session, QUIET)
    assert result.map.deletion_area > result.random.deletion_area
    assert "more slowly than at random" in trust_words.verdict(result)


def test_masking_keeps_what_the_map_marks(
    session: Session, small: Classifier, heatmap: Heatmap, drawn: Callable[..., None]
) -> None:
    values = np.linspace(-1, 3, SIDE * SIDE).reshape(SIDE, SIDE).astype(np.float32)
    drawn(values, signed=True)
    result = execute(Trust(heatmap=heatmap), session, QUIET)
    image = session.input(heatmap.model, heatmap.image)
    mean = torch.tensor(small.facts.mean).reshape(1, 3, 1, 1)
    mask = torch.tensor(np.maximum(values, 0) / 3)
    expected = probability(small, mean + mask * (image - mean), 3)
    whole = probability(small, image, 3)
    assert result.map.kept == pytest.approx(expected, abs=1e-6)
    assert result.map.drop == pytest.approx(max(0, whole - expected) / whole, abs=1e-5)
    assert result.map.increase == (expected > whole)


def test_a_map_far_from_zero_is_stretched_before_it_masks(
    session: Session, small: Classifier, heatmap: Heatmap, drawn: Callable[..., None]
) -> None:
    values = np.random.default_rng(0).random((SIDE, SIDE))
    drawn(values)
    plain = execute(Trust(heatmap=heatmap), session, QUIET)
    drawn(10 + 0.1 * values)
    execute(Forget(), session, QUIET)
    shifted = execute(Trust(heatmap=heatmap), session, QUIET)
    assert shifted.map.kept == pytest.approx(plain.map.kept, abs=1e-4)


def test_the_rivals_mask_with_the_maps_own_values(
    session: Session, heatmap: Heatmap, drawn: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnviz_gui.core.faithfulness import Examination

    values = np.random.default_rng(0).random((SIDE, SIDE)).astype(np.float32)
    image = session.input(heatmap.model, heatmap.image)
    network = session.classifier(heatmap.model)
    examination = Examination(image, values, 0.5, network, TrustParams())
    own, *rivals = examination._orders
    for rival in rivals:
        assert torch.equal(rival.mask.flatten().sort().values, own.mask.flatten().sort().values)
        # marked most, taken first
        marked = torch.empty(SIDE * SIDE).scatter(0, rival.rank.flatten(), rival.mask.flatten())
        assert bool((marked.diff() <= 0).all())
    middle = rivals[0].rank
    assert int(middle[15:17, 15:17].max()) == 3 and int(middle.flatten()[0]) >= SIDE**2 - 4


def test_chance_is_as_coarse_as_the_map() -> None:
    """Its neighbours are as much alike as those of the map; so are its amplitudes."""
    cells = np.random.default_rng(0).random((4, 4))
    coarse = np.kron(cells, np.ones((8, 8)))
    noise = np.random.default_rng(1).normal(size=(SIDE, SIDE))
    alike = like(coarse, noise)

    def roughness(values: np.ndarray) -> float:
        return float(((values - np.roll(values, 1, 1)) ** 2).mean() / values.var())

    assert roughness(alike) == pytest.approx(roughness(coarse), rel=1e-6)
    assert roughness(noise) > 5 * roughness(alike)
    np.testing.assert_allclose(np.abs(np.fft.fft2(alike)), np.abs(np.fft.fft2(coarse)), atol=1e-8)
    assert abs(np.corrcoef(alike.ravel(), coarse.ravel())[0, 1]) < 0.5
    odd = like(coarse[:31, :29], noise[:31, :29])
    assert odd.shape == (31, 29)


def test_a_seed_gives_the_same_bits_and_another_one_does_not(
    new_session: Callable[[], Session], heatmap: Heatmap
) -> None:
    def areas(**given: Any) -> tuple[float, float, float]:
        request = Trust(heatmap=heatmap, parameters=TrustParams(**given))
        found = execute(request, new_session(), QUIET)
        return found.map.deletion_area, found.centre.deletion_area, found.random.deletion_area

    assert areas(seed=5) == areas(seed=5)
    assert areas(seed=5)[:2] == areas(seed=6)[:2]
    assert areas(seed=5)[2] != areas(seed=6)[2]


def test_the_mean_of_chance_is_that_of_its_draws(
    new_session: Callable[[], Session], heatmap: Heatmap, drawn: Callable[..., None]
) -> None:
    def random(draws: int) -> Faithfulness:
        given = TrustParams(random_draws=draws, curve_points=6)
        return execute(Trust(heatmap=heatmap, parameters=given), new_session(), QUIET).random

    one, two = random(1), random(2)
    second = 2 * two.deletion[1] - one.deletion[1]
    assert np.all((second >= -1e-6) & (second <= 1 + 1e-6))
    assert two.kept != one.kept and two.deletion.shape == one.deletion.shape == (2, 7)


@pytest.mark.parametrize("fill", ["mean", "blur", "black"])
def test_the_ends_of_the_curves_are_what_the_fills_say(
    session: Session, small: Classifier, heatmap: Heatmap, fill: str
) -> None:
    given = TrustParams(delete_to=fill, insert_into=fill)
    result = execute(Trust(heatmap=heatmap, parameters=given), session, QUIET)
    image = session.input(heatmap.model, heatmap.image)
    nothing = {
        "mean": torch.tensor(small.facts.mean).reshape(1, 3, 1, 1).expand_as(image),
        "blur": blurred(image),
        "black": torch.zeros_like(image),
    }[fill]
    for one in (result.map, result.centre, result.random):
        assert one.deletion[1, -1] == pytest.approx(probability(small, nothing, 3), abs=1e-6)
        assert one.insertion[1, 0] == pytest.approx(probability(small, nothing, 3), abs=1e-6)
        whole = pytest.approx(result.target.probability, abs=1e-6)
        assert one.deletion[1, 0] == whole and one.insertion[1, -1] == whole


def test_a_blur_leaves_what_is_even_as_it_is() -> None:
    even = torch.full((1, 3, 20, 24), 0.3)
    torch.testing.assert_close(blurred(even), even)
    noise = torch.rand(1, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    assert blurred(noise).shape == noise.shape and blurred(noise).std() < 0.3 * noise.std()


def test_curves_fill_in_from_rough_to_fine(
    session: Session, heatmap: Heatmap, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_trust.Pace, "due", lambda self: True)
    monkeypatch.setattr("cnnviz_gui.core.heatmaps.gathering.at_once", lambda network: 3)
    watching = recorder()
    result = execute(Trust(heatmap=heatmap), session, watching)
    shown = watching.partials
    assert len(shown) > 20 and all(isinstance(one, TrustResult) for one in shown)
    lengths = [one.map.deletion.shape[1] for one in shown]
    assert lengths == sorted(lengths) and lengths[-1] == 29
    early = next(one for one in shown if one.map.deletion.shape[1] >= 4)
    assert list(early.map.deletion[0]) == sorted(early.map.deletion[0])
    assert early.map.deletion[0, 1] > 0.2, "not the first pixels but a rough course"
    assert math.isnan(early.map.deletion_area) and not early.complete
    assert trust_words.verdict(early) == ""
    assert early.centre.deletion.shape[1] == 2, "the map comes first"
    for one in (early, shown[-1]):
        assert not one.map.deletion.flags.writeable
        at = np.isin(result.map.deletion[0], one.map.deletion[0])
        assert np.array_equal(result.map.deletion[:, at], one.map.deletion)
    assert result.complete and result.done == result.expected == watching.steps[-1][1]


def test_nothing_known_is_computed_again(
    session: Session, small: Classifier, heatmap: Heatmap
) -> None:
    execute(heatmap, session, QUIET)
    forwards, backwards = small.forwards, small.backwards
    result = execute(Trust(heatmap=heatmap), session, QUIET)
    assert small.forwards == forwards + result.expected and small.backwards == backwards
    assert execute(Trust(heatmap=heatmap), session, QUIET) is result
    assert small.forwards == forwards + result.expected


def test_edits_are_in_force_and_leave_nothing_behind(
    session: Session, small: Classifier, heatmap: Heatmap, recorder: type
) -> None:
    edited = dataclasses.replace(heatmap, edits=(ChannelEdit(layer="conv", channel=2),))
    result = execute(Trust(heatmap=edited), session, QUIET)
    plain = execute(Trust(heatmap=heatmap), session, QUIET)
    assert result.map.deletion[1, -1] != plain.map.deletion[1, -1]
    hooks = [0]

    def look() -> None:
        hooks.append(count_hooks(small.stock) + count_hooks(small.fast))

    execute(Forget(), session, QUIET)
    execute(Trust(heatmap=edited), session, recorder(inside=look))
    assert not any(hooks)
    execute(Forget(), session, QUIET)
    with pytest.raises(Cancelled):
        execute(Trust(heatmap=edited), session, recorder(cancel_at=12))
    assert count_hooks(small.stock) == count_hooks(small.fast) == 0


def test_the_adversarial_image_is_examined_where_its_map_is(
    session: Session, heatmap: Heatmap, make_params: Callable
) -> None:
    attack = Attack(
        model=heatmap.model,
        image=heatmap.image,
        method="fgsm",
        parameters=make_params("attack", "fgsm", epsilon=16.0),
    )
    attacked = dataclasses.replace(heatmap, attack=attack)
    result = execute(Trust(heatmap=attacked), session, QUIET)
    said = {score.index: score for score in execute(attack, session, QUIET).adversarial}
    if 3 in said:
        assert result.map.deletion[1, 0] == pytest.approx(said[3].probability, abs=1e-6)
    plain = execute(Trust(heatmap=heatmap), session, QUIET)
    assert result.map.deletion[1, 0] != plain.map.deletion[1, 0]


@pytest.mark.parametrize(
    ("values", "said"),
    [(0.0, "zero everywhere"), (0.7, "the same everywhere"), (np.nan, "not numbers")],
)
def test_a_map_that_puts_no_pixel_before_another_is_refused(
    session: Session, heatmap: Heatmap, drawn: Callable[..., None], values: float, said: str
) -> None:
    drawn(np.full((SIDE, SIDE), values))
    with pytest.raises(MethodError, match=said) as failure:
        execute(Trust(heatmap=heatmap), session, QUIET)
    assert failure.value.advice


def test_the_request_survives_json(heatmap: Heatmap) -> None:
    request = Trust(heatmap=heatmap, parameters=TrustParams(curve_points=7, seed=3))
    assert from_json(request.to_json()) == request
    assert from_json(Trust(heatmap=heatmap).to_json()) == Trust(heatmap=heatmap)


def told(deletion: float, insertion: float, whole: float = 0.8) -> TrustResult:
    """A result in which both rivals have areas of one half."""

    def one(lower: float, upper: float) -> Faithfulness:
        curve = np.zeros((2, 2), np.float32)
        return Faithfulness(
            deletion=curve,
            insertion=curve,
            deletion_area=lower,
            insertion_area=upper,
            kept=0.4,
            drop=0.5,
            increase=False,
        )

    return TrustResult(
        method="grad-cam",
        layer="conv",
        target=Score(3, "class 3", whole, 1.0),
        map=one(deletion, insertion),
        centre=one(0.5, 0.5),
        random=one(0.5, 0.5),
        done=9,
        expected=9,
    )


def test_the_sentence_says_no_more_than_the_numbers() -> None:
    better = "faster than at random and faster than a blob in the middle"
    assert trust_words.verdict(told(0.2, 0.8)) == (
        "Deleting what this map marks lowers the probability of class 3, and inserting it raises "
        f"it, {better}."
    )
    assert trust_words.verdict(told(0.2, 0.51)) == (
        f"Deleting what this map marks lowers the probability of class 3 {better}. Inserting it "
        "raises the probability no faster than at random or a blob in the middle."
    )
    assert "more slowly than at random or a blob" in trust_words.verdict(told(0.9, 0.1))
    beaten = dataclasses.replace(told(0.3, 0.7), centre=told(0.1, 0.9).map)
    assert "faster than at random, but more slowly than a blob" in trust_words.verdict(beaten)
    equal = dataclasses.replace(told(0.3, 0.7), centre=told(0.29, 0.71).map)
    assert "faster than at random, but no faster than a blob" in trust_words.verdict(equal)
    odd = dataclasses.replace(told(0.5, 0.5), centre=told(0.9, 0.1).map)
    assert "no faster than at random, though faster than a blob" in trust_words.verdict(odd)
    assert "With 2.0 % on the whole picture" in trust_words.verdict(told(0.2, 0.8, whole=0.02))
    assert trust_words.kept(told(0.2, 0.8).map, 0.8) == "It falls to 40.0 %: 50.0 % of it is lost."
