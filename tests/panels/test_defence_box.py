"""Defences as a table, the attack that knows them beside it, and the checks of its gradients."""

import dataclasses
import itertools

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from cnnviz_gui.core.defence_requests import KnowingParams
from cnnviz_gui.core.defence_results import (
    AdaptiveResult,
    AdaptiveRow,
    DefenceRow,
    DefencesResult,
    DefendedScore,
)
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.core.registry import method, methods
from cnnviz_gui.core.request import Predict
from cnnviz_gui.core.result import Norms, Prediction
from cnnviz_gui.panels.attack.defence_box import DefenceBox
from cnnviz_gui.panels.attack.defence_lines import columns
from cnnviz_gui.panels.controls import NumberBox, painting
from cnnviz_gui.state import defence_plan
from cnnviz_gui.state.defence_plan import KNOWN_LANE, LANE, MASKING_LANE, defence_requests
from cnnviz_gui.state.finding import Finding, Problem

CAT, DOG = Score(0, "cat", 0.9, 3.0), Score(1, "dog", 0.8, 2.0)
PICTURE = np.full((8, 8, 3), 99, np.uint8)
NAMES = ("gradient", "softmax", "noise", "steps", "budget", "black-box", "unbounded")


@pytest.fixture
def attacked(state):
    model, image = state.selection.model, state.selection.image
    state.share(methods=methods("attack") + methods("defence"))
    state.select(
        stage="attack", attack_method="pgd", attack_parameters=method("attack", "pgd").params(),
        attack_started=True,
    )  # fmt: skip
    state.show(attack_view="defences")
    asked = Predict(model=model, image=image)
    seen = Prediction(scores=(CAT, DOG), seen=PICTURE)
    state.found("predict", Finding(asked=asked).finished(asked, seen))
    return state


@pytest.fixture
def box(attacked, qtbot):
    made = DefenceBox(attacked)
    qtbot.addWidget(made)
    made.resize(1000, 1200)
    made.show()
    return made


def said(score, distance):
    return DefendedScore(score=score, label_probability=0.9, distance=distance, votes=1, views=1)


def row(use, back=True):
    return DefenceRow(
        use=use, clean=said(CAT, 0.1), adversarial=said(CAT if back else DOG, 1.2), kept=True,
        change=-0.05, recovered=back, seen=PICTURE, forwards=2,
    )  # fmt: skip


def give_rows(state, count=7):
    rows = tuple(row(use, use.method != "jpeg") for use in defence_plan.chosen(state)[:count])
    result = DefencesResult(
        clean=CAT, adversarial=DOG, success=True, rows=rows, expected=7, forwards=14
    )
    request = defence_requests(state)[LANE]
    waiting = Finding(asked=request)
    done = waiting.finished(request, result) if count == 7 else waiting.partial(request, result)
    state.found(LANE, done)


def give_known(state, success=True):
    request = defence_requests(state)[KNOWN_LANE]
    rows = tuple(
        AdaptiveRow(
            use=use, clean=said(CAT, 0.1), moot=False,
            adversarial=said(DOG if success else CAT, 1.5),
            undefended=DOG, success=success, norms=Norms(linf=4 / 255, l2=1.0, l1=9.0),
            seen=PICTURE, forwards=11, backwards=10, seconds=1.0,
        )
        for use in request.methods
    )  # fmt: skip
    result = AdaptiveResult(epsilon=4.0, norm="linf", rows=rows, expected=len(rows))
    state.found(KNOWN_LANE, Finding(asked=request).finished(request, result))


def give_checks(state, failed=(), count=7):
    checks = tuple(
        Check(
            name=name, title=f"Title of {name}", state="failed" if name in failed else "passed",
            found="Found.", advice="Do this." if name in failed else "",
        )
        for name in NAMES[:count]
    )  # fmt: skip
    request = defence_requests(state)[MASKING_LANE]
    result = MaskingResult(checks=checks, expected=7, success=False, forwards=1, backwards=1)
    state.found(MASKING_LANE, Finding(asked=request).finished(request, result))


def test_before_the_attack_there_is_an_invitation(box, attacked):
    attacked.select(attack_started=False)
    assert box.empty.isVisible() and not box.warning.isVisible()
    attacked.select(attack_started=True)
    assert box.warning.isVisible() and len(box.rows) == 7


