"""What the status strip says of a job, in the words of the page."""

from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.feature_requests import Feature, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.labels import describe
from tests.state.test_plan import FACTS


def test_a_class_is_called_by_its_name():
    state = AppState()
    state.use_network(ModelRef(name="net"), FACTS)
    asked = Feature(
        model=ModelRef(name="net"), parameters=FeatureParams(), units=(Unit(channel=1),)
    )
    assert describe(asked, state.shared) == "Picture for dog"
    channel = Feature(
        model=ModelRef(name="net"),
        parameters=FeatureParams(),
        units=(Unit(layer="head", channel=3),),
    )
    assert describe(channel, state.shared) == "Picture for channel 3 of head"


def test_a_class_is_numbered_where_no_names_are_known():
    asked = Feature(
        model=ModelRef(name="net"), parameters=FeatureParams(), units=(Unit(channel=7),)
    )
    assert describe(asked, AppState().shared) == "Picture for class 7"


def test_searches_for_a_border_are_called_by_what_they_compare():
    image, model = ImageRef(path="cat.png"), ModelRef(name="net")
    uses = tuple(MethodUse(method=name, parameters=Params()) for name in ("pgd", "fgsm"))
    shared = AppState().shared
    attack = Attack(model=model, image=image, method="pgd", parameters=Params())
    one, several = (
        AttackBorders(model=model, image=image, methods=methods) for methods in (uses[:1], uses)
    )
    assert describe(Borders(attack=attack), shared) == "Borders by pgd"
    assert describe(one, shared) == "Smallest epsilon of pgd"
    assert describe(several, shared) == "Smallest epsilon by attack"
