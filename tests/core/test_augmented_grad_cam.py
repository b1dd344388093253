"""Augmented Grad-CAM: views there and back, one fine map from many coarse ones, and its guards."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import augmented_grad_cam as module
from cnnviz_gui.core.heatmaps import gathering
from cnnviz_gui.core.heatmaps.augmented_grad_cam import AugmentedGradCamParams, augmented_grad_cam
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.heatmaps.motions import Motions, centres
from cnnviz_gui.core.heatmaps.super_resolution import PAPER_STEPS, SuperResolution
from cnnviz_gui.core.models.classifier import Classifier

SIDE = (224, 224)
GRID = (14, 14)
STILL = {"turn": 0.0, "shift": 0.0}
TOGETHER = ("variation", "maximum", "average")


def run(classifier: Classifier, image: Tensor, ctx=None, layer: str = "conv", **given):
    params = AugmentedGradCamParams(**{"views": 12} | given)
    return augmented_grad_cam(classifier, image, 3, layer, params, ctx or NullContext())


def plain(classifier: Classifier, image: Tensor) -> HeatmapValue:
    return grad_cam(classifier, image, 3, "conv", GradCamParams(), NullContext())


def discs() -> Tensor:
    """A map of two discs, one of 1 and one of 0.7."""
    y, x = torch.meshgrid(torch.arange(224.0), torch.arange(224.0), indexing="ij")
    first, second = (x - 70) ** 2 + (y - 80) ** 2 < 22**2, (x - 150) ** 2 + (y - 140) ** 2 < 30**2
    return first.float() + 0.7 * second.float()


def drawn(count: int, degrees: float = 28.6, pixels: float = 30.0, **more) -> Motions:
    return Motions.draw(count, degrees, pixels, torch.Generator().manual_seed(0), **more)


def problem(truth: Tensor, motions: Motions, variation: float = 0.002) -> SuperResolution:
    """The views of a known map, and what is to find it again."""
    empty = torch.zeros(len(motions), *GRID)
    maps = SuperResolution(empty, motions, SIDE, 0, 0).seen(truth).reshape(-1, *GRID)
    return SuperResolution(maps, motions, SIDE, variation, 0.0001)


def likeness(first: Tensor, second: Tensor) -> float:
    return float(torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1])


def test_views_are_drawn_within_their_ranges_and_the_first_is_the_picture() -> None:
    motions = drawn(400)
    assert float(motions.angles[0]) == 0 and not bool(motions.shifts[0].any())
    assert 0.48 < float(motions.angles.abs().max()) <= math.radians(28.6)
    assert 29 < float(motions.shifts.abs().max()) <= 30
    assert abs(float(motions.angles.mean())) < 0.05
    few = drawn(7)
    assert torch.equal(few.angles, motions.angles[:7])
    assert torch.equal(few.shifts, motions.shifts[:7])


def test_a_view_is_turned_and_then_shifted(batch: Tensor) -> None:
    image = batch[:1]
    still = Motions(torch.zeros(1), torch.zeros(1, 2)).views(image)
    assert torch.allclose(still, image, atol=1e-6)
    quarter = Motions(torch.tensor([math.pi / 2]), torch.tensor([[3.0, 0.0]])).views(image)
    turned = torch.rot90(image, -1, (2, 3))  # clockwise, as y points down
    assert torch.allclose(quarter[..., 3:], turned[..., :-3], atol=1e-4)
    assert not bool(quarter[..., :3].any())
    mirrored = Motions(torch.zeros(1), torch.tensor([[3.0, 0.0]]), mirrored=True).views(image)
    assert torch.allclose(mirrored[..., :3], image[..., :3].flip(3), atol=1e-5)


def test_maps_come_back_to_where_they_were_seen() -> None:
    y, x = torch.meshgrid(torch.arange(224.0), torch.arange(224.0), indexing="ij")
    blob = torch.exp(-((x - 90) ** 2 + (y - 130) ** 2) / (2 * 30**2))
    motions = drawn(20)
    seen = motions.views(blob.expand(1, 3, -1, -1))[:, 0]
    back = motions.back(seen, SIDE)
    near = (slice(90, 170), slice(50, 130))
    assert float((back[:, *near] - blob[near]).abs().max()) <= 0.02
    coarse = functional.avg_pool2d(seen[:, None], 16)[:, 0]
    assert float((motions.back(coarse, SIDE)[:, *near] - blob[near]).abs().max()) <= 0.1


def test_cells_are_read_off_where_the_view_shows_them(batch: Tensor) -> None:
    """As if the map were warped as a picture is; at odd counts of pixels a cell has a centre."""
    values = torch.rand(45, 45, generator=torch.Generator().manual_seed(5))
    for mirrored in (False, True):
        motions = drawn(9, 40.0, 12.0, mirrored=mirrored)
        solver = SuperResolution(torch.zeros(9, 5, 5), motions, (45, 45), 0, 0)
        warped = motions.views(values.expand(1, 3, -1, -1))[:, 0, 4::9, 4::9]
        assert torch.allclose(solver.seen(values).reshape(9, 5, 5), warped, atol=1e-4)


def test_the_gradient_of_the_solver_is_that_of_its_loss() -> None:
    motions = drawn(5, 20.0, 3.0)
    generator = torch.Generator().manual_seed(1)
    maps = torch.rand(5, 4, 4, generator=generator)
    solver = SuperResolution(maps, motions, (20, 20), 0.0, 0.01)
    values = torch.rand(20, 20, generator=generator)
    _, gradient = solver._smooth(values)
    for pixel in ((3, 4), (10, 11), (19, 0)):
        ahead, behind = values.clone(), values.clone()
        ahead[pixel] += 0.05
        behind[pixel] -= 0.05
        slope = (solver.loss(ahead) - solver.loss(behind)) / 0.1
        assert slope == pytest.approx(float(gradient[pixel]), abs=2e-3)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_solver_finds_a_known_map_again(mirrored: bool) -> None:
    truth, motions = discs(), drawn(100, mirrored=mirrored)
    found, paper = problem(truth, motions), problem(truth, motions)
    steps = list(found.converge())
    assert list(paper.paper()) == list(range(1, PAPER_STEPS + 1))
    # As measured of the authors' solver: it stops far from the map, though with its shape.
    assert float(paper.map.max()) == pytest.approx(0.19, abs=0.01)
    assert 0.95 < likeness(paper.map, truth) < 0.98
    assert likeness(found.map, truth) > 0.985
    assert float(found.map.max()) == pytest.approx(0.95, abs=0.03)
    assert found.loss(found.map) < paper.loss(paper.map) / 7
    assert len(steps) < 300 and len(found.losses) >= len(steps)
    single = problem(truth, motions.some(slice(1)))._given.reshape(1, 1, *GRID)
    nearest = functional.interpolate(single, SIDE, mode="nearest")[0, 0]
    assert likeness(nearest, truth) < 0.85


def test_smoothness_is_what_fills_the_gaps_between_the_cells() -> None:
    truth, motions = discs(), drawn(100)
    smooth, rough = problem(truth, motions), problem(truth, motions, variation=0.0)
    for solver in (smooth, rough):
        for _ in solver.converge():
            pass
    assert likeness(smooth.map, truth) > likeness(rough.map, truth) + 0.1


@pytest.mark.parametrize("together", ["maximum", "average"])
def test_views_that_do_not_move_give_grad_cam(
    small: Classifier, batch: Tensor, together: str
) -> None:
    expected = plain(small, batch[:1])
    for views in (1, 9):
        found = run(small, batch[:1], views=views, reconstruction=together, **STILL)
        scale = float(expected.map.max())
        assert torch.allclose(found.map, expected.map, rtol=0, atol=1e-5 * scale)
        assert torch.allclose(found.coarse, expected.coarse, rtol=0, atol=1e-5 * scale)
        assert found.samples == found.expected == views and not found.signed


def test_the_maximum_is_nowhere_below_the_average(small: Classifier, batch: Tensor) -> None:
    highest = run(small, batch[:1], reconstruction="maximum").map
    mean = run(small, batch[:1], reconstruction="average").map
    assert bool((highest >= mean - 1e-6).all()) and bool((highest > mean).any())


@pytest.mark.parametrize("solver", ["converged", "paper"])
def test_the_fine_map_has_its_curve_and_says_what_the_paper_stops_at(
    small: Classifier, batch: Tensor, solver: str
) -> None:
    found = run(small, batch[:1], solver=solver)
    points = found.curve.points
    assert float(points[1, 0]) > float(points[1, -1]) > 0
    assert torch.equal(points[0], torch.arange(float(points.shape[1])))
    assert any("stop far" in note for note in found.notes) == (solver == "paper")
    assert (points.shape[1] == PAPER_STEPS) == (solver == "paper")


@pytest.mark.parametrize("together", TOGETHER)
def test_how_many_views_pass_together_does_not_matter(
    small: Classifier, batch: Tensor, together: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(small, batch[:1], reconstruction=together).map
    monkeypatch.setattr(module, "at_once", lambda network: 5)
    found = run(small, batch[:1], reconstruction=together).map
    assert torch.allclose(found, expected, rtol=0, atol=1e-4 * float(expected.max()))


def test_few_views_pass_together_where_their_graph_is_large(
    small: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module._at_once(small, "conv") == 32
    monkeypatch.setattr(module, "_ROOM", 200_000)
    assert module._at_once(small, "stem") < module._at_once(small, "last") < 32


def test_a_view_that_tells_nothing_is_left_out_and_counted(
    small: Classifier, batch: Tensor
) -> None:
    class Blinking:
        """Gives maps of nothing for each fourth view."""

        facts, device = small.facts, small.device

        def cut(self, x: Tensor, layer: str, ctx):
            cut = small.cut(x, layer, ctx)
            if len(x) > 1:
                cut.features = cut.features.clone()
                cut.features[::4] = 0
            return cut

    found = run(Blinking(), batch[:1], views=9)
    assert bool(torch.isfinite(found.map).all()) and bool(found.map.any())
    assert found.notes[0].startswith("2 of 9 views were left out") and "class 3" in found.notes[0]


@pytest.mark.parametrize("together", TOGETHER)
def test_a_class_that_nothing_speaks_for_is_told(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
    together: str,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight[3] = -1
    found = run(make_classifier(network), batch[:1], layer="last", reconstruction=together)
    assert not bool(found.map.any())
    assert "12 views" in found.reason and "class 3" in found.reason


@pytest.mark.parametrize("layer", ["pool", "flat", "head"])
def test_a_layer_without_space_is_refused(small: Classifier, batch: Tensor, layer: str) -> None:
    with pytest.raises(LayerError, match="cannot say where"):
        run(small, batch[:1], layer=layer)


@pytest.mark.parametrize("together", TOGETHER)
def test_it_streams_first_the_views_and_then_the_solver(
    small: Classifier,
    batch: Tensor,
    recorder: type,
    together: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    monkeypatch.setattr(module, "at_once", lambda network: 3)
    ctx = recorder()
    found = run(small, batch[:1], ctx, reconstruction=together)
    counts = [part.samples for part in ctx.partials]
    assert counts[:4] == [1, 4, 7, 10] and counts == sorted(counts)
    first = plain(small, batch[:1]).map
    assert torch.allclose(ctx.partials[0].map, first, rtol=0, atol=1e-5 * float(first.max()))
    curves = [part for part in ctx.partials if part.curve is not None]
    assert bool(curves) == (together == "variation")
    follows = [bool(part.notes) for part in ctx.partials if part.curve is None]
    assert all(told == (together == "variation") for told in follows)
    if curves:
        assert not found.notes
        assert all(part.samples == 12 for part in curves)
        assert float(curves[0].map.sub(found.map).abs().mean()) > float(
            curves[-1].map.sub(found.map).abs().mean()
        )
        assert curves[0].map is not curves[1].map
    done = [one for one, _ in ctx.steps]
    assert done == sorted(done) and len({total for _, total in ctx.steps}) == 1
    cancelled = recorder(cancel_at=ctx.checks - 1)
    with pytest.raises(Cancelled):
        run(small, batch[:1], cancelled, reconstruction=together)
    assert cancelled.partials[-1].samples >= 10


def test_centres_of_cells_are_those_of_an_enlargement() -> None:
    assert centres((2, 2), (4, 4)).tolist() == [[-1, -1], [1, -1], [-1, 1], [1, 1]]
    assert centres((1, 3), (5, 9)).tolist() == [[-3, 0], [0, 0], [3, 0]]