def test_rows_fill_as_they_come(box, attacked):
    give_rows(attacked, 2)
    filled = [name for name, view in box.rows.items() if view.lines.said[0] is not None]
    assert filled == ["augmentation", "bit-depth"]
    assert box.joint.text() == "2 of 7 defences"
    assert box.rows["bit-depth"].cell.isVisible() and not box.rows["blur"].cell.isVisible()
    give_rows(attacked)
    assert "1.20 for the adversarial" in box.joint.text()
    assert "recovered" in box.rows["blur"].lines.accessibleName()
    assert "fooled" in box.rows["jpeg"].lines.accessibleName()
    assert box.rows["jpeg"].thumb.accessibleName() == "The adversarial picture behind JPEG"


def test_a_switch_and_a_field_change_what_is_asked(box, attacked):
    give_rows(attacked)
    box.rows["blur"].toggle.click()
    assert attacked.selection.defences_off == ("blur",)
    assert box.rows["blur"].lines.said == (None, None)
    field = box.rows["jpeg"].fields["quality"]
    assert isinstance(field, NumberBox) and field.value() == 75
    field.stepBy(-1)
    asked = {use.method: use for use in defence_requests(attacked)[LANE].methods}
    assert asked["jpeg"].parameters.quality == 70 and "blur" not in asked
    choice = box.rows["augmentation"].fields["copies"]
    choice.setCurrentIndex(choice.findData("flip"))
    choice.activated.emit(choice.currentIndex())
    assert list(box.rows["augmentation"].fields) == ["copies"], "crops have a size, flips have none"


def test_one_click_lets_the_attack_know_a_defence(box, attacked):
    give_rows(attacked)
    box.rows["jpeg"].cell.button.click()
    request = defence_requests(attacked)[KNOWN_LANE]
    assert [use.method for use in request.methods] == ["jpeg"]
    attacked.found(KNOWN_LANE, Finding().waiting(request))
    assert box.rows["jpeg"].cell.currentIndex() == 1
    give_known(attacked)
    cell = box.rows["jpeg"].cell
    assert (cell.headline.text(), cell.detail.text()) == ("Broken, 80.0 %", "dog")
    assert "falls" in box.warning.accessibleName()
    box.warning.acted.emit()
    assert len(defence_requests(attacked)[KNOWN_LANE].methods) == 7
    give_known(attacked, success=False)
    assert box.rows["blur"].cell.headline.text().startswith("Holds")
    assert not box.warning._action.isVisible()


def test_how_many_draws_an_attack_takes_that_knows_is_chosen(box, attacked):
    give_rows(attacked)
    attacked.select(knowing_parameters=KnowingParams(draws=3))
    assert KNOWN_LANE not in defence_requests(attacked), "nothing is attacked before it is wanted"
    box.rows["smoothing"].cell.button.click()
    assert defence_requests(attacked)[KNOWN_LANE].draws == 3
    give_known(attacked)
    assert box.rows["smoothing"].cell.currentIndex() == 2
    attacked.select(knowing_parameters=KnowingParams(draws=30))
    request = defence_requests(attacked)[KNOWN_LANE]
    assert request.draws == 30
    assert box.rows["smoothing"].cell.currentIndex() == 0, "that is another attack"
    attacked.found(KNOWN_LANE, attacked.finding(KNOWN_LANE).waiting(request))
    assert box.rows["smoothing"].cell.currentIndex() == 1


def test_what_was_stopped_is_begun_again(box, attacked, qtbot):
    give_rows(attacked)
    box.rows["jpeg"].cell.button.click()
    request = defence_requests(attacked)[KNOWN_LANE]
    attacked.found(KNOWN_LANE, Finding().waiting(request).stopped())
    assert box.rows["jpeg"].cell.currentIndex() == 0
    assert box._stopped.accessibleName().startswith("Stopped at 0 of 1 attacks that know.")
    with qtbot.waitSignal(box.again) as told:
        box.rows["jpeg"].cell.button.click()
    assert told.args == [KNOWN_LANE]
    with qtbot.waitSignal(box.again) as told:
        box._stopped.acted.emit()
    assert told.args == [KNOWN_LANE]


