"""An attack step by step, as it is shown, scrubbed and played."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.attacks.boundary import BoundaryParams
from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Attack, Predict
from cnnviz_gui.core.result import AttackResult, Norms, Prediction
from cnnviz_gui.panels.attack.steps_box import StepsBox
from cnnviz_gui.panels.controls import ProbabilityBar
from cnnviz_gui.panels.prediction_panel import PredictionPanel
from cnnviz_gui.state import attack_steps_view
from cnnviz_gui.state.attack_steps_view import LANE, attack_step_requests, shown_trajectory
from cnnviz_gui.state.finding import Finding, Problem

CAT, DOG = Score(0, "cat", 0.9, 1.0), Score(1, "dog", 0.1, 0.0)
SIDE = 4


def result(change):
    clean = np.full((3, SIDE, SIDE), 0.5, np.float32)
    return AttackResult(
        method="pgd", epsilon=4.0, norm="linf", target=None, clean=(CAT, DOG),
        adversarial=(DOG, CAT), clean_image=clean, adversarial_image=clean + change,
        success=True, norms=Norms(change, 0.1, 0.2), forwards=5, backwards=4,
    )  # fmt: skip


def trajectory(steps=5, best=None, kept=None, unit="step", done=True, expected=None):
    """Return a way on which the cat falls from 90 % to nothing; it flips at the middle."""
    best = steps - 1 if best is None else best
    places = range(steps) if kept is None else kept
    across = np.linspace(0, 1, steps)
    size = across * 4 / 255
    end = result(np.float32(size[best]))
    return AttackTrajectory(
        numbers=np.arange(steps, dtype=np.int32), unit=unit, expected=expected or steps - 1,
        loss=across * 3, loss_name="cross-entropy", rises=True, label=CAT, target=None,
        label_probability=0.9 - 0.9 * across, other_probability=0.1 + 0.9 * across,
        others=np.ones(steps, np.int32), winners=(across >= 0.5).astype(np.int32),
        winner_probability=np.maximum(0.9 - 0.9 * across, 0.1 + 0.9 * across),
        names=((0, "cat"), (1, "dog")), success=across >= 0.5, linf=size, l2=size * 2,
        l1=size * 3, best=best, clean_image=end.clean_image,
        pictures=tuple((at, np.full((3, SIDE, SIDE), size[at], np.float16)) for at in places),
        probabilities=np.stack([0.9 - 0.9 * across, 0.1 + 0.9 * across], 1)[list(places)],
        clean_probabilities=np.array([0.9, 0.1]), result=end if done else None,
    )  # fmt: skip


@pytest.fixture
def attacked(state):
    state.select(stage="attack", attack_method="pgd", attack_parameters=PgdParams(steps=4))
    state.show(attack_view="steps")
    request = Predict(model=state.selection.model, image=state.selection.image)
    seen = np.zeros((SIDE, SIDE, 3), np.uint8)
    found = Prediction(scores=(CAT, DOG), seen=seen)
    state.found("predict", Finding(asked=request).finished(request, found))
    return state


@pytest.fixture
def box(attacked, qtbot):
    made = StepsBox(attacked)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def give(state, found=None, *, partial=False):
    state.select(attack_started=True)
    request = attack_step_requests(state)[LANE]
    finding = Finding(asked=request)
    found = found or trajectory(done=not partial)
    state.found(LANE, (finding.partial if partial else finding.finished)(request, found))
    return request


def test_nothing_is_asked_before_it_is_started_or_out_of_sight(attacked):
    assert attack_step_requests(attacked) == {}
    attacked.select(attack_started=True)
    asked = attack_step_requests(attacked)[LANE]
    assert isinstance(asked, AttackSteps) and isinstance(asked.attack, Attack)
    assert asked.attack.parameters == PgdParams(steps=4)
    attacked.select(attack_scaled=True, attack_scale=0.5)
    assert attack_step_requests(attacked)[LANE].attack.scale is None
    attacked.show(attack_view="picture")
    assert attack_step_requests(attacked) == {}
    attacked.show(attack_view="steps")
    attacked.select(stage="plane")
    assert attack_step_requests(attacked) == {}


def test_it_invites_until_there_is_something(box, attacked):
    assert box._adversarial.pane._message.sentence.text().startswith("Press Attack")
    assert box._below.isHidden()
    give(attacked)
    assert box._below.isVisible()
    assert box._step.text() == "Step 4 of 4"


def test_the_step_that_is_returned_is_shown_first(box, attacked):
    give(attacked, trajectory(best=3))
    assert box.plot.epsilon() == 3.0
    assert box.best.text() == "Returned: step 3"
    assert box.first.text() == "First success: step 2"
    said, *shorter = attack_steps_view.told(attacked, box._shown, 3)
    assert shorter[-1] == "L∞ 3 / 255", "the norm of the attack stays"
    assert said.startswith("loss 2.25 · cat 22.5 % · dog 77.5 % · L∞ 3 / 255 · L2 0.0235")
    assert box._adversarial.pane._caption[0][0] == "dog"


@pytest.mark.parametrize(
    ("moved", "name"), [(2 / 255, "random start"), (0.0, "the picture itself")]
)
def test_a_success_before_the_first_step_says_what_it_is(box, attacked, moved, name):
    found = trajectory()
    sizes = np.maximum(found.linf, np.float32(moved))
    found = dataclasses.replace(found, success=np.ones(5, bool), linf=sizes)
    give(attacked, dataclasses.replace(found, best=0))
    assert box.first.text() == f"First success: step 0, {name}"
    assert box.best.text() == f"Returned: step 0, {name}"
    assert box.plot.head().flip == f"first flip  step 0, {name}"
    give(attacked)
    assert "start" not in box.plot.head().flip and "start" not in box.first.text()


def test_sizes_are_told_in_the_norm_of_the_attack_first(box, attacked):
    attacked.select(attack_parameters=PgdParams(norm="l2", epsilon=0.5, steps=4))
    give(attacked)
    said, *shorter = attack_steps_view.told(attacked, box._shown, 3)
    assert said.endswith("dog 77.5 % · L2 0.0235 · L∞ 3 / 255 · L1 0.0353")
    assert all("L2 0.0235" in line for line in shorter)
    assert box._perturbation.pane._caption[0][0] == "L2 0.0314 ·"


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (Qt.Key.Key_Left, 3),
        (Qt.Key.Key_Right, 4),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 4),
        (Qt.Key.Key_PageDown, 0),
    ],
)
def test_keys_scrub_from_step_to_step(box, attacked, qtbot, key, number):
    give(attacked)
    box.plot.setFocus()
    qtbot.keyClick(box.plot, key)
    assert box.plot.epsilon() == number
    assert box._step.text() == f"Step {number} of 4"
    expected = attack_steps_view.inside(box._shown, number)
    assert np.array_equal(box.export().numbers, expected)


def test_the_mouse_scrubs_and_stops_at_whole_steps(box, attacked, qtbot):
    give(attacked)
    area = box.plot.area()
    at = QPointF(area.x(1.2), area.rail).toPoint()
    qtbot.mouseClick(box.plot, Qt.MouseButton.LeftButton, pos=at)
    assert attacked.display.attack_step == 1
    assert box.plot.value_text() == "step 1"


def test_the_marks_are_ways_to_go(box, attacked, qtbot):
    give(attacked, trajectory(best=3))
    qtbot.mouseClick(box.first, Qt.MouseButton.LeftButton)
    assert attacked.display.attack_step == 2
    qtbot.mouseClick(box.best, Qt.MouseButton.LeftButton)
    assert attacked.display.attack_step is None and box.plot.epsilon() == 3.0


def test_it_plays_from_the_start_to_the_end_and_stops(box, attacked, qtbot):
    give(attacked)
    seen = []
    box.plot.setFocus()
    qtbot.keyClick(box.plot, Qt.Key.Key_Space)
    assert box._timer.isActive() and box.play.accessibleName() == "Pause"
    for _ in range(10):
        seen.append(round(box.plot.epsilon()))
        box._on_frame()
        if not box._timer.isActive():
            break
    assert seen == [0, 1, 2, 3] and box.plot.epsilon() == 4.0
    assert not box._timer.isActive() and box.play.accessibleName() == "Play"
    qtbot.mouseClick(box.play, Qt.MouseButton.LeftButton)
    assert box._timer.isActive() and box.plot.epsilon() == 0.0
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert not box._timer.isActive()


def test_what_was_stopped_plays_to_where_it_stopped(box, attacked):
    give(attacked, trajectory(steps=3, expected=10, done=False), partial=True)
    attacked.show(attack_step=1)
    box._on_play()
    box._on_frame()
    box._on_frame()
    assert box._timer.isActive(), "more is to come"
    attacked.found(LANE, attacked.finding(LANE).stopped())
    box._on_frame()
    assert not box._timer.isActive() and box.plot.epsilon() == 2.0
    assert box.play.accessibleName() == "Play"


def test_what_is_scrubbed_or_left_no_longer_plays(box, attacked, qtbot):
    give(attacked)
    for leave in (
        lambda: qtbot.keyClick(box.plot, Qt.Key.Key_Right),
        lambda: attacked.show(attack_view="picture"),
    ):
        box._on_play()
        assert box._timer.isActive()
        leave()
        assert not box._timer.isActive()


def test_of_a_long_way_only_kept_steps_are_stopped_at(box, attacked, qtbot):
    give(attacked, trajectory(steps=41, kept=(0, 10, 20, 30, 40)))
    assert box._kept.isVisible() and "5 of 41 steps" in box._kept.text()
    box.plot.setFocus()
    qtbot.keyClick(box.plot, Qt.Key.Key_Left)
    assert attacked.display.attack_step == 30
    attacked.show(attack_step=17)
    assert box.plot.epsilon() == 20.0


def test_a_target_is_reached_where_a_class_flips(box, attacked):
    give(attacked, trajectory())
    assert "first flip" in box.plot.accessibleDescription()
    give(attacked, dataclasses.replace(trajectory(), target=DOG))
    assert "target first reached" in box.plot.accessibleDescription()


def test_it_streams(box, attacked):
    give(attacked, trajectory(steps=3, expected=10, done=False), partial=True)
    assert box._step.text() == "Step 2 of 10"
    assert box.best.text() == "Best so far: step 2"
    assert box.export().film is None
    give(attacked, trajectory(steps=11))
    assert box._step.text() == "Step 10 of 10"


def test_the_same_pictures_are_not_made_again(box, attacked, monkeypatch):
    give(attacked)
    made = []
    monkeypatch.setattr(box._perturbation.pane, "set_image", made.append)
    box._draw()
    assert made == []
    attacked.show(attack_step=1)
    assert len(made) == 1


def test_all_steps_have_one_amplification(box, attacked):
    give(attacked)
    said = set()
    for number in range(5):
        attacked.show(attack_step=number)
        said.add(box._perturbation.pane._caption[-1][0])
    assert len(said) == 1


def test_an_amplification_that_is_chosen_is_used(box, attacked):
    give(attacked)
    attacked.show(amplification=2)
    assert box._perturbation.pane._caption[-1][0] == "× 2"


def test_what_is_returned_is_saved_as_the_attack_and_judged(box, attacked):
    request = give(attacked, trajectory(best=3))
    given = box.export()
    assert given.request == request.attack and given.step is None
    assert np.array_equal(given.numbers, box._shown.result.result.adversarial_image)
    attacked.show(attack_step=1)
    given = box.export()
    assert given.request == request and given.stem.endswith("step-1")
    assert (given.step.of, given.step.at) == (request, 1)
    assert given.step.way is box._shown.result
    assert np.array_equal(given.step.drawing.make(), given.picture)
    moved = given.picture.astype(int) - 128
    assert given.picture.shape == (SIDE, SIDE, 3) and np.abs(moved).max() <= 4
    film = np.stack([shot() for shot in given.film.shots])
    assert film.shape == (5, SIDE, 2 * SIDE, 3) and film.dtype == np.uint8
    assert np.array_equal(film[1, :, :SIDE], given.picture)


def test_the_numbers_of_a_step_lie_in_the_ball_as_its_picture_does(box, attacked):
    found = trajectory(best=2)
    edge = np.full((3, SIDE, SIDE), np.float16(4 / 255) + np.float16(1e-4))  # half the precision
    grey = np.full((3, SIDE, SIDE), 128 / 255, np.float32)
    found = dataclasses.replace(
        found, clean_image=grey, pictures=tuple((at, edge) for at, _ in found.pictures)
    )
    give(attacked, found)
    attacked.show(attack_step=4)
    given = box.export()
    assert given.numbers.dtype == np.float32 and given.numbers.shape == (3, SIDE, SIDE)
    assert np.abs(given.numbers - grey).max() <= 4 / 255 + 1e-7
    assert np.array_equal(given.numbers * 255, given.picture.transpose(2, 0, 1))


def test_nothing_is_rounded_before_it_is_saved(box, attacked, monkeypatch):
    give(attacked)
    monkeypatch.setattr(attack_steps_view, "in_bytes", lambda *_: pytest.fail("rounded"))
    attacked.show(attack_step=1)
    assert box.export().request is not None


def test_steps_of_another_attack_are_dimmed(box, attacked):
    request = give(attacked)
    other = dataclasses.replace(request, attack=dataclasses.replace(request.attack, target=1))
    attacked.found(LANE, attacked.finding(LANE).waiting(other))
    assert box.plot._stale and box.export() is None
    assert not shown_trajectory(attacked).current


def test_a_failure_says_why(box, attacked, qtbot):
    give(attacked)
    problem = Problem("The gradient is not finite.", "Try a smaller step.")
    attacked.found(LANE, attacked.finding(LANE).failed(problem))
    assert box._failure.isVisible()
    assert box._failure.message.text() == problem.message
    with qtbot.waitSignal(box.again) as heard:
        box._failure.remedied.emit()
    assert heard.args == [LANE]


def test_queries_are_called_so(box, attacked):
    attacked.select(attack_method="boundary", attack_parameters=BoundaryParams())
    give(attacked, trajectory(unit="query"))
    assert box._step.text() == "Query 4 of 4"
    assert box.plot.value_text() == "query 4"


def test_without_a_classifier_no_class_is_named(box, attacked, network):
    headless = dataclasses.replace(network, headless=True)
    attacked.use_network(attacked.selection.model, headless)
    give(attacked)
    assert box._adversarial.pane._caption == (("", "text3", False),)
    assert attack_steps_view.names(attacked, box._shown.result) == ("winner", "strongest other")


def test_what_was_stopped_says_where_it_rests(box, attacked):
    give(attacked, trajectory(steps=3, expected=10, done=False), partial=True)
    assert box._stopped.isHidden()
    attacked.found(LANE, attacked.finding(LANE).stopped())
    assert box._stopped.isVisible() and box._step.text() == "Step 2 of 10"
    assert attack_steps_view.stopped_text(attacked, box._shown).endswith("at step 2 of 10.")
    assert not box._stopped._action.isVisible(), "the page has the button"
    give(attacked)
    assert box._stopped.isHidden()


def test_what_the_attack_cannot_do_is_said_once(box, attacked):
    give(attacked)
    problem = Problem("Boundary cannot be driven towards a class.", "Choose another attack.")
    for lane in (LANE, "attack"):
        attacked.found(lane, Finding(asked=attacked.finding(LANE).asked).failed(problem))
    assert box._failure.isHidden(), "the page says it"


def test_a_very_long_way_is_drawn_of_some_of_its_steps(box, attacked):
    kept = tuple(range(0, 50001, 500))
    give(attacked, trajectory(steps=50001, best=33333, kept=sorted({*kept, 33333})))
    drawn = box.plot._curves.epsilons
    assert len(drawn) <= 402 and {0.0, 25000.0, 33333.0, 50000.0} <= set(drawn.tolist())
    assert box.plot.epsilon() == 33333.0 and box.plot._count_text() == ""


def test_an_animation_has_no_more_shots_than_one_waits_for(box, attacked):
    give(attacked, trajectory(steps=101, best=74))
    film = [shot() for shot in box.export().film.shots]
    assert 30 < len(film) <= 53
    assert box._shown.result.first_success == 50
    assert len(film) == len({*range(0, 101, 3), 50, 74, 100}), "with both, and the last"
    last = attack_steps_view.in_bytes(box._shown, 100)
    assert np.array_equal(film[-1][:, :SIDE], last)


def test_the_predictions_are_those_of_the_step_in_sight(attacked, qtbot):
    panel = PredictionPanel(attacked)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.header)
    panel.show()
    give(attacked, trajectory(steps=5))
    bars = [bar for bar in panel.findChildren(ProbabilityBar) if bar.isVisible()]
    assert panel._legend._words["adversarial"].text() == "step 4", "the one that is returned"
    assert bars[0].accessibleName().startswith("dog, 10.0 % clean, 100 % adversarial")
    attacked.show(attack_step=1)
    assert panel._legend._words["adversarial"].text() == "step 1"
    assert bars[0].accessibleName().startswith("cat, 90.0 % clean, 67.5 % adversarial")
    attacked.show(attack_view="picture")
    assert panel._legend._words["adversarial"].text() == "adversarial"


def test_steps_of_a_former_attack_say_that_the_newer_one_was_stopped(box, attacked):
    give(attacked)
    finding = attacked.finding(LANE)
    other = dataclasses.replace(attacked.selection.attack_parameters, steps=9)
    attacked.select(attack_parameters=other)
    request = attack_step_requests(attacked)[LANE]
    attacked.found(LANE, finding.waiting(request).stopped())
    assert box._stopped.isVisible()
    said = attack_steps_view.stopped_text(attacked, box._shown)
    assert said == "The attack was stopped; these are the steps of the one before."
