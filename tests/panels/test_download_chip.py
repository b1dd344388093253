"""The download that runs, in the status strip."""

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.panels.status_strip import StatusStrip
from cnnviz_gui.state.downloads import DownloadState
from cnnviz_gui.state.finding import Problem

RUNNING = DownloadState("vgg16", "VGG-16", "running", 46 << 20, 100 << 20)


@pytest.fixture
def strip(qtbot, state):
    made = StatusStrip(state)
    qtbot.addWidget(made)
    made.resize(1200, made.height())
    made.show()
    yield made
    made._clock.stop()
    made._patience.stop()
    made._slow.stop()


def test_without_a_download_nothing_is_shown(strip, state):
    assert not strip.download.isVisible()
    state.share(downloads=(DownloadState("vgg16", "VGG-16"),))
    assert not strip.download.isVisible()


def test_the_one_that_runs_is_named_with_the_part_done(strip, state, qtbot):
    state.share(downloads=(DownloadState("a", "A"), RUNNING))
    assert strip.download.isVisible()
    assert strip.download.text() == "VGG-16 46 %"
    assert "46.0 of 100.0 MiB" in strip.download.accessibleName()
    wanted = []
    strip.download.wanted.connect(wanted.append)
    qtbot.mouseClick(strip.download, Qt.MouseButton.LeftButton)
    assert wanted == ["vgg16"]
    state.share(downloads=())
    assert not strip.download.isVisible()


def test_one_that_failed_stays_until_it_is_seen_to(strip, state):
    failed = RUNNING.ended("failed", Problem("No."))
    state.share(downloads=(failed, DownloadState("b", "B", "running")))
    assert strip.download.text().startswith("B")
    state.share(downloads=(failed,))
    assert strip.download.text() == "VGG-16 failed"
    strip.download.click()
    assert strip.download.isHidden()
    state.share(downloads=(failed.waiting().advanced(1, 2, None),))
    assert not strip.download.isHidden()
