"""The line over a distribution of weights."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz_gui.core.layer_results import Distribution
from cnnviz_gui.panels.layers.spread import Spread


@pytest.mark.parametrize(
    ("mean", "std", "said"),
    [
        (-3.69e-07, 0.01, "mean ≈ 0 ± 0.0100"),
        (-3.69e-05, 0.01, "mean −3.69e−05 ± 0.0100"),
        (0.25, 0.0, "mean 0.250 ± 0"),
    ],
)
def test_a_mean_lost_in_rounding_is_about_nothing(qtbot, mean, std, said):
    spread = Spread("Weights", "weights")
    qtbot.addWidget(spread)
    counts = np.array([0.5, 0.5], np.float32)
    spread.show_distribution(Distribution(counts=counts, low=-1.0, high=1.0, mean=mean, std=std))
    assert spread._caption.text() == said
