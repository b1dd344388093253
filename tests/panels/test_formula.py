"""Patch times kernel as pictures, and as one line of terms."""

from __future__ import annotations

import numpy as np

from cnnviz_gui.core.layer_requests import ExamineCell
from cnnviz_gui.core.layer_results import CellArithmetic
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.panels.layers.formula import Formula
from cnnviz_gui.state.cell_view import ShownCell

PATCH = np.array([[[1.0, 2.0], [0, 0]], [[3.0, 0.0], [1, 1]]], np.float32)
KERNEL = np.array([[[0.5, 0.25], [1, 1]], [[-2.0, 9.0], [-1, 0]]], np.float32)


def made(qtbot) -> Formula:
    """Return the pictures of the second input channel."""
    formula = Formula()
    qtbot.addWidget(formula)
    result = CellArithmetic(
        layer="stem", channel=2, row=1, column=0, source="act", patch=PATCH, kernel=KERNEL,
        first_channel=0, corner=(0, 0), dilation=(1, 1), sum=-6.0, bias=None, norm=None,
        activation="", value=-6.0, factor=1.0, shown=-6.0,
    )  # fmt: skip
    request = ExamineCell(
        model=ModelRef(name="net"), image=ImageRef(path="a.png"), layer="stem", channel=2,
        row=1, column=0,
    )  # fmt: skip
    products = PATCH.astype(np.float64) * KERNEL
    parts = products.sum(axis=(1, 2))
    order = np.argsort(-np.abs(parts))
    formula.show_channel(ShownCell(result, request, True, products, parts, order), 1)
    return formula


def test_each_picture_has_a_key_to_its_colours(qtbot):
    formula = made(qtbot)
    assert [formula.ends(number) for number in range(3)] == [
        ("0", "3.0"),  # no number of the patch is below zero
        ("−9.0", "9.0"),
        ("−6.0", "6.0"),
    ]
    formula.resize(330, formula.heightForWidth(330))
    shot = formula.grab().toImage()
    square = formula.pictures[1].geometry()
    inks = {shot.pixelColor(x, square.bottom() + 21).name() for x in (square.x(), square.right())}
    assert len(inks) == 2
