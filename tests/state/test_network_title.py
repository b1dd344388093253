"""Titles of networks, with and without the catalogue."""

from types import SimpleNamespace

from cnnviz_gui.core.models.catalogue import entries
from cnnviz_gui.core.request import GIVEN, ModelRef, OpenModel
from cnnviz_gui.state.app_state import Shared
from cnnviz_gui.state.labels import describe
from cnnviz_gui.state.network_title import OWN, title_of, title_while_opening


def test_the_embedded_networks_have_their_titles_before_the_catalogue_is_there():
    titles = {entry.name: entry.title for entry in entries()}
    assert {name: titles[name] for name in OWN} == OWN
    assert title_of("lenet5", Shared()) == "LeNet-5"
    request = OpenModel(model=ModelRef(name="efficientnet_lite0"))
    assert describe(request, Shared()) == "Opening EfficientNet-Lite0"


def test_the_catalogue_knows_the_others():
    shared = Shared(catalogue=(SimpleNamespace(name="resnet50", title="ResNet-50"),))
    model = ModelRef(name="resnet50", untrained=True)
    assert title_while_opening(model, shared) == "ResNet-50"
    assert title_while_opening(model, Shared()) == "resnet50"
    assert title_while_opening(ModelRef(name=f"{GIVEN}1"), shared) == "Your module"
