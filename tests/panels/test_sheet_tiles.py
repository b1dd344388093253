"""The pictures of a sheet as they come in: each is copied once."""

import numpy as np

from cnnviz_gui.core.feature_requests import FeatureSheet
from cnnviz_gui.core.feature_results import SheetOfFeatures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.features.sheet_box import _Tiles
from cnnviz_gui.state.feature_view import ShownSheet


def asked(layer="stem"):
    channels = tuple(range(4))
    return FeatureSheet(
        model=ModelRef(name="net"), layer=layer, channels=channels, parameters=FeatureParams()
    )


def shown(*channels, layer="stem", shade=0):
    pictures = np.zeros((len(channels), 2, 2, 3), np.uint8)
    pictures += (shade + np.array(channels, np.uint8))[:, None, None, None]
    activations = np.ones(len(channels), np.float32)
    sheet = SheetOfFeatures(
        layer=layer, channels=channels, pictures=pictures, activations=activations, total=4
    )
    return ShownSheet(sheet, asked(layer))


def test_what_was_there_is_not_copied_again():
    tiles = _Tiles()
    first = tiles.filled(shown(1, 3, shade=10))
    assert first[:, 0, 0, 0].tolist() == [0, 11, 0, 13]
    more = tiles.filled(shown(1, 2, 3, shade=20))
    assert more is first
    assert more[:, 0, 0, 0].tolist() == [0, 11, 22, 13], "only what is new is looked at"


def test_another_layer_and_a_sheet_made_anew_begin_with_empty_places():
    tiles = _Tiles()
    tiles.filled(shown(0, 1, 2))
    assert tiles.filled(shown(1, shade=50))[:, 0, 0, 0].tolist() == [0, 51, 0, 0]
    assert tiles.filled(shown(2, shade=9, layer="head"))[:, 0, 0, 0].tolist() == [0, 0, 11, 0]
