"""The file whose magnitudes MACO keeps, as it is told, asked for and changed."""

import dataclasses

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.feature_requests import Feature, SpectrumRef, Unit
from cnnviz_gui.core.feature_results import OpenedSpectrum
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state import feature_plan, spectrum_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.selection import Selection

MACO = preset("maco").parameters
FILE = OpenedSpectrum(path="/files/steep.npy", sha256="ab", side=512)
REF = SpectrumRef(path=FILE.path, sha256="ab")
STEM = LayerFacts(
    "stem", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 32, 32, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat",), 10, 10, (STEM,), "stem", True,
)  # fmt: skip


def asked(parameters):
    selection = Selection(feature_parameters=parameters, feature_spectrum=REF)
    return feature_plan.feature_request(selection, FACTS, "stem", 2, None)


def test_only_what_is_made_by_maco_is_asked_with_the_file():
    assert asked(MACO).spectrum == REF
    assert asked(FeatureParams()).spectrum is None


def test_it_is_told_by_its_name():
    selection = Selection(feature_parameters=MACO)
    assert spectrum_view.matters(selection)
    assert not spectrum_view.matters(Selection())
    assert spectrum_view.title(selection) == "natural images"
    assert "1 / f" in spectrum_view.told(selection)
    chosen = dataclasses.replace(selection, **spectrum_view.opened(FILE))
    assert spectrum_view.title(chosen) == "steep.npy"
    assert "/files/steep.npy" in spectrum_view.told(chosen)
    assert spectrum_view.title(dataclasses.replace(chosen, **spectrum_view.natural())) == (
        "natural images"
    )


def test_a_file_and_the_way_back_begin_anew():
    state = AppState()
    begin = Feature(model=ModelRef(name="net"), units=(Unit(layer="stem"),), parameters=MACO)
    for change in (spectrum_view.opened(FILE), spectrum_view.natural()):
        state.select(feature_begin=begin)
        state.select(**change)
        assert state.selection.feature_begin is None