def test_a_row_that_was_stopped_is_begun_again_whatever_draws_are_chosen(box, attacked, qtbot):
    attacked.select(knowing_parameters=KnowingParams(draws=30))
    give_rows(attacked)
    box.rows["jpeg"].cell.button.click()
    request = defence_requests(attacked)[KNOWN_LANE]
    attacked.found(KNOWN_LANE, Finding().waiting(request).stopped())
    with qtbot.waitSignal(box.again) as told:
        box.rows["jpeg"].cell.button.click()
    assert told.args == [KNOWN_LANE]


def test_rows_and_checks_that_were_stopped_go_on_by_one_click(box, attacked, qtbot):
    assert not box._stopped.isVisible()
    give_rows(attacked, 3)
    attacked.found(LANE, attacked.finding(LANE).stopped())
    assert box._stopped.accessibleName().startswith("Stopped at 3 of 7 defences.")
    assert not box.joint.isVisible(), "it does not look at work"
    request = defence_requests(attacked)[MASKING_LANE]
    attacked.found(MASKING_LANE, Finding().waiting(request).stopped())
    assert "3 of 7 defences and 0 of 7 checks" in box._stopped.accessibleName()
    assert box.checks.caption.text() == "stopped at 0 of 7 checks"
    give_checks(attacked, count=2)
    part = attacked.finding(MASKING_LANE)
    attacked.found(MASKING_LANE, dataclasses.replace(part, status="partial").stopped())
    assert box.checks.caption.text() == "stopped at 2 of 7 checks"
    off = attacked.selection.defences_off
    attacked.select(defences_off=tuple(box.rows))
    assert "defences" not in box._stopped.accessibleName(), "none is wanted any more"
    attacked.select(defences_off=off)
    told = []
    box.again.connect(told.append)
    box._stopped.acted.emit()
    assert told == [LANE, MASKING_LANE]
    give_rows(attacked)
    give_checks(attacked)
    assert not box._stopped.isVisible()


def test_an_attack_that_was_stopped_with_its_defences_goes_on_with_them(box, attacked):
    requests = defence_requests(attacked)
    for lane, asked in ((LANE, requests[LANE]), ("attack", requests[LANE].attack)):
        attacked.found(lane, Finding().waiting(asked).stopped())
    assert box._stopped._text.text() == "The attack was stopped; its defences wait for it."
    told = []
    box.again.connect(told.append)
    box._stopped.acted.emit()
    assert set(told) == {LANE, "attack"}


def test_another_attack_makes_rows_stale_and_forgets_what_it_knew(box, attacked):
    give_rows(attacked)
    box.rows["jpeg"].cell.button.click()
    give_known(attacked)
    attacked.select(attack_parameters=method("attack", "pgd").params(epsilon=1.0))
    attacked.found(LANE, attacked.finding(LANE).waiting(defence_requests(attacked)[LANE]))
    assert box.rows["jpeg"].lines._stale and box.rows["jpeg"].cell.currentIndex() == 0
    assert box.joint.text() and box.joint.property("tone") == "text3", "it is of the attack before"
    give_rows(attacked)
    assert box.joint.property("tone") == "text2"


def test_the_checks_are_listed_with_what_to_do(box, attacked):
    give_checks(attacked, count=2)
    shown = [line for line in box.checks._lines if line[1].isVisible()]
    assert len(shown) == 2 and not box.checks.verdict.isVisible()
    give_checks(attacked, failed=("softmax",))
    texts = [tuple(label.text() for label in line[1:]) for line in box.checks._lines]
    assert texts[1] == ("Title of softmax", "Failed", "Found. Do this.")
    assert texts[2] == ("Title of noise", "Passed", "Found.")
    assert "1 of 7 checks speaks" in box.checks.verdict.text()


def test_the_verdict_of_another_attack_is_dimmed_as_its_checks_are(box, attacked):
    give_checks(attacked)
    assert box.checks.verdict.property("tone") == "text2"
    attacked.select(attack_parameters=method("attack", "pgd").params(epsilon=1.0))
    request = defence_requests(attacked)[MASKING_LANE]
    attacked.found(MASKING_LANE, attacked.finding(MASKING_LANE).waiting(request))
    for label in (box.checks.verdict, box.checks._lines[0][1]):
        assert label.property("tone") == "text3"


