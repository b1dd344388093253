"""Views of a picture, sampled once more by scipy from matrices that are written out by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from scipy import ndimage

from cnnviz_gui.core.features.views import Views

Array = npt.NDArray[np.float64]
SIDE = 40
GREY = 0.5


def drawn(views: Views, seed: int = 0, side: int = SIDE) -> Array:
    generator = torch.Generator().manual_seed(seed)
    return views.matrices(1, side, generator).double().numpy()


def parts(matrices: Array) -> tuple[Array, Array, Array]:
    """Return the share of the side, the angle in degrees and the moves in pixels of each."""
    share = np.sqrt(np.linalg.det(matrices[:, :, :2]))
    angle = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    return share, angle, matrices[:, :, 2] * SIDE / 2


def sampled(picture: Array, matrix: Array, side: int) -> Array:
    """Return the view (3, side, side) of a picture (3, H, H): linear, and grey around it."""
    centres = (2 * np.arange(side) + 1) / side - 1
    down, across = np.meshgrid(centres, centres, indexing="ij")
    seen = matrix @ np.stack([across.ravel(), down.ravel(), np.ones(side * side)])
    pixels = ((seen + 1) * picture.shape[-1] - 1) / 2
    return np.stack(
        [
            ndimage.map_coordinates(
                plane, pixels[::-1], order=1, mode="grid-constant", cval=GREY
            ).reshape(side, side)
            for plane in picture
        ]
    )


def test_a_view_is_turned_and_scaled_alike_along_both_axes() -> None:
    """Nothing is sheared, stretched one way or mirrored."""
    matrices = drawn(Views(count=200, jitter=3.0, turn=70.0, stretch=0.3, nearest=0.4))
    linear = matrices[:, :, :2]
    share = parts(matrices)[0]
    assert (np.linalg.det(linear) > 0).all()
    squared = np.einsum("nij,nkj->nik", linear, linear)
    assert np.allclose(squared, share[:, None, None] ** 2 * np.eye(2), atol=1e-6)


def test_the_largest_turn_is_reached_both_ways_and_not_passed() -> None:
    _, angle, moves = parts(drawn(Views(count=4000, turn=20.0)))
    assert -20.0 <= angle.min() < -19.9 and 19.9 < angle.max() <= 20.0
    assert abs(angle.mean()) < 1 and not moves.any()
    assert np.mean(np.abs(angle) < 10) == pytest.approx(0.5, abs=0.05), "any turn is as likely"


def test_the_farthest_move_is_reached_each_way_and_not_passed() -> None:
    share, angle, moves = parts(drawn(Views(count=4000, jitter=4.0)))
    assert np.allclose(share, 1) and not angle.any()
    assert np.abs(moves).max() <= 4.0 + 1e-5
    assert (moves.max(0) > 3.95).all() and (moves.min(0) < -3.95).all()
    assert abs(np.corrcoef(moves.T)[0, 1]) < 0.05, "across and down are drawn apart"


def test_no_move_is_farther_than_a_quarter_of_the_side() -> None:
    _, _, moves = parts(drawn(Views(count=4000, jitter=64.0)))
    assert 0.99 * SIDE / 4 < np.abs(moves).max() <= SIDE / 4 + 1e-5


def test_what_is_seen_is_at_most_so_much_larger_or_smaller() -> None:
    share, _, _ = parts(drawn(Views(count=4000, stretch=0.25)))
    assert 1 / 1.25 <= share.min() + 1e-6 < 1 / 1.24, "a quarter larger: less is seen of it"
    assert 1 / 0.76 < share.max() - 1e-6 <= 1 / 0.75


def test_a_crop_has_any_share_and_lies_anywhere_inside() -> None:
    share, _, moves = parts(drawn(Views(count=4000, nearest=0.3, farthest=0.7)))
    assert 0.3 - 1e-6 <= share.min() < 0.302 and 0.698 < share.max() <= 0.7 + 1e-6
    room = (1 - share)[:, None] * SIDE / 2
    assert (np.abs(moves) <= room + 1e-4).all()
    assert (np.abs(moves) / room).max(0).min() > 0.99, "up to the border"
    nearer = share < 0.4
    assert np.abs(moves[nearer]).max() > np.abs(moves[~nearer]).max(), "the closer, the freer"


def test_a_seed_says_what_is_seen() -> None:
    """The five numbers of a view in turn: its share, stretch, turn, and where it lies."""
    views = Views(count=3, jitter=5.0, turn=30.0, stretch=0.2, nearest=0.5, farthest=0.9)
    uniform = torch.rand(5, 3, generator=torch.Generator().manual_seed(9))
    numbers = uniform.double().numpy() * 2 - 1
    for number, found in enumerate(drawn(views, seed=9)):
        how_far, how_large, how_turned, across, down = numbers[:, number]
        share = 0.5 + 0.4 * (how_far + 1) / 2
        size = share / (1 + 0.2 * how_large)
        angle = np.radians(30.0 * how_turned)
        room = 2 * 5.0 / SIDE + 1 - share
        expected = [
            [size * np.cos(angle), -size * np.sin(angle), room * across],
            [size * np.sin(angle), size * np.cos(angle), room * down],
        ]
        assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("side", [SIDE, 64])
def test_a_view_is_what_scipy_sees_by_its_matrix(side: int) -> None:
    views = Views(count=4, jitter=6.0, turn=40.0, stretch=0.2, nearest=0.4, farthest=0.8)
    pictures = np.random.default_rng(0).random((2, 3, SIDE, SIDE))
    generator = torch.Generator().manual_seed(2)
    found = views.draw(torch.tensor(pictures), side, generator).numpy()
    matrices = views.matrices(2, SIDE, torch.Generator().manual_seed(2)).double().numpy()
    for number, (view, matrix) in enumerate(zip(found, matrices, strict=True)):
        picture = pictures[number // views.count]
        assert np.abs(view - sampled(picture, matrix, side)).max() < 1e-5


def test_a_view_coarser_than_its_picture_sees_it_shrunk_to_its_own_grain() -> None:
    """By Pillow, as far as a pixel of the view is a pixel of what is looked at."""
    views = Views(count=3, turn=30.0, nearest=0.4, farthest=0.9)
    picture = np.random.default_rng(1).random((3, 96, 96)).astype(np.float32)
    found = views.draw(torch.tensor(picture)[None], 32, torch.Generator().manual_seed(2)).numpy()
    matrices = views.matrices(1, 96, torch.Generator().manual_seed(2)).double().numpy()
    for view, matrix in zip(found, matrices, strict=True):
        side = round(32 / np.sqrt(np.linalg.det(matrix[:, :2])))
        assert 32 < side < 96
        small = [
            Image.fromarray(plane).resize((side, side), Image.Resampling.BILINEAR)
            for plane in picture
        ]
        expected = sampled(np.stack([np.asarray(one, np.float64) for one in small]), matrix, 32)
        assert np.abs(view - expected).max() < 1e-5


def test_noise_is_added_as_strong_as_it_is_said() -> None:
    picture = torch.full((2, 3, 64, 64), 0.3)
    seen = Views(count=2, noise=0.2).draw(picture, 64, torch.Generator().manual_seed(0)) - 0.3
    assert float(seen.std()) == pytest.approx(0.2, rel=0.02)
    assert float(seen.mean()) == pytest.approx(0.0, abs=0.005)
    flat = seen.flatten(1)
    alike = torch.corrcoef(flat) - torch.eye(4)
    assert float(alike.abs().max()) < 0.05, "each view has its own"
