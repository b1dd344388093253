"""Each defence by itself, what must hold of all of them, and the certificate of a vote."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage, stats
from torch import Tensor

from cnnviz_gui.core import params
from cnnviz_gui.core.defences import certificate
from cnnviz_gui.core.defences.certificate import ALPHA, certify, lower_bound
from cnnviz_gui.core.defences.defended import view, views_of
from cnnviz_gui.core.registry import Method, method, methods

ALL = methods("defence")
every = pytest.mark.parametrize("defence", ALL, ids=lambda one: one.name)


def seen(name: str, image: Tensor, which: int = 0, **given: object) -> Tensor:
    chosen = method("defence", name)
    return view(chosen, params.build(chosen.params, given), image, which)


def test_the_seven_are_there() -> None:
    assert {one.name for one in ALL} == {
        *("augmentation", "bit-depth", "blur", "jpeg", "median", "resize-pad", "smoothing")
    }


@every
def test_a_view_is_a_picture_and_leaves_the_given_one_alone(defence: Method, batch: Tensor) -> None:
    before = batch.clone()
    given = defence.params()
    for which in {0, views_of(defence).count(given) - 1}:
        found = view(defence, given, batch, which)
        assert found.shape == batch.shape and found.dtype == torch.float32
        assert float(found.min()) >= 0 and float(found.max()) <= 1
    assert torch.equal(batch, before)


@every
def test_a_view_depends_on_nothing_but_what_is_given(defence: Method, batch: Tensor) -> None:
    given = defence.params()
    torch.manual_seed(1)
    first = view(defence, given, batch, 1)
    torch.manual_seed(2)
    assert torch.equal(first, view(defence, given, batch, 1))
    alone = torch.cat([view(defence, given, one[None], 1) for one in batch])
    assert torch.allclose(first, alone, atol=1e-6)


@every
def test_random_defences_draw_anew_by_number_and_seed(defence: Method, batch: Tensor) -> None:
    given = defence.params()
    if not views_of(defence).random:
        assert not any(spec.role == "seed" for spec in defence.specs)
        return
    first = view(defence, given, batch, 0)
    assert not torch.equal(first, view(defence, given, batch, 1))
    other = params.build(defence.params, {"seed": 1})
    assert not torch.equal(first, view(defence, other, batch, 0))
    far = view(defence, given, batch, 1 << 20)
    assert not torch.equal(far, first)


@every
def test_what_claims_a_gradient_has_one(defence: Method, batch: Tensor) -> None:
    if views_of(defence).straight_through:
        return
    inner = (batch * 0.6 + 0.2).double()
    leaf = inner.clone().requires_grad_()
    given = defence.params()
    weights = torch.randn(inner.shape, generator=torch.Generator().manual_seed(0)).double()
    (found,) = torch.autograd.grad((view(defence, given, leaf, 1) * weights).sum(), leaf)
    way = torch.randn(inner.shape, generator=torch.Generator().manual_seed(1)).double()
    step = 1e-5
    ahead, behind = (
        float((view(defence, given, inner + sign * step * way, 1) * weights).sum())
        for sign in (1, -1)
    )
    assert float((found * way).sum()) == pytest.approx((ahead - behind) / (2 * step), rel=1e-4)


def test_bit_depth_leaves_so_many_levels(batch: Tensor) -> None:
    assert seen("bit-depth", batch, bits=1).unique().tolist() == [0, 1]
    three = seen("bit-depth", batch, bits=3).unique()
    assert torch.equal(three, torch.arange(8) / 7)
    assert torch.allclose(seen("bit-depth", batch, bits=8), batch)


def test_jpeg_is_what_a_file_gives(batch: Tensor) -> None:
    pixels = (batch[1].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=40)
    read = np.asarray(Image.open(file).convert("RGB"))
    found = seen("jpeg", batch, quality=40)[1]
    assert np.array_equal((found.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy(), read)


@pytest.mark.parametrize("window", [2, 3, 4, 5])
def test_the_median_is_that_of_the_window(batch: Tensor, window: int) -> None:
    found = seen("median", batch, window=window)
    before = (window - 1) // 2
    rank = (window * window - 1) // 2
    # the origin of an even window differs between the two
    origin = 0 if window % 2 else -1
    for one, expected in zip(found.reshape(-1, 32, 32), batch.reshape(-1, 32, 32), strict=True):
        exact = ndimage.rank_filter(
            expected.numpy(), rank, size=window, mode="mirror", origin=(origin, origin)
        )
        inner = slice(before, 32 - window // 2)
        np.testing.assert_array_equal(one.numpy()[inner, inner], exact[inner, inner])


def test_the_blur_is_a_bell(batch: Tensor) -> None:
    found = seen("blur", batch, sigma=2.0)[0, 0].numpy()
    exact = ndimage.gaussian_filter(batch[0, 0].double().numpy(), 2.0, mode="mirror", radius=7)
    np.testing.assert_allclose(found, exact, atol=1e-5)


def test_resizing_shrinks_and_pads_with_black() -> None:
    white = torch.ones(1, 3, 40, 40)
    sides = set()
    for which in range(40):
        found = seen("resize-pad", white, which, least=50)[0, 0]
        rows, columns = (found > 0.5).any(1), (found > 0.5).any(0)
        side = int(rows.sum())
        assert side == int(columns.sum()) and 20 <= side <= 40
        assert float(found[rows][:, columns].min()) == pytest.approx(1)
        assert float(found.sum()) == pytest.approx(side * side)
        sides.add((side, int(rows.nonzero()[0]), int(columns.nonzero()[0])))
    assert len(sides) > 30


def test_smoothing_adds_noise_of_its_size() -> None:
    grey = torch.full((1, 3, 64, 64), 0.5)
    added = seen("smoothing", grey, sigma=0.1) - grey
    assert float(added.std()) == pytest.approx(0.1, rel=0.03)
    assert abs(float(added.mean())) < 0.005


def test_augmentation_shows_the_picture_its_crops_and_mirror_images(batch: Tensor) -> None:
    given = {"copies": "crops", "crop": 50}
    assert torch.equal(seen("augmentation", batch, 0, **given), batch)
    for pair in range(6):
        plain, mirrored = (seen("augmentation", batch, 2 * pair + k, **given) for k in (0, 1))
        assert torch.equal(mirrored, plain.flip(3))
    ramp = torch.linspace(0, 1, 32).reshape(1, 1, 1, 32).expand(1, 3, 32, 32).contiguous()
    means = [float(seen("augmentation", ramp, 2 * k, **given).mean()) for k in range(1, 6)]
    assert means == pytest.approx([0.242, 0.758, 0.242, 0.758, 0.5], abs=0.02)


@pytest.mark.parametrize("trials", [1, 8, 56, 875, 10000])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.51, 0.99, 1.0])
@pytest.mark.parametrize("alpha", [ALPHA, 0.05])
def test_the_bound_is_that_of_the_beta_distribution(
    trials: int, share: float, alpha: float
) -> None:
    successes = round(share * trials)
    exact = stats.beta.ppf(alpha, successes, trials - successes + 1) if successes else 0.0
    assert lower_bound(successes, trials, alpha) == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_the_bound_is_wrong_as_seldom_as_it_says() -> None:
    """Over all outcomes of 60 trials, by their exact probabilities."""
    bounds = np.array([lower_bound(k, 60, 0.05) for k in range(61)])
    for true in np.linspace(0.05, 0.99, 48):
        chances = stats.binom.pmf(np.arange(61), 60, true)
        wrong = chances[bounds > true].sum()
        assert wrong <= 0.05 + 1e-9


def test_a_certificate_is_the_published_radius() -> None:
    """56 of 56: alpha ** (1 / 56) is the bound, and sigma times its normal quantile the radius."""
    found = certify([7] * 64, 0.25)
    assert (found.index, found.votes, found.counted) == (7, 56, 56)
    assert found.bound == pytest.approx(0.001 ** (1 / 56))
    assert found.radius == pytest.approx(0.25 * stats.norm.ppf(0.001 ** (1 / 56)))


def test_a_divided_vote_certifies_nothing() -> None:
    assert certify([1, 2] * 32, 0.25).radius == 0
    assert certify([1] * 8 + [2] * 56, 0.25).radius == 0  # those that select do not count
    assert certify([3], 0.25).radius == 0


def test_the_radius_holds_for_a_half_space() -> None:
    """For a linear border the true radius is its distance; the certificate stays below it."""
    generator = torch.Generator().manual_seed(0)
    sigma, distance = 0.5, 0.4
    for _ in range(50):
        noise = sigma * torch.randn(1000, generator=generator)
        winners = [int(value < -distance) for value in noise]
        assert 0.2 < certificate.certify(winners, sigma).radius <= distance