@pytest.mark.parametrize("lane", [LANE, KNOWN_LANE, MASKING_LANE])
def test_a_failure_is_said_and_can_be_tried_again(box, attacked, qtbot, lane):
    attacked.found(lane, Finding().failed(Problem("It broke.", "Do that.")))
    card = box._failures[lane]
    assert card.isVisible() and card.message.text() == "It broke."
    with qtbot.waitSignal(box.again) as told:
        card.remedied.emit()
    assert told.args == [lane]


def test_a_narrow_box_leaves_out_the_pictures(box, attacked):
    give_rows(attacked)
    assert box.rows["jpeg"].thumb.isVisible()
    box.resize(660, 900)
    assert not box.rows["jpeg"].thumb.isVisible()


def test_the_columns_stay_where_they_are_when_the_scroll_bar_comes(box, attacked):
    give_rows(attacked)
    bar, lines = box._area.verticalScrollBar(), box.rows["jpeg"].lines
    box.resize(1000, 3000)
    QApplication.processEvents()
    assert not bar.isVisible()
    wide = lines.width()
    box.resize(1000, 300)
    QApplication.processEvents()
    assert bar.isVisible() and lines.width() == wide


def test_every_control_has_a_name_and_a_tooltip(box, attacked):
    give_rows(attacked)
    for view in box.rows.values():
        for control in (view.toggle, view.cell.button, *view.fields.values()):
            assert control.accessibleName() and control.toolTip()
        assert view.title.toolTip()


@pytest.mark.parametrize("names", [0, 120, 260])
@pytest.mark.parametrize("width", [240, 272, 399, 400, 640, 1200])
def test_the_parts_of_a_line_do_not_overlap(width, names):
    at = columns(width, names)
    parts = [at.label, at.chance, at.note, at.bar, at.value]
    for (left, long), (right, _) in itertools.pairwise(parts):
        assert left + long <= right
    assert at.value[0] + at.value[1] == width and (at.label[1] > 30 or width < 260)


@pytest.mark.parametrize("names", [60, 156, 210, 300])
def test_a_class_is_whole_as_long_as_its_bar_can_give_way(names):
    at = columns(700, names)
    assert at.label[1] >= names and at.bar[1] >= 28
    assert columns(700, 60) == columns(700), "the bars do not move for shorter names"


def test_in_a_small_window_a_class_of_two_words_is_whole(qapp):
    """``Egyptian …`` stood beside room that a short probability had left free."""
    at, name = columns(306, 100), painting.width_of("tiger cat", "body")
    assert at.label[1] >= 90 > name and at.name_room("> 99.9 %") >= at.label[1]
    short, long = at.name_room("9.5 %"), at.name_room("100.0 %")
    assert short > long >= at.label[1]
    assert at.label[0] + short + painting.width_of("9.5 %", "body") <= sum(at.chance)


def test_all_lines_have_room_for_the_longest_class(box, attacked):
    terrier = Score(1, "West Highland white terrier", 0.8, 2.0)
    long = dataclasses.replace(said(DOG, 1.2), score=terrier)
    use, *others = defence_plan.chosen(attacked)
    rows = (dataclasses.replace(row(use), adversarial=long), *(row(one) for one in others))
    request = defence_requests(attacked)[LANE]
    result = DefencesResult(
        clean=CAT, adversarial=DOG, success=True, rows=rows, expected=7, forwards=9
    )
    give_rows(attacked)
    short = box.grab().toImage()
    attacked.found(LANE, Finding(asked=request).finished(request, result))
    needed = painting.width_of(terrier.label, "body")
    lines = [box.head._lines, *(view.lines for view in box.rows.values())]
    assert {one._names for one in lines} == {needed}
    assert columns(box.rows["jpeg"].lines.width(), needed).label[1] >= needed
    assert box.grab().toImage() != short


def test_what_is_given_away_is_the_table_and_its_request(box, attacked):
    assert box.export() is None
    give_rows(attacked, 1)
    part = box.export()
    assert part.array.shape == (1, 2) and "not all" in part.unlike
    give_rows(attacked)
    assert not box.export().unlike
    given = box.export()
    assert given.request == defence_requests(attacked)[LANE]
    assert given.array.shape == (7, 2) and given.picture.ndim == 3


def test_a_network_without_classes_names_none(box, attacked):
    attacked.share(facts=dataclasses.replace(attacked.shared.facts, headless=True))
    give_rows(attacked)
    assert box.rows["jpeg"].lines.said[0].label == ""
