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


@pytest.mark.parametrize(
    ("done", "said"), [(5_000, "5 %"), (10_000, "10 %, 13 min left"), (60_000, "60 %, 13 min left")]
)
def test_of_a_file_the_time_left_is_told_once_a_tenth_is_read(state, qtbot, done, said):
    strip = StatusStrip(state)
    qtbot.addWidget(strip)
    strip.show()
    state.share(activity=Activity("Reading net.pth", "checkpoint", done, 100_000, 780.0))
    qtbot.waitUntil(lambda: strip._count.text() == said)
