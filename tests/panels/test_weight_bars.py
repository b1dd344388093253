"""The weights of channels as bars."""

import numpy as np
import pytest

from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.heatmaps import weight_bars
from cnnviz_gui.panels.heatmaps.weight_bars import WeightBars
from cnnviz_gui.panels.overlays import diverging


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_have_the_colours_of_signed_maps(qtbot, qapp, scheme):
    theme.apply(qapp, scheme)
    bars = WeightBars()
    qtbot.addWidget(bars)
    bars.resize(520, 200)
    bars.set_rows([(3, 0.5, "+12 %"), (7, -0.5, "")], stale=False)
    bars.show()
    drawn = bars.grab().toImage()
    for row, sign in enumerate((1, -1)):
        inked = [drawn.pixelColor(x, 41 + 26 * row).getRgb()[:3] for x in range(520)]
        (mapped,) = render.apply_colormap(np.array([0.7 * sign]), diverging(), -1, 1)
        assert tuple(mapped) in inked
        colour = weight_bars.side(sign)
        assert (colour.red() > colour.blue()) == (sign > 0), "warm speaks for the class"
