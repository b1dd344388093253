"""File names of what attacks made."""

from dataclasses import dataclass

import pytest

from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.state.attack_names import file_name


@dataclass(frozen=True, slots=True)
class Bounded(Params):
    epsilon: float = number(2.0, 0, 64, help="Radius.")
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="Of which ball.")


class Facts:
    labels = ("cat", "red wine", "crane", "crane")


def asked(parameters, **more):
    image, model = ImageRef(path="/a/b/my cat.v2.png"), ModelRef.parse("lenet")
    return Attack(model=model, image=image, method="pgd", parameters=parameters, **more)


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (asked(Bounded()), "my-cat.v2-pgd-epsilon-2-255"),
        (asked(Bounded(epsilon=0.84, norm="l2")), "my-cat.v2-pgd-L2-0.84"),
        (asked(Bounded(), target=1), "my-cat.v2-pgd-epsilon-2-255-to-red-wine"),
        (asked(Bounded(), target=7), "my-cat.v2-pgd-epsilon-2-255-to-7"),
        (asked(Bounded(), target=3), "my-cat.v2-pgd-epsilon-2-255-to-crane-3"),
        (asked(Params(), scale=1.5), "my-cat.v2-pgd-1.5-times"),
        (asked(Params()), "my-cat.v2-pgd"),
    ],
)
def test_a_name_tells_one_picture_of_an_attack_from_another(request_, named):
    assert file_name(request_, Facts) == named


def test_what_follows_comes_last_and_a_network_need_not_be_open():
    named = file_name(asked(Bounded(), target=1), None, "step-3")
    assert named == "my-cat.v2-pgd-epsilon-2-255-to-1-step-3"


def test_a_long_name_of_a_photograph_leaves_room_for_what_was_done_to_it():
    image = ImageRef(path="/a/" + "写真" * 60 + ".png")
    asked = Attack(
        model=ModelRef.parse("lenet"), image=image, method="pgd", parameters=Bounded(), target=0
    )
    named = file_name(asked, Facts, "step-3")
    assert named.startswith("写真写真") and named.endswith("-pgd-epsilon-2-255-to-cat-step-3")
