"""The line of the form that says whose magnitudes MACO keeps."""

import pytest
from PySide6.QtCore import QPoint

from cnnviz_gui.core.feature_requests import SpectrumRef
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.panels.features.form import FeatureForm
from cnnviz_gui.state import feature_view

LONG = "the-spectrum-of-a-million-natural-photographs-512-by-257.npy"


@pytest.fixture
def form(state, qtbot):
    state.select(stage="features", channel=1, **feature_view.with_preset("maco"))
    made = FeatureForm(state)
    qtbot.addWidget(made)
    made.resize(296, 900)
    made.show()
    return made


def test_it_is_there_for_maco_alone_beneath_what_the_picture_is_made_of(form, state):
    row = form.spectrum
    assert row.isVisible()
    assert row.name.text() == "natural images"
    tops = [part.mapTo(form, QPoint()).y() for part in lines(form)]
    assert tops == sorted(tops)
    assert row.width() == form.form.row("start").width()
    for name in ("sharp", "course"):
        state.select(**feature_view.with_preset(name))
        assert not row.isVisible()
    state.select(**feature_view.with_preset("maco"))
    assert row.isVisible()
    tops = [part.mapTo(form, QPoint()).y() for part in lines(form)]
    assert tops == sorted(tops), "the form was built anew"


def lines(form):
    return form.form.row("parameterisation"), form.spectrum, form.form.row("start")


def test_a_file_is_named_and_given_back(form, state, qtbot):
    row = form.spectrum
    assert not row.back.isVisible()
    state.select(feature_spectrum=SpectrumRef(path=f"/files/{LONG}", sha256="a"))
    assert row.name.text() == LONG
    assert row.name.is_elided()
    assert row.name.shown_text().startswith("the")
    assert row.name.shown_text().endswith(".npy"), "what it is stays in sight"
    assert f"/files/{LONG}" in row.name.toolTip()
    assert row.width() <= form.width()
    assert feature_view.wanted(state).spectrum.path == f"/files/{LONG}"
    row.back.click()
    assert state.selection.feature_spectrum is None
    assert row.name.text() == "natural images"


def test_a_file_is_asked_for(form, qtbot):
    with qtbot.waitSignal(form.spectrum.wanted):
        form.spectrum.choose.click()
    for button in (form.spectrum.choose, form.spectrum.back):
        assert button.toolTip()
        assert button.accessibleName()


def test_presets_leave_the_file_alone(form, state):
    ref = SpectrumRef(path="a.npy", sha256="a")
    state.select(feature_spectrum=ref)
    state.select(**feature_view.with_preset("sharp"))
    assert feature_view.wanted(state).spectrum is None
    state.select(**feature_view.with_preset("maco"))
    assert feature_view.wanted(state).spectrum == ref
    assert preset("maco").parameters == state.selection.feature_parameters
