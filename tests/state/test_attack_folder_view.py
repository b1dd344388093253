"""What is asked of the attacks on a folder, and what of it is shown, sorted and said."""

from __future__ import annotations

import dataclasses

import pytest

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.result import Norms
from cnnviz_gui.state import attack_folder_view, folder_view, labels
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_folder_view import LANE
from cnnviz_gui.state.finding import Finding

NET = ModelRef(name="net")
PGD, DEEPFOOL = method("attack", "pgd"), method("attack", "deepfool")
ASKED = AttackFolder(
    model=NET,
    folder=FolderRef(path="/p"),
    method="pgd",
    parameters=build(PGD.params, {}),
    epsilons=(0.0, 0.5, 1.0, 4.0),
)
CAT, DOG = Score(0, "cat", 0.8, 2.0), Score(1, "dog", 0.6, 1.0)
CHANGE = Norms(linf=1 / 255, l2=0.5, l1=40.0)


def row(name: str, flip: float | None = None, **more: object) -> AttackRow:
    values = {"predicted": CAT, "flip": flip, "thumbnail": b"x"}
    if flip is not None:
        values |= {"after": DOG, "norms": CHANGE, "lasting": flip >= 1, "clean": b"c"}
    return AttackRow(path=f"/p/{name}", **(values | more))


ROWS = (
    row("a 9.png", 1.0),
    row("a 10.png"),
    row("dog/b.png", 0.5, predicted=DOG, after=CAT, truth=DOG),
    AttackRow(path="/p/cut.png", problem="cut.png is cut off."),
)


def result(rows: tuple[AttackRow, ...] = ROWS, total: int = 4, **more: object):
    values = {"folder": ASKED.folder, "rows": rows, "total": total, "method": "pgd"}
    return AttackFolderResult(**(values | {"norm": "linf", "epsilons": ASKED.epsilons} | more))


@pytest.fixture
def state() -> AppState:
    made = AppState()
    facts = ModelFacts(
        "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (), "", True,
    )  # fmt: skip
    made.use_network(NET, facts)
    made.share(methods=(PGD, DEEPFOOL))
    made.choose_method("attack", "pgd")
    made.select(image=ImageRef(path="/q/a.png"), stage="attack", folder="/p")
    made.show(attack_view="folder")
    return made


def shown(state: AppState, found: AttackFolderResult | None = None, **asked: object):
    request = dataclasses.replace(ASKED, **asked)
    state.found(LANE, Finding().finished(request, found or result()))
    return attack_folder_view.shown_folder(state)


def names(state: AppState) -> list[str]:
    at = attack_folder_view.shown_folder(state)
    rows = attack_folder_view.rows_in_sight(state, at)
    return [one.path.removeprefix("/p/") for one in rows]


