"""Filters as a picture: the right colours in the right places."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnnviz_gui.core import filter_picture, render
from cnnviz_gui.core.layer_requests import InspectFilters
from cnnviz_gui.core.layer_results import LayerFilters
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.result_files import save_result

KERNELS = np.random.default_rng(0).normal(size=(5, 3, 2)).astype(np.float32)


def slices(kernels: np.ndarray = KERNELS) -> LayerFilters:
    return LayerFilters(layer="x", form="single", shape=(5, 1, 3, 2), kernels=kernels)


def test_kernels_stand_in_their_order_on_one_scale() -> None:
    order = np.array([4, 0, 3, 1, 2])
    sheet = filter_picture.sheet(slices(), "vik", order)
    bound = float(np.abs(KERNELS).max())
    first = render.apply_colormap(KERNELS[4], "vik", -bound, bound)
    second = render.apply_colormap(KERNELS[0], "vik", -bound, bound)
    assert sheet.shape == (2 * 4 - 1, 3 * 3 - 1, 4)
    assert np.array_equal(sheet[:3, :2, :3], first)
    assert np.array_equal(sheet[:3, 3:5, :3], second)


def test_own_scales_reach_each_kernels_own_end() -> None:
    sheet = filter_picture.sheet(slices(), "vik", common=False)
    bound = float(np.abs(KERNELS[0]).max())
    assert np.array_equal(
        sheet[:3, :2, :3], render.apply_colormap(KERNELS[0], "vik", -bound, bound)
    )


def test_kernels_of_zeros_have_a_scale() -> None:
    zeros = slices(np.zeros((4, 3, 3), np.float32))
    assert (filter_picture.ranges(zeros, common=False) == [-1, 1]).all()
    assert filter_picture.sheet(zeros, "berlin") is not None
    assert filter_picture.sheet(LayerFilters(layer="x", form="none"), "berlin") is None


def test_a_matrix_is_a_pixel_a_number() -> None:
    table = np.float32([[0.5, -0.5, 0.0], [2.0, -2.0, 0.25]])
    shown = LayerFilters(layer="x", form="matrix", shape=(2, 3), matrix=table, reach=1.0)
    assert np.array_equal(
        filter_picture.sheet(shown, "vik"), render.apply_colormap(table, "vik", -1.0, 1.0)
    )


def test_replaying_a_request_writes_the_picture(tmp_path: Path) -> None:
    request = InspectFilters(model=ModelRef(name="net"), layer="x")
    written = save_result(slices(), request, tmp_path / "out")
    assert {"filters.png", "kernels.npy", "request.json"} <= {path.name for path in written}
