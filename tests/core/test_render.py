"""Colours from numbers: faithful at the ends, harmless with numbers that are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnviz_gui.core import render

FLOATS = arrays.arrays(np.float32, (5, 7), elements=st.floats(width=32))
RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (40, 31, 3), dtype=np.uint8)
HEAT = RNG.random((40, 31), dtype=np.float32)


@pytest.mark.parametrize("name", render.COLORMAPS)
def test_ends_of_a_map_are_the_ends_of_its_table(name: str) -> None:
    table = render.colormap(name)
    painted = render.apply_colormap(np.array([[-3.0, 0.0, 2.0, 9.0]]), name, 0.0, 2.0)[0]
    assert table.shape == (256, 3) and table.dtype == np.uint8 and not table.flags.writeable
    assert (painted[:2] == table[0]).all() and (painted[2:] == table[255]).all()


@pytest.mark.parametrize("name", ["inferno", "viridis", "grey"])
def test_sequential_maps_get_lighter_throughout(name: str) -> None:
    luma = render.colormap(name).astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luma) > -0.8).all() and luma[-1] - luma[0] > 180


def test_diverging_maps_have_their_extreme_in_the_centre() -> None:
    dark = render.colormap("berlin").astype(int).sum(1)
    light = render.colormap("vik").astype(int).sum(1)
    assert abs(int(dark.argmin()) - 127.5) < 4 and abs(int(light.argmax()) - 127.5) < 4


def test_unknown_map_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="inferno, viridis"):
        render.colormap("parula")


@pytest.mark.parametrize("ends", [(0.0, np.nan), (-np.inf, 0.0), (1.0, 0.0)])
def test_a_range_that_is_none_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="no range"):
        render.apply_colormap(HEAT, "viridis", *ends)


@given(FLOATS)
@settings(max_examples=80, deadline=None)
def test_nan_and_only_nan_is_magenta(values: np.ndarray) -> None:
    painted = render.apply_colormap(values, "viridis", -1.0, 1.0)
    magenta = (painted == render.NAN_COLOR).all(-1)
    assert (magenta == np.isnan(values)).all()


@given(FLOATS)
@settings(max_examples=80, deadline=None)
def test_any_finite_array_can_be_painted_on_its_own_range(values: np.ndarray) -> None:
    bound = render.signed_range(values)
    painted = render.apply_colormap(values, "grey", -bound, bound)
    finite = np.isfinite(values)
    order = np.argsort(values[finite], kind="stable")
    assert (np.diff(painted[..., 0][finite][order].astype(int)) >= 0).all()


@pytest.mark.parametrize("value", [0.0, 5.0, -5.0, 1e-42, 3e38])
def test_constant_maps_are_even_and_finite(value: float) -> None:
    constant = np.full((3, 4), value, dtype=np.float32)
    low, high = float(constant.min()), float(constant.max())
    assert (
        render.apply_colormap(constant, "viridis", low, high) == render.colormap("viridis")[0]
    ).all()
    assert (render.apply_colormap(constant, "vik", low, high) == render.colormap("vik")[128]).all()


@pytest.mark.parametrize("value", [1e-44, 1.0, 3e38])
def test_scale_does_not_matter_to_the_colours(value: float) -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float64)[None]
    painted = render.apply_colormap(ramp * value, "inferno", 0.0, value)
    assert (painted == render.apply_colormap(ramp, "inferno", 0.0, 1.0)).all()


@pytest.mark.parametrize(("name", "signed", "low"), [("inferno", False, 0.0), ("vik", True, -1.0)])
def test_overlay_at_the_ends_of_opacity_is_photograph_and_map(
    name: str, signed: bool, low: float
) -> None:
    heat = HEAT * (1 - low) + low
    kept = PHOTO.copy()
    options = {"name": name, "low": low, "high": 1.0, "signed": signed}
    nothing = render.overlay(PHOTO, heat, opacity=0.0, **options)
    everything = render.overlay(PHOTO, heat, opacity=1.0, **options)
    assert (nothing == PHOTO).all() and (kept == PHOTO).all()
    assert (everything == render.apply_colormap(heat, name, low, 1.0)).all()


def test_overlay_covers_more_where_the_map_is_stronger() -> None:
    white = np.full((1, 256, 3), 255, dtype=np.uint8)
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    over = render.overlay(white, ramp, opacity=0.6, name="grey", low=0, high=1, signed=False)
    under = render.overlay(white, 0 * ramp, opacity=0.6, name="grey", low=0, high=1, signed=False)
    moved = np.abs(over.astype(int) - under)[0, :, 0]
    assert moved[0] == 0 and moved[60] > 20


def test_signed_overlay_shows_the_photograph_at_zero_and_colours_at_both_ends() -> None:
    photo = np.full((1, 3, 3), 120, dtype=np.uint8)
    heat = np.array([[-1.0, 0.0, 1.0]], dtype=np.float32)
    over = render.overlay(photo, heat, opacity=0.7, name="vik", low=-1, high=1, signed=True)[0]
    assert np.ptp(over[1]) <= 2
    assert over[0, 2] > over[0, 0] + 30 and over[2, 0] > over[2, 2] + 30


def test_overlay_of_nothing_has_no_colour_of_the_map() -> None:
    grey = np.full((4, 4, 3), 90, dtype=np.uint8)
    over = render.overlay(
        grey, np.zeros((4, 4), np.float32), opacity=0.6, name="inferno", low=0, high=0, signed=False
    )
    assert np.isfinite(over).all() and np.ptp(over) <= 2


def test_overlay_refuses_what_does_not_fit() -> None:
    options = {"name": "grey", "low": 0, "high": 1, "signed": False}
    with pytest.raises(ValueError, match="does not fit"):
        render.overlay(PHOTO, HEAT.T, opacity=0.5, **options)
    with pytest.raises(ValueError, match="between 0 and 1"):
        render.overlay(PHOTO, HEAT, opacity=1.5, **options)


def test_tiles_are_painted_like_single_maps_in_the_order_asked_for() -> None:
    maps = RNG.standard_normal((6, 4, 5)).astype(np.float32)
    maps[3, 1, 2] = np.nan
    order = np.array([5, 3, 0])
    strip = render.tile_strip(maps, "viridis", -1.0, 2.0, order)
    assert strip.shape == (3, 4, 5, 4) and (strip[..., 3] == 255).all()
    for tile, channel in zip(strip, order, strict=True):
        assert (tile[..., :3] == render.apply_colormap(maps[channel], "viridis", -1.0, 2.0)).all()


def test_tiles_can_have_a_scale_of_their_own() -> None:
    maps = RNG.random((4, 3, 3)).astype(np.float32) * np.array([1, 0, 100, 1e-6])[:, None, None]
    strip = render.tile_strip(maps, "grey", 0.0, maps.max((1, 2)), np.array([2, 3, 1]))
    assert [int(tile[..., 0].max()) for tile in strip] == [255, 255, 0]


def test_atlas_puts_every_tile_in_its_place() -> None:
    strip = RNG.integers(0, 256, (5, 2, 3, 4), dtype=np.uint8)
    sheet = render.atlas(strip, 2, gap=1)
    assert sheet.shape == (8, 7, 4)
    assert (sheet[3:5, 4:7] == strip[3]).all() and not sheet[6:, 4:].any()


def test_colour_filters_have_mid_grey_at_zero_and_keep_the_sign() -> None:
    weight = RNG.standard_normal((4, 3, 5, 5)).astype(np.float32)
    weight[1] = 0
    weight[2, :, 0, 0] = 0
    pictures = render.filter_pictures(weight)
    assert pictures.shape == (4, 5, 5, 3)
    assert (pictures[1] == 128).all() and (pictures[2, 0, 0] == 128).all()
    assert ((pictures > 128) <= (weight > 0).transpose(0, 2, 3, 1)).all()
    assert {int(abs(p.astype(int) - 128).max()) for p in pictures[[0, 2, 3]]} <= {127}


def test_filters_without_colours_are_shown_as_slices() -> None:
    weight = RNG.standard_normal((4, 8, 3, 3)).astype(np.float32)
    with pytest.raises(ValueError, match="slices"):
        render.filter_pictures(weight)
    assert (render.filter_slices(weight, channel=2) == weight[:, 2]).all()
    assert (render.filter_slices(weight, of_filter=1) == weight[1]).all()


def test_signed_range_ignores_what_is_not_finite() -> None:
    assert render.signed_range(np.array([1.0, -2.0, np.nan, np.inf])) == 2.0
    assert render.signed_range(np.array([np.nan])) == 0.0
    assert render.signed_range(np.zeros((0, 3))) == 0.0


@pytest.mark.parametrize("size", [(9, 14), (3, 2), (5, 7), (1, 1)])
def test_bilinear_resizing_agrees_with_torch(size: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    array = RNG.random((5, 7, 3), dtype=np.float32)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(array).permute(2, 0, 1)[None], size, mode="bilinear", align_corners=False
    )[0].permute(1, 2, 0)
    ours = render.resize_bilinear(array, size)
    assert ours.dtype == np.float32 and np.abs(ours - theirs.numpy()).max() < 1e-6


def test_nearest_resizing_repeats_and_drops_whole_pixels() -> None:
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    large = render.resize_nearest(array, (4, 9))
    assert large.dtype == np.uint8 and (large == array.repeat(2, 0).repeat(3, 1)).all()
    assert (render.resize_nearest(large, (2, 3)) == array).all()


def test_the_scale_of_a_map_is_not_left_to_a_few_outliers() -> None:
    values = np.full((100, 100), 1.0, np.float32)
    values[0, 0] = 1000.0
    assert render.display_range(values, signed=False, fine=False) == (0.0, 1000.0)
    assert render.display_range(values, signed=False, fine=True) == (0.0, 1.0)
    assert render.display_range(-values, signed=True, fine=True) == (-1.0, 1.0)


@pytest.mark.parametrize("fine", [False, True])
@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_map_without_a_scale_still_has_one(value: float, fine: bool) -> None:
    low, high = render.display_range(np.full((4, 4), value), signed=False, fine=fine)
    assert low < high