def test_nothing_is_asked_before_the_user_begins_nor_out_of_sight(state: AppState) -> None:
    requests = attack_folder_view.attack_folder_requests
    assert requests(state) == {} and attack_folder_view.startable(state)
    begun = attack_folder_view.wanted(state)
    assert begun.epsilons == (0.0, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    state.select(attack_folder=begun)
    assert requests(state) == {LANE: begun} and not attack_folder_view.startable(state)
    state.select(target=1)
    assert requests(state) == {LANE: begun}, "what was begun goes on"
    assert attack_folder_view.startable(state), "but something else can be begun"
    state.select(stage="layers")
    assert requests(state) == {}
    state.select(stage="attack")
    state.show(attack_view="picture")
    assert requests(state) == {}
    state.show(attack_view="folder")
    state.select(model=ModelRef(name="other"))
    assert requests(state) == {} and state.selection.attack_folder is None


def test_another_folder_is_not_attacked_before_its_button_nor_the_former_one_again(
    state: AppState,
) -> None:
    begun = attack_folder_view.wanted(state)
    state.select(attack_folder=begun)
    state.select(folder="/p")
    assert state.selection.attack_folder == begun, "it is the same folder"
    state.select(folder="/elsewhere")
    assert attack_folder_view.attack_folder_requests(state) == {}
    state.select(folder="/p")
    assert attack_folder_view.attack_folder_requests(state) == {}
    assert attack_folder_view.startable(state)


def test_what_was_left_halfway_is_not_at_work(state: AppState) -> None:
    finding = Finding().waiting(ASKED)
    for at in (finding, finding.partial(ASKED, result(ROWS[:1]))):
        state.found(LANE, at)
        assert folder_view.running(state, LANE)
        state.found(LANE, at.waiting())
        assert not folder_view.running(state, LANE)


def test_without_a_folder_there_is_nothing_to_begin(state: AppState) -> None:
    state.select(folder="")
    assert attack_folder_view.wanted(state) is None and not attack_folder_view.startable(state)
    assert attack_folder_view.plan_of(state) == ""


def test_what_a_start_would_do_is_said(state: AppState) -> None:
    assert "pictures of p with PGD" in attack_folder_view.plan_of(state)
    assert "up to 8 / 255 (L∞)" in attack_folder_view.plan_of(state)
    state.choose_method("attack", "deepfool")
    assert "how large a change in L2" in attack_folder_view.plan_of(state)
    assert labels.describe(ASKED, state.shared) == "PGD on p"


def test_rows_are_sorted_by_any_column_what_is_missing_last(state: AppState) -> None:
    at = shown(state)
    assert names(state) == ["a 9.png", "a 10.png", "cut.png", "dog/b.png"]
    state.show(folder_order="flip")
    assert names(state) == ["dog/b.png", "a 9.png", "a 10.png", "cut.png"]
    state.show(folder_falling=True)
    assert names(state) == ["a 10.png", "a 9.png", "dog/b.png", "cut.png"]
    for column in attack_folder_view.columns(at):
        state.show(folder_order=column.key)
        assert len(names(state)) == 4
        assert all(column.text(one) for one in ROWS) and column.help.endswith(".")
    titles = [column.title for column in attack_folder_view.columns(at)]
    assert len(set(titles)) == len(titles), "the list of orders names each once"
    state.show(folder_order="gone")
    assert attack_folder_view.column(state, at).key == "file"


def test_the_class_of_the_folder_is_a_column_only_where_there_is_one(state: AppState) -> None:
    keys = [column.key for column in attack_folder_view.columns(shown(state))]
    assert "truth" in keys
    without = shown(state, result(ROWS[:2], total=2))
    assert "truth" not in [column.key for column in attack_folder_view.columns(without)]


def test_pictures_are_found_by_their_class_before_and_after(state: AppState) -> None:
    at = shown(state)
    assert attack_folder_view.classes(state, at) == [(0, "cat", 2), (1, "dog", 1)]
    state.show(folder_class=1)
    assert names(state) == ["dog/b.png"]
    state.show(folder_class=None, folder_words="dog 9")
    assert names(state) == ["a 9.png"]


def test_the_curve_counts_what_was_attacked(state: AppState) -> None:
    at = shown(state)
    points = attack_folder_view.curve(at)
    assert [point.epsilon for point in points] == ["0", "0.5", "1", "4"]
    assert [point.keeping.held for point in points] == [3, 2, 1, 1]
    assert [point.correct.held for point in points] == [1, 0, 0, 0]
    assert points[1].told.splitlines()[0] == "epsilon 0.5 / 255"
    assert attack_folder_view.axis(at) == "epsilon, L∞ in 255ths"
    assert attack_folder_view.curve(shown(state, result(ROWS[3:]))) == ()


def test_with_a_target_the_curve_is_of_those_that_miss_it(state: AppState) -> None:
    at = shown(state, result(target=1), target=1)
    assert attack_folder_view.title(state, at) == "Pictures that do not reach dog, PGD"
    points = attack_folder_view.curve(at)
    assert [point.keeping.held for point in points] == [3, 2, 1, 1]
    assert all(point.correct is None and "still right" not in point.told for point in points)
    other = shown(state, result(target=1), target=1, model=ModelRef(name="other"))
    assert attack_folder_view.title(state, other) == "Pictures that do not reach the target, PGD"


def test_the_verdict_is_about_the_epsilon_that_was_set(state: AppState) -> None:
    said = attack_folder_view.verdict(shown(state))
    assert said == (
        "1 of 3 pictures keeps its class at 4 / 255: 33.3 %, with 95 % confidence 6.1 % to 79.2 %."
        " From 1 / 255 on no more than half hold."
    )
    less = build(PGD.params, {"epsilon": 0.5})
    said = attack_folder_view.verdict(shown(state, parameters=less))
    assert said.startswith("2 of 3 pictures keep their class at 0.5 / 255: 66.7 %")
    assert said.endswith("."), "that half give way further on is no matter"
    assert "half" not in said
    none = attack_folder_view.verdict(shown(state, result((ROWS[1],), total=1), target=1))
    assert none.startswith("The one picture does not reach the target at 4 / 255: 100 %")
    assert attack_folder_view.verdict(shown(state, result(()))) == ""


def test_under_a_tile_stand_both_classes_and_where_it_gave_way(state: AppState) -> None:
    at = shown(state)
    word = [attack_folder_view.label(state, one) for one in ROWS]
    assert word == ["cat → dog", "cat", "dog → cat", "not attacked"]
    number = [attack_folder_view.said_under(state, at, one) for one in ROWS]
    assert number == ["ε 1 / 255", "holds", "ε 0.5 / 255", ""]
    state.show(folder_order="l2")
    assert attack_folder_view.said_under(state, at, ROWS[0]) == "0.500"
    told = attack_folder_view.told(at, ROWS[0])
    assert "Class after, the attack: dog" in told and "Click to see it large." in told
    assert "cut off" in attack_folder_view.told(at, ROWS[3])
    assert attack_folder_view.skipped(at) == "1 not attacked: cut.png is cut off."


def test_what_names_no_classes_is_not_named(state: AppState) -> None:
    state.share(facts=dataclasses.replace(state.shared.facts, headless=True))
    assert attack_folder_view.label(state, ROWS[0]) == ""
    assert attack_folder_view.title(state, shown(state)) == "Robust accuracy, PGD · no classifier"


def test_a_picture_opens_with_the_epsilon_at_which_it_gave_way(state: AppState) -> None:
    at = shown(state)
    opened = attack_folder_view.opening(state, at, ROWS[2])
    assert opened["attack_parameters"].epsilon == 0.5 and opened["attack_method"] == "pgd"
    assert attack_folder_view.opening(state, at, ROWS[1])["attack_parameters"].epsilon == 4.0
    state.select(**opened)


def test_a_folder_is_begun_again_as_it_was_after_one_of_its_pictures_was_opened(state) -> None:
    begun = attack_folder_view.wanted(state)
    state.select(attack_folder=begun)
    at = shown(state, result(epsilons=begun.epsilons), **_of(begun))
    state.select(**attack_folder_view.opening(state, at, ROWS[0]))
    assert state.selection.attack_parameters.epsilon == 1.0 != begun.parameters.epsilon
    assert not attack_folder_view.startable(state)
    for change in ({"target": 1}, {"folder_nested": True}):
        state.select(**change)
        again = attack_folder_view.wanted(state)
        assert attack_folder_view.startable(state) and again.epsilons == begun.epsilons
        state.select(attack_folder=again)
        assert not attack_folder_view.startable(state), "what was begun is what is wanted"
        assert shown(state, **_of(again)).current
    state.select(attack_parameters=build(PGD.params, {"epsilon": 1.5}))
    state.select(attack_parameters=build(PGD.params, {"epsilon": 1.0}))
    assert attack_folder_view.startable(state), "the hand has set it"


def test_a_picture_of_an_earlier_attack_asks_for_that_one_of_the_folder(state: AppState) -> None:
    before = attack_folder_view.wanted(state)
    state.select(attack_folder=before, attack_parameters=build(PGD.params, {"steps": 7}))
    begun = attack_folder_view.wanted(state)
    state.select(attack_folder=begun)
    state.found(LANE, Finding().finished(before, result()).waiting(begun).stopped())
    at = attack_folder_view.shown_folder(state)
    assert at.request == before and not at.current
    state.select(**attack_folder_view.opening(state, at, ROWS[0]))
    assert attack_folder_view.startable(state)
    assert attack_folder_view.wanted(state).parameters == state.selection.attack_parameters
    assert attack_folder_view.wanted(state).parameters.steps == before.parameters.steps


def _of(request: AttackFolder) -> dict[str, object]:
    return {field.name: getattr(request, field.name) for field in dataclasses.fields(request)}


def test_sizes_are_written_in_the_unit_that_is_chosen(state: AppState) -> None:
    shown(state)
    state.show(epsilon_unit="one")
    at = attack_folder_view.shown_folder(state)
    assert [point.epsilon for point in attack_folder_view.curve(at)][1:] == [
        *("0.00196", "0.00392", "0.0157")
    ]
    assert attack_folder_view.axis(at) == "epsilon, L∞"
    said = attack_folder_view.verdict(at)
    assert "at 0.0157: 33.3 %" in said and "From 0.00392 on" in said
    column = next(c for c in attack_folder_view.columns(at) if c.key == "flip")
    assert column.text(ROWS[0]) == "0.00392"
    assert "up to 0.0314 (L∞)" in attack_folder_view.plan_of(state)


def test_an_attack_without_epsilon_is_told_in_l2(state: AppState) -> None:
    parameters = build(DEEPFOOL.params, {})
    found = result(norm="l2", method="deepfool")
    at = shown(state, found, method="deepfool", parameters=parameters)
    assert attack_folder_view.axis(at) == "size of the smallest change found, L2"
    assert attack_folder_view.curve(at)[1].told.startswith("epsilon 0.5\n")
    assert attack_folder_view.opening(state, at, ROWS[0])["attack_parameters"] == parameters
