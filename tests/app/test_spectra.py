"""A file of magnitudes: chosen, read, taken up; one that is none changes nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.lanes import LANES
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.app.spectra import Spectra
from cnnviz_gui.core.feature_requests import OpenSpectrum, SpectrumRef
from cnnviz_gui.core.feature_results import OpenedSpectrum
from cnnviz_gui.engine import events
from cnnviz_gui.state.app_state import AppState


class Engine(QObject):
    happened = Signal(object)
    left = Signal(object)

    def __init__(self):
        super().__init__()
        self.asked = []

    def submit(self, lane, request, label):
        self.asked.append((lane, request, label))


@pytest.fixture
def bench(qtbot, tmp_path):
    window, state, engine = QWidget(), AppState(), Engine()
    qtbot.addWidget(window)
    settings = Settings()
    settings.last_folder = str(tmp_path)
    return SimpleNamespace(
        state=state, engine=engine, spectra=Spectra(window, state, engine, settings)
    )


def answer(monkeypatch, path):
    suggested = []

    def choose(parent, title, start, kinds):
        suggested.append((start, kinds))
        return path, kinds

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    return suggested


def test_a_file_is_read_before_it_is_taken_up(bench, monkeypatch, tmp_path):
    suggested = answer(monkeypatch, "/files/a.npy")
    bench.spectra.choose()
    assert suggested[0][0] == str(tmp_path)
    assert "*.npy" in suggested[0][1]
    request = OpenSpectrum(path="/files/a.npy")
    assert bench.engine.asked == [("spectrum", request, "Reading a.npy")]
    assert "spectrum" in {lane.name for lane in LANES}
    assert bench.state.selection.feature_spectrum is None, "nobody knows what it is"
    result = OpenedSpectrum(path="/files/a.npy", sha256="ab", side=64)
    bench.engine.happened.emit(events.Finished("spectrum", 1, request, result))
    chosen = SpectrumRef(path="/files/a.npy", sha256="ab")
    assert bench.state.selection.feature_spectrum == chosen
    again = answer(monkeypatch, "")
    bench.spectra.choose()
    assert again[0][0] == "/files"
    assert len(bench.engine.asked) == 1, "the question was dismissed"
    failure = events.Failure("b.npy is cut off.", "Save the array again.")
    bench.engine.happened.emit(events.Failed("spectrum", 2, request, failure))
    assert bench.state.selection.feature_spectrum == chosen
    assert bench.state.shared.notice.text == "b.npy is cut off. Save the array again."
