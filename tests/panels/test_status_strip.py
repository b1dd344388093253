"""The line at the bottom of the window: how far the job in it is."""

import pytest

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.status_strip import StatusStrip
from cnnviz_gui.state.app_state import Activity


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [
        (3, 9, "3 of 9"),
        (1024, 2000, f"{fmt.count(1024)} of {fmt.count(2000)}"),
        (10_000, 40_000, "25 %"),
    ],
)
def test_counts_are_written_as_everywhere(state, qtbot, done, total, said):
    strip = StatusStrip(state)
    qtbot.addWidget(strip)
    strip.show()
    state.share(activity=Activity("RISE", "heatmap", done, total))
    qtbot.waitUntil(lambda: strip._count.text() == said)
