"""A sum on one line: no number of it is ever cut."""

from __future__ import annotations

import pytest

from cnnviz_gui.panels.layers.sum_line import SumLine, shortened

SUM = "−1.1 · (−0.14) + 1.6 · 0.20 − 0.50 · 2.0 + 3.0 · 0.10 = −0.704"


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (99, SUM),
        (57, "−1.1 · (−0.14) + 1.6 · 0.20 − 0.50 · 2.0 + … = −0.704"),
        (52, "−1.1 · (−0.14) + 1.6 · 0.20 + … = −0.704"),
        (30, "−1.1 · (−0.14) + … = −0.704"),
        (20, "… = −0.704"),
    ],
)
def test_whole_terms_are_left_out(room, said):
    assert shortened(SUM, lambda text: len(text) <= room) == said


def test_a_product_under_the_cursor_stays_as_it_is():
    assert shortened("3.00 × −2.00 = −6.00", lambda text: True) == "3.00 × −2.00 = −6.00"


def test_all_of_it_is_in_the_tooltip(qtbot):
    line = SumLine("", "tick", "text2")
    qtbot.addWidget(line)
    line.resize(150, 20)
    line.setText(SUM)
    assert line.toolTip() == SUM
    line.resize(900, 20)
    line.grab()
    assert line.toolTip() == ""
