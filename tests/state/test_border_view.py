"""How near the borders are: what is asked, which bar is where, what is said of it."""

import dataclasses

import pytest

from cnnviz_gui.core.border_requests import AttackBorders, BorderParams, Borders
from cnnviz_gui.core.border_results import Border, BordersResult
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Norms, Prediction
from cnnviz_gui.state import border_plan, border_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.border_plan import LANE, SMALLEST_LANE, border_requests
from cnnviz_gui.state.finding import Finding
from tests.state.test_plan import FACTS


@dataclasses.dataclass(frozen=True, slots=True)
class NormParams(Params):
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="Norm.")
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.")


@dataclasses.dataclass(frozen=True, slots=True)
class OneNorm(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.")


@dataclasses.dataclass(frozen=True, slots=True)
class Free(Params):
    steps: int = number(5, 1, 10, help="Steps.")


def method(name, params, family="iterative", targets=True):
    return Method(
        "attack", name, name.upper(), "", "", "", params, lambda facts: "", False, lambda: None,
        family=family, targets=targets,
    )  # fmt: skip


METHODS = (
    method("fgsm", OneNorm, "one-step"),
    method("pgd", NormParams),
    method("deepfool", Free, "smallest"),
    method("boundary", Free, "decision", targets=False),
)
LABELS = ("cat", "dog", "fox")
CAT, DOG, FOX = (Score(i, label, 0.5 / (i + 1), 1.0) for i, label in enumerate(LABELS))


def ready():
    """A window's state on the borders of a picture that shows a cat."""
    state = AppState()
    state.share(methods=METHODS)
    state.use_network(ModelRef(name="net"), dataclasses.replace(FACTS, labels=LABELS))
    state.select(image=ImageRef(path="cat.png", sha256="1"), stage="attack")
    state.choose_method("attack", "pgd")
    state.show(attack_view="borders")
    state.select(borders_started=True)
    request = Predict(model=state.selection.model, image=state.selection.image)
    state.found("predict", Finding().finished(request, Prediction(scores=(CAT, DOG), seen=None)))
    return state


@pytest.fixture
def state():
    return ready()


def border(**given):
    usual = {
        "method": "pgd", "target": DOG, "norm": "linf", "maximum": 64.0, "failed": 0.99,
        "reached": 1.0, "winner": dataclasses.replace(DOG, probability=0.51), "runs": 9,
        "most": 3.5, "forwards": 99, "backwards": 90, "norms": Norms(1 / 255, 0.5, 30.0),
        "finished": True,
    }  # fmt: skip
    return Border(**(usual | given))


def give(state, *rows, status="finished"):
    request = border_requests(state)[LANE]
    result = BordersResult(rows=rows, label=CAT)
    finding = Finding(asked=request)
    done = finding.finished(request, result)
    state.found(LANE, done if status == "finished" else finding.partial(request, result))
    return border_view.shown_borders(state)


def test_nothing_is_asked_before_it_is_wanted_or_out_of_sight(state):
    request = border_requests(state)[LANE]
    assert isinstance(request, Borders) and request.attack.target is None
    state.select(borders_started=False)
    assert border_requests(state) == {}
    state.select(borders_started=True)
    state.show(attack_view="picture")
    assert border_requests(state) == {}
    state.show(attack_view="borders")
    state.select(image=ImageRef(path="dog.png"))
    assert not state.selection.borders_started


def test_the_request_is_the_same_wherever_slider_and_target_stand(state):
    before = border_requests(state)
    state.select(attack_parameters=NormParams(epsilon=9.0), target=2)
    assert border_requests(state) == before
    state.select(border_parameters=BorderParams(classes=2))
    assert border_requests(state)[LANE].parameters.classes == 2
    state.select(attack_parameters=NormParams(norm="l2"))
    assert border_requests(state) != before


def test_attacks_are_compared_in_the_norm_of_the_comparison(state):
    state.select(borders_by="attacks", target=1)
    asked = border_requests(state)[LANE]
    assert isinstance(asked, AttackBorders) and (asked.norm, asked.target) == ("linf", 1)
    assert [use.method for use in asked.methods] == ["fgsm", "pgd", "deepfool"]
    before = asked
    state.select(attack_parameters=NormParams(norm="l2", epsilon=1.0))
    assert border_requests(state)[LANE] == before, "whatever the attack in use has"
    state.select(borders_norm="l2")
    asked = border_requests(state)[LANE]
    assert asked.norm == "l2" and [use.method for use in asked.methods] == ["pgd", "deepfool"]
    state.choose_method("attack", "deepfool")
    asked = border_requests(state)[LANE]
    assert asked.norm == "l2"
    assert next(use for use in asked.methods if use.method == "pgd").parameters.norm == "l2"


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_looking_at_a_row_leaves_the_chart_that_is_read(state, norm):
    state.choose_method("attack", "boundary")
    state.select(borders_by="attacks", borders_norm=norm, borders_with="boundary")
    asked = border_requests(state)[LANE]
    rows = [border(method=use.method, target=None, norm=norm) for use in asked.methods]
    shown = give(
        state,
        *(dataclasses.replace(row, own=row.method in ("deepfool", "boundary")) for row in rows),
    )
    assert "boundary" in [row.method for row in rows] and len(rows) == (4 if norm == "linf" else 3)
    for place in range(len(rows)):
        state.select(**border_view.choice(state, place))
        assert border_requests(state)[LANE] == asked, rows[place].method
        assert border_view.shown_borders(state) == shown and shown.current


def test_attacks_are_chosen_and_one_stays(state):
    state.select(borders_by="attacks")
    state.select(border_attacks=border_plan.COMPARED.toggled(state, "boundary"))
    assert [one.name for one in border_plan.COMPARED.methods(state)] == [
        one.name for one in METHODS
    ]
    state.select(border_attacks=("pgd",))
    assert border_plan.COMPARED.toggled(state, "pgd") == ("pgd",)
    state.select(border_attacks=("pgd", "fgsm"), borders_norm="l2")
    assert border_plan.COMPARED.left_out(state) == "FGSM: it does not know L2."
    assert "towards a class" in border_plan.COMPARED.why_not(METHODS[3], with_target(state))


def with_target(state):
    state.select(target=1)
    return state


def test_bars_are_sorted_by_distance_and_say_what_is_known(state):
    shown = give(
        state,
        border(reached=3.0, failed=2.98),
        border(target=FOX, reached=None, failed=64.0, winner=None, norms=None),
        border(target=CAT, beyond=(8.0,)),
    )
    near, far, none = border_view.bars(state, shown)
    assert (near.name, near.said, near.status) == ("cat", "1 / 255", "found")
    assert "does not last" in near.note and "Fails again at 8 / 255" in near.told
    assert "fails at 0.99 / 255" in near.told and "51.0 %" in near.told
    assert (far.name, far.said, far.place) == ("dog", "3 / 255", 0)
    assert (none.said, none.status, none.high) == ("> 64 / 255", "beyond", None)
    assert border_view.axis_end(shown) == pytest.approx(3.36)
    assert border_view.axis_title(shown) == "smallest epsilon, in 255ths (L∞)"
    assert "nearest of these is cat: 1 / 255." in border_view.verdict(state)
    assert "does not grow" in border_view.verdict(state)


def test_a_bracket_on_its_way_is_told_as_one(state):
    shown = give(
        state,
        border(failed=1.0, reached=3.5, finished=False, runs=2),
        border(target=FOX, failed=12.0, reached=None, winner=None, norms=None, finished=False),
        border(target=CAT, failed=0, reached=None, winner=None, norms=None, finished=False, runs=0),
        status="partial",
    )
    said = {bar.name: (bar.said, bar.status) for bar in border_view.bars(state, shown)}
    assert said["dog"] == ("≤ 3.5 / 255", "searching")
    assert said["fox"] == ("> 12 / 255", "searching")
    assert said["cat"] == ("…", "searching")
    assert [bar.name for bar in border_view.bars(state, shown)] == ["dog", "fox", "cat"]
    assert border_view.progress(state) == "0 of 3 borders known, 11 runs"
    fox = border(target=FOX, failed=12.0, reached=None, winner=None, norms=None, finished=False)
    give(state, border(finished=False), fox, border(target=CAT), status="partial")
    assert border_view.progress(state) == "2 of 3 borders known, 27 runs"
    give(state, border(finished=False), border(target=FOX), status="partial")
    assert border_view.progress(state) == "2 of 2 borders known, 18 runs; does success last?"
    give(
        state,
        border(failed=1.0, reached=3.5, finished=False, runs=2),
        border(target=FOX, failed=12.0, reached=None, winner=None, norms=None, finished=False),
        status="partial",
    )
    assert border_view.verdict(state) == ""
    assert border_view.axis_end(shown) > 12


def test_what_is_not_known_to_a_hundredth_is_an_upper_bound(state):
    wide, none = border(failed=0.98), border(target=FOX, failed=0.0, reached=0.002)
    shown = give(state, border(), wide, none)
    said = [border_view.bars(state, shown)[place].said for place in range(3)]
    assert said == ["≤ 0.002 / 255", "1 / 255", "≤ 1 / 255"]
    found = BordersResult(rows=(wide,), label=CAT)
    assert "is at most 1 / 255" in border_view.smallest_said(state, found)


def test_where_nothing_larger_was_tried_silence_is_no_evidence(state):
    shown = give(state, border(), border(target=FOX, reached=3.5, failed=3.49))
    tried, untried = border_view.bars(state, shown)
    assert "No larger" not in tried.told and "No larger epsilon was tried" in untried.told
    shown = give(state, border(own=True, most=0.0), border(most=1.0, finished=False))
    assert not any("No larger" in bar.told for bar in border_view.bars(state, shown))


def test_an_attack_without_epsilon_tells_its_own_distance(state):
    state.select(borders_by="attacks")
    own = border(method="deepfool", target=None, own=True, failed=0.0, reached=1.5, runs=1)
    shown = give(state, own, border(method="fgsm", target=None, problem="Not so.", advice="So."))
    deepfool, fgsm = border_view.bars(state, shown)
    assert deepfool.note == "its own distance · L2 0.500" and deepfool.said == "1.5 / 255"
    assert fgsm.status == "none" and fgsm.note == "Not so." and "So." in fgsm.told
    assert border_view.verdict(state) == "DEEPFOOL comes nearest: 1.5 / 255."


def test_a_row_becomes_the_attack_of_the_pictures(state):
    give(state, border(reached=3.0), border(reached=None, winner=None))
    chosen = border_view.choice(state, 0)
    assert chosen["target"] == 1 and chosen["attack_parameters"].epsilon == 3.0
    assert border_view.choice(state, 1) is None and border_view.choice(state, 2) is None
    state.select(borders_by="attacks", target=2)
    give(state, border(method="fgsm"), border(method="pgd"), border(method="deepfool", own=True))
    state.select(target=1)
    chosen = border_view.choice(state, 0)
    assert chosen["attack_method"] == "fgsm"
    assert chosen["target"] == 2, "the pictures are those of the row, not of what was chosen since"
    assert chosen["attack_parameters"] == OneNorm(epsilon=1.0)
    assert border_view.choice(state, 2)["attack_parameters"] == Free()


@pytest.mark.parametrize(
    ("reached", "before", "expected"),
    [(0.262, 16.0, 1.0), (3.0, 16.0, 16.0), (3.0, 4.0, 4.0), (9.0, 4.0, 16.0), (0.02, 4.0, 0.0625)],
)
def test_the_axis_goes_with_a_border_that_is_looked_at(state, reached, before, expected):
    """The handle stood at the left end of an axis to 16."""
    give(state, border(reached=reached))
    state.select(sweep_maximum=before)
    state.select(**border_view.choice(state, 0))
    assert state.selection.sweep_maximum == expected
    assert reached <= expected <= 8 * reached


def test_what_belongs_to_another_picture_or_way_is_not_shown(state):
    assert give(state, border()).current
    state.select(attack_parameters=NormParams(norm="l2"))
    assert not border_view.shown_borders(state).current
    state.select(borders_by="attacks")
    assert border_view.shown_borders(state) is None
    state.select(borders_by="classes", image=ImageRef(path="dog.png"))
    assert border_view.shown_borders(state) is None


def test_classes_without_a_name_have_their_number(state):
    facts = dataclasses.replace(state.shared.facts, headless=True)
    state.use_network(state.selection.model, facts)
    state.select(borders_started=True)
    shown = give(state, border())
    assert border_view.bars(state, shown)[0].name == "class 1"
    assert "dog" not in border_view.verdict(state)


def test_the_smallest_epsilon_is_asked_while_it_is_of_the_attack_in_use(state):
    state.show(attack_view="picture")
    asked = border_plan.smallest_request(state)
    state.select(smallest_of=asked)
    assert border_requests(state) == {SMALLEST_LANE: asked}
    state.select(attack_parameters=NormParams(epsilon=7.0))
    assert border_requests(state) == {SMALLEST_LANE: asked}
    found = BordersResult(rows=(border(target=None),), label=CAT)
    assert border_view.at_smallest(state, found)["attack_parameters"] == NormParams(epsilon=1.0)
    said = border_view.smallest_said(state, found)
    assert said == "The smallest epsilon of PGD is 1 / 255 (9 runs), it fails at 0.99 / 255."
    state.select(attack_parameters=NormParams(norm="l2"))
    assert border_requests(state) == {}
    state.choose_method("attack", "deepfool")
    assert border_plan.smallest_request(state) is None
