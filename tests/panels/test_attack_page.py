"""The attack page through the hand: what its slider stands for."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnviz_gui.core import files
from cnnviz_gui.core.attacks.fgsm import FgsmParams
from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.request import Heatmap, Predict
from cnnviz_gui.core.result import (
    AttackResult,
    Closeness,
    Norms,
    Prediction,
    SweepPoint,
    SweepResult,
)
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.blink import BlinkButton
from cnnviz_gui.panels.attack.cards import MapsCard
from cnnviz_gui.panels.attack.display_section import AttackDisplay
from cnnviz_gui.panels.attack.page import AttackPage
from cnnviz_gui.panels.attack.smallest_button import SmallestButton
from cnnviz_gui.panels.controls import Segmented
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.parameter_panel import ParameterPanel
from cnnviz_gui.panels.prediction_panel import PredictionPanel
from cnnviz_gui.state import (
    attack_numbers,
    attack_view,
    border_view,
    epsilon_words,
    plan,
    prediction_view,
    unsaved,
)
from cnnviz_gui.state.attack_plan import sweep_request
from cnnviz_gui.state.choice_words import ATTACK_VIEWS as VIEWS
from cnnviz_gui.state.finding import Advance, Finding
from cnnviz_gui.state.heatmap_view import as_bytes
from cnnviz_gui.state.prediction_view import wanted_attack
from tests.state.test_attack_plan import FreeParams
from tests.state.test_plan import BallParams


@pytest.fixture
def page(qtbot, state):
    state.select(stage="attack", attack_method="pgd", attack_parameters=BallParams())
    seen = np.full((32, 32, 3), 200, np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.5, 1.0),), seen=seen, enlarged="")
    request = Predict(model=state.selection.model, image=state.selection.image)
    state.found("predict", Finding().finished(request, prediction))
    made = AttackPage(state)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def slider(page):
    found = page.findChildren(Segmented)
    return next(one for one in found if one.accessibleName() == "What the slider does")


def choose(page, word):
    (button,) = [b for b in slider(page).buttons() if b.text() == word]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_slider_is_epsilon_or_a_scale_as_chosen(page, state):
    plot = page.findChild(EpsilonPlot)
    assert plot.value_text() == "4 / 255"
    choose(page, "Scaled")
    assert state.selection.attack_scaled and plot.value_text() == "1 ×"
    plot.moved.emit(0.5)
    assert state.selection.attack_scale == 0.5
    assert state.selection.attack_parameters == BallParams()
    choose(page, "Anew")
    plot.moved.emit(2.5)
    assert state.selection.attack_parameters == BallParams(epsilon=2.5)
    assert state.selection.attack_started


def test_what_has_no_epsilon_leaves_no_choice(page, state):
    state.select(attack_method="free", attack_parameters=FreeParams())
    assert not slider(page).isVisible()
    plot = page.findChild(EpsilonPlot)
    assert plot.isEnabled() and plot.value_text() == "1 ×"
    assert "norm" not in page._aim.summary.text()
    state.select(attack_parameters=dataclasses.replace(FreeParams(), steps=3))
    assert "3 steps" in page._aim.summary.text()


def test_the_settings_lose_what_is_least_where_there_is_little_room(page, state):
    state.select(attack_parameters=PgdParams(epsilon=8.0, seed=7))
    summary = page._aim.summary
    assert summary.text() == "untargeted, norm L∞, 10 steps, seed 7"
    seen = []
    for width in range(summary.sizeHint().width(), 10, -1):
        summary.resize(width, summary.height())
        seen += [summary.shown_text()] if summary.shown_text() not in seen else []
    settings = "norm L∞, 10 steps, seed 7"
    assert seen == [summary.text(), settings, "norm L∞, 10 steps", "norm L∞", ""]
    assert summary.toolTip() == summary.text(), "all of it is told"


@pytest.mark.parametrize("target", [None, 1])
@pytest.mark.parametrize("width", [1024, 1100, 1240, 1600])
def test_the_settings_stay_beside_the_button_to_go_on(page, state, qapp, width, target):
    """At the usual size the button took the room of classes and settings."""
    state.select(attack_parameters=PgdParams(epsilon=8.0, seed=7), attack_started=True)
    state.select(target=target)
    page.resize(width, 700)
    asked = prediction_view.wanted_attack(state)
    state.found("attack", Finding().waiting(asked).stopped())
    qapp.processEvents()
    aim, words = page._aim, ("norm", "untargeted", "targeted")
    assert page._start.isVisible() and page._start.text() == "Attack again"
    assert aim.leaves.isVisible() and aim.reaches.isVisible() == (target is not None)
    assert aim.summary.isVisible() and aim.summary.shown_text().startswith(words)
    smallest = page.findChild(SmallestButton)
    assert smallest.isVisible() and smallest.width() >= theme.CONTROL, "it has its icon"
    state.found("attack", state.finding("attack").waiting(asked))
    qapp.processEvents()
    assert smallest.shown_text() == "Smallest epsilon"


@pytest.mark.parametrize("lane", ["attack", "sweep"])
def test_the_button_to_go_on_makes_the_page_no_wider(page, state, qapp, lane):
    """At 1280 px the docks gave way to it, and never came back."""
    least = page.minimumSizeHint().width()
    page.resize(least, 500)
    qapp.processEvents()
    state.select(attack_started=True)
    asked = wanted_attack(state)
    if lane == "sweep":
        asked = sweep_request(state.selection, asked)
    state.found(lane, Finding().waiting(asked).stopped())
    qapp.processEvents()
    assert page._start.isVisible() and page._start.text() in ("Again", "Continue")
    assert page.minimumSizeHint().width() <= least


def test_a_race_is_of_no_single_attack(page, state):
    assert page._method.isVisible() and page._aim.summary.text()
    state.show(attack_view="race")
    assert not page._method.isVisible() and not page._aim.summary.text()
    state.show(attack_view="borders")
    assert page._method.isVisible() and page._aim.summary.text()


@pytest.mark.parametrize("epsilon", [1.0, 0.17, 0.3, 0.113148])
@pytest.mark.parametrize(("norm", "unit"), [("linf", "255ths"), ("linf", "one"), ("l2", "255ths")])
def test_slider_and_verdict_write_one_epsilon_alike(page, state, epsilon, norm, unit):
    state.show(epsilon_unit=unit)
    state.select(attack_parameters=PgdParams(norm=norm, epsilon=epsilon))
    state.select(sweep_maximum=4.0)
    result = dataclasses.replace(attacked(state), norm=norm, epsilon=epsilon)
    state.found("attack", Finding().finished(state.finding("attack").request, result))
    written = page.findChild(EpsilonPlot).value_text()
    assert page.findChild(MapsCard)._verdict.text() == f"Flipped to dog at {written}"
    assert epsilon_words.budget(epsilon, norm, unit) == written
    assert unit == "one" or border_view.of_norm(epsilon, norm) == written


def test_the_invitation_names_both_ways_to_begin(page, state):
    said = adversarial(page)._message.sentence.text()
    assert said.startswith("Press Attack or drag the slider") and page._start.text() == "Attack"


def attacked(state, *, ended=True):
    """Let the attack of the form be found: one pixel changed, the class flipped."""
    state.select(attack_started=True)
    request = prediction_view.wanted_attack(state)
    clean = np.full((3, 32, 32), 0.5, np.float32)
    moved = clean.copy()
    moved[:, 4, 4] += 4 / 255
    closeness = Closeness(ssim=0.99987, psnr=60.25, changed=1, changed_8bit=1, pixels=1024)
    cat, dog = Score(0, "cat", 0.8, 1.0), Score(1, "dog", 0.2, 0.0)
    result = AttackResult(
        method="pgd",
        epsilon=4.0,
        norm="linf",
        target=None,
        clean=(cat, dog),
        adversarial=(dataclasses.replace(dog, probability=0.9), cat),
        clean_image=clean,
        adversarial_image=moved,
        success=True,
        norms=Norms(4 / 255, 0.027, 0.047),
        forwards=11,
        backwards=10,
        closeness=closeness if ended else None,
        seconds=0.2 if ended else 0.0,
    )
    status = "done" if ended else "partial"
    state.found("attack", Finding(status, request, result))
    return result


@pytest.mark.parametrize("lane", ["attack", "sweep", "attack-steps"])
def test_what_was_stopped_before_anything_was_found_can_go_on(page, state, lane):
    state.select(attack_started=True)
    state.show(attack_view="steps" if lane == "attack-steps" else "picture")
    assert not page._start.isVisible()
    asked = prediction_view.wanted_attack(state)
    state.found(lane, Finding().waiting(asked).stopped())
    word = "Continue" if lane == "sweep" else "Attack again"  # its points that are there stay
    assert page._start.isVisible() and page._start.text() == word
    again = []
    page.again.connect(again.append)
    QTest.mouseClick(page._start, Qt.MouseButton.LeftButton)
    assert again == [lane]
    state.found(lane, state.finding(lane).waiting(asked))
    assert not page._start.isVisible()


def test_the_plot_keeps_its_least_height(page):
    page.resize(page.minimumSizeHint())
    plot = page.findChild(EpsilonPlot)
    assert plot.height() >= plot.minimumSizeHint().height()


@pytest.fixture
def norms(page, state):
    state.select(attack_parameters=PgdParams(epsilon=8.0))
    return choice(page, "Norm of the perturbation")


def choice(page, name):
    return next(one for one in page.findChildren(Segmented) if one.accessibleName() == name)


def press(choice, word):
    (button,) = [b for b in choice.buttons() if b.text() == word]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return button


def test_the_norm_takes_epsilon_and_axis_with_it(page, state, norms):
    press(norms, "L2")
    assert state.selection.attack_parameters == PgdParams(norm="l2", epsilon=1.0)
    plot = page.findChild(EpsilonPlot)
    assert plot.value_text() == "1" and plot._axis_title == "epsilon (L2)"
    press(norms, "L∞")
    assert state.selection.attack_parameters == PgdParams()


def test_a_norm_that_the_attack_has_not_is_greyed_and_says_why(page, state):
    norms = choice(page, "Norm of the perturbation")
    state.select(attack_parameters=FgsmParams())
    enabled = {button.text(): button.isEnabled() for button in norms.buttons()}
    assert enabled == {"L∞": True, "L2": False, "L1": False}
    assert "has no L2: L∞ only" in norms.buttons()[1].toolTip()
    press(norms, "L2")
    assert state.selection.attack_parameters == FgsmParams()


def test_the_unit_is_that_of_axis_handle_and_captions_alike(page, state):
    attacked(state)
    plot, caption = page.findChild(EpsilonPlot), pane(page, "Perturbation")._caption[0][0]
    assert plot.value_text() == "4 / 255" and caption.startswith("± 4 / 255")
    press(choice(page, "Unit of epsilon"), "[0, 1]")
    assert state.display.epsilon_unit == "one"
    assert plot.value_text() == "0.0157" and plot._axis_title == "epsilon (L∞)"
    assert pane(page, "Perturbation")._caption[0][0].startswith("± 0.0157")
    asked, found = state.finding("attack").request, state.finding("attack").value
    found = dataclasses.replace(found, norm="l2", epsilon=0.5)
    state.found("attack", Finding().finished(asked, found))
    assert pane(page, "Perturbation")._caption[0][0] == "L2 0.0270 ·"
    plot.moved.emit(0.01)
    assert state.selection.attack_parameters == BallParams(epsilon=2.55)


def test_l2_has_one_unit(page, state, norms):
    press(norms, "L2")
    unit = choice(page, "Unit of epsilon")
    assert not unit.isEnabled() and unit.value() == "one"
    assert "L2 is always written in units of [0, 1]" in unit.toolTip()
    assert state.display.epsilon_unit == "255ths", "as it was, for L∞"


def pane(page, title):
    return next(p for p in page.findChildren(ImagePane) if p.accessibleName().startswith(title))


def adversarial(page):
    return page._views.box._adversarial.pane


def blink(page):
    return page.findChild(BlinkButton)


def test_blinking_shows_the_clean_picture_in_the_same_place(page, state):
    result = attacked(state)
    theme.set_reduced_motion(False)
    before = adversarial(page).image()
    QTest.mouseClick(blink(page), Qt.MouseButton.LeftButton)
    assert state.display.blinking and blink(page)._timer.isActive()
    assert adversarial(page)._title == "Clean"
    assert (adversarial(page).image()[..., :3] == as_bytes(result.clean_image)).all()
    blink(page)._on_tick()
    assert adversarial(page)._title == "Adversarial" and adversarial(page).surface.edge
    assert (adversarial(page).image() == before).all()
    QTest.mouseClick(blink(page), Qt.MouseButton.LeftButton)
    assert not state.display.blinking and not blink(page)._timer.isActive()


@pytest.mark.parametrize("change", ["slider", "page"])
def test_blinking_stops_when_something_changes(page, state, change):
    attacked(state)
    theme.set_reduced_motion(False)
    state.show(blinking=True)
    assert blink(page)._timer.isActive()
    if change == "slider":
        page.findChild(EpsilonPlot).moved.emit(2.0)
    else:
        page.hide()
    assert not state.display.blinking and not blink(page)._timer.isActive()
    assert adversarial(page)._title == "Adversarial"


def test_another_result_is_seen_before_its_clean_picture(page, state):
    attacked(state)
    theme.set_reduced_motion(False)
    state.show(blinking=True)
    assert adversarial(page)._title == "Clean"
    attacked(state)
    assert adversarial(page)._title == "Adversarial" and blink(page)._timer.isActive()
    assert state.display.blinking, "no result changes what the user chose"


def test_the_sweep_and_the_look_of_things_leave_the_blinking_alone(page, state):
    result = attacked(state)
    theme.set_reduced_motion(False)
    state.show(blinking=True)
    sweep = sweep_request(state.selection, wanted_attack(state))
    point = SweepPoint(
        epsilon=0.0, success=False, label_probability=0.8, target_probability=0.2, result=result
    )
    begun = Finding(asked=sweep)
    state.found("sweep", begun.partial(sweep, SweepResult(points=(point,), expected=33, maximum=4)))
    state.show(amplification=64)
    assert state.display.blinking and blink(page)._timer.isActive()
    assert adversarial(page)._title == "Clean"


def test_with_reduced_motion_the_clean_picture_stays_while_the_button_is_held(page, state):
    attacked(state)
    QTest.mousePress(blink(page), Qt.MouseButton.LeftButton)
    assert adversarial(page)._title == "Clean" and not blink(page)._timer.isActive()
    QTest.mouseRelease(blink(page), Qt.MouseButton.LeftButton)
    assert adversarial(page)._title == "Adversarial" and not state.display.blinking
    assert not blink(page).isChecked()


def test_nothing_blinks_before_there_is_an_attack(page, state):
    assert not blink(page).isVisible()
    attacked(state)
    assert blink(page).isVisible()


def test_the_amplification_is_automatic_or_chosen(qtbot, page, state):
    display = AttackDisplay(state)
    qtbot.addWidget(display)
    attacked(state)
    assert pane(page, "Perturbation")._caption[-1][0] == f"× {amplification_of(state)}"
    assert display.factor.itemText(0) == f"Automatic, × {amplification_of(state)}"
    place = display.factor.findText("× 64")
    display.factor.activated.emit(place)
    assert state.display.amplification == 64 and display.factor.currentIndex() == place
    assert pane(page, "Perturbation")._caption[-1][0] == "× 64"


def test_a_long_factor_is_whole_in_its_box(qtbot, page, state):
    """``Automatic, × 65536`` ended in half a letter."""
    display = AttackDisplay(state)
    qtbot.addWidget(display)
    display.resize(theme.RIGHT_DOCK, 80)
    display.show()
    result = attacked(state)
    tiny = result.clean_image + np.float32(7e-6)
    found = dataclasses.replace(result, adversarial_image=tiny)
    state.found("attack", Finding().finished(state.finding("attack").request, found))
    assert display.factor.currentText() == "Automatic, × 65\N{THIN SPACE}536"
    assert pane(page, "Perturbation")._caption[-1][0] == "× 65\N{THIN SPACE}536"
    seen = []
    for width in range(theme.RIGHT_DOCK + 40, 180, -2):
        display.resize(width, 80)
        said = display.factor.shown_text()
        seen += [said] if said not in seen else []
    factor = "× 65\N{THIN SPACE}536"
    assert seen[:3] == [f"Automatic, {factor}", f"Auto, {factor}", factor]


def amplification_of(state):
    return attack_view.amplification(state.finding("attack").value)


def test_the_numbers_say_how_close_the_pictures_are(page, state):
    attacked(state)
    rows = {row[0]: row[1:] for row in attack_numbers.rows(state)}
    assert rows["L∞"][0] == "4 / 255" and rows["SSIM"][0] == "0.99987"
    assert rows["PSNR"][0] == "60.2 dB" and rows["Changed pixels"][0] == "0.1 %"
    assert rows["Changed pixels"][1].endswith(" 1 of 1 024 pixels.".replace(" 024", "\u2009024"))
    assert rows["Cost"][0] == "11 forward, 10 backward" and rows["Time"][0] == "0.20 s"
    assert all(row[2] for row in attack_numbers.rows(state)), "each says what it is"
    state.show(attack_view="race")
    assert attack_numbers.rows(state) == [], "a race has numbers of its own"


def test_a_running_attack_has_no_time_and_no_likeness_yet(page, state):
    attacked(state, ended=False)
    rows = {row[0]: row[1] for row in attack_numbers.rows(state)}
    assert (rows["Time"], rows["SSIM"], rows["Changed pixels"]) == ("–", "–", "–")
    assert rows["L∞"] == "4 / 255"


def test_the_verdict_of_a_running_attack_is_not_the_last_word(page, state):
    maps = page.findChild(MapsCard)
    result = attacked(state, ended=False)
    running = dataclasses.replace(state.finding("attack"), asked=wanted_attack(state))
    state.found("attack", running)
    assert maps._verdict.text() == "Running: dog so far" and told(maps) == ("text3", "info")
    running = running.advanced(Advance(3, 10, None))
    state.found("attack", running)
    assert maps._verdict.text() == "Step 3 of 10: dog so far" and told(maps) == ("text3", "info")
    said = maps._detail.text()
    assert said.replace("\N{NO-BREAK SPACE}", " ") == "cat 80.0 % before, dog 90.0 % so far"
    assert said.split(" ")[1].endswith("far"), "a line ends after the comma"
    holds = dataclasses.replace(result, success=False, adversarial=result.clean)
    state.found("attack", running.partial(running.request, holds))
    assert maps._verdict.text() == "Step 3 of 10: still cat"
    towards = dataclasses.replace(holds, target=Score(1, "dog", 0.2, 0.0))
    state.found("attack", running.partial(running.request, towards))
    assert maps._verdict.text() == "Step 3 of 10: cat, not yet dog"
    state.found("attack", running.stopped())
    assert maps._verdict.text() == "Stopped at step 3 of 10: dog so far"
    attacked(state)
    assert maps._verdict.text() == "Flipped to dog at 4 / 255"
    assert told(maps) == ("text1", "check-circle")


def test_an_attack_that_gave_nothing_before_it_was_stopped_has_no_verdict(page, state):
    maps = page.findChild(MapsCard)
    attacked(state)
    former = state.finding("attack")
    other = dataclasses.replace(BallParams(), epsilon=8.0)
    state.select(attack_parameters=other)
    asked = wanted_attack(state)
    state.found("attack", former.waiting(asked))
    state.found("attack", former.waiting(asked).stopped())
    assert maps._verdict.text() == "Stopped; shown is what is known, of the attack before"
    assert told(maps) == ("text3", "info")


def test_bars_of_an_attack_that_was_stopped_are_no_result(qtbot, page, state):
    predictions = PredictionPanel(state)
    qtbot.addWidget(predictions)
    word = predictions._legend._words["adversarial"]
    attacked(state, ended=False)
    asked = dataclasses.replace(state.finding("attack"), asked=wanted_attack(state))
    state.found("attack", asked)
    assert word.text() == "adversarial" and not predictions._bars.bars[0]._stale
    state.found("attack", asked.stopped())
    assert word.text() == "so far" and predictions._bars.bars[0]._stale
    attacked(state)
    assert word.text() == "adversarial" and not predictions._bars.bars[0]._stale
    state.show(attack_view="steps")
    assert word.text() == "returned"


def test_it_says_why_an_attack_cannot_be_saved(page, state):
    assert unsaved.why(state) == "There is nothing to save yet."
    attacked(state, ended=False)
    running = dataclasses.replace(state.finding("attack"), asked=wanted_attack(state))
    state.found("attack", running)
    assert page.export() is None
    assert unsaved.why(state) == "The attack is not at its end yet: save it then."
    state.found("attack", running.stopped())
    assert page.export() is None
    assert unsaved.why(state) == "The attack was stopped before its end: continue it first."


def test_the_numbers_of_another_place_on_the_axis_are_dimmed(qtbot, page, state):
    parameters = ParameterPanel(state)
    predictions = PredictionPanel(state)
    for panel in (parameters, predictions):
        qtbot.addWidget(panel)
    result = attacked(state)
    sweep = plan.plan(state.selection, state.shared.facts, winner=0)["sweep"]
    point = SweepPoint(
        epsilon=4.0, success=True, label_probability=0.2, target_probability=0.8, result=result
    )
    found = SweepResult(points=(point,), expected=33, maximum=4.0)
    state.found("sweep", Finding("done", sweep, found))
    assert tones(parameters) == {"text1"}
    page.findChild(EpsilonPlot).moved.emit(3.0)
    shown = prediction_view.attack_on_screen(state)
    assert shown.near and shown.result is result
    assert tones(parameters) == {"text3"}
    page.findChild(EpsilonPlot).moved.emit(4.0)
    assert tones(parameters) == {"text1"}


def test_the_map_of_another_place_on_the_axis_is_dimmed(page, state):
    attacked(state)
    request = Heatmap(
        model=state.selection.model, image=state.selection.image, method="grad-cam",
        parameters=BallParams(), attack=wanted_attack(state),
    )  # fmt: skip
    side = page.findChild(MapsCard)._picture.shape[0]
    values = np.linspace(0, 1, side * side, dtype=np.float32).reshape(side, side)
    result = HeatmapResult(
        method="grad-cam", layer="head", target=Score(1, "loupe", 0.5, 1.0), map=values,
        coarse=values, signed=False, likeness=0.88,
    )  # fmt: skip
    state.found("heatmap-attacked", Finding().finished(request, result))
    maps = page.findChild(MapsCard)
    caption, shown = maps.caption, maps._adversarial.pane
    assert caption.isEnabled() and caption.text() == "rank correlation 0.88"
    assert shown.state() == "done" and shown._title == "loupe"
    page.findChild(EpsilonPlot).moved.emit(3.0)
    assert not caption.isEnabled()
    assert shown.state() == "stale" and shown._title == "adversarial"
    under = maps._picture
    attacked(state)
    assert maps._picture is under  # the map stays on the picture that it is of
    passed = dataclasses.replace(request.attack, parameters=BallParams(epsilon=2.0))
    of_another = dataclasses.replace(request, attack=passed)
    state.found("heatmap-attacked", Finding().finished(of_another, result))
    assert maps._picture is not under and shown.state() == "stale"
    state.found("heatmap-attacked", Finding().finished(request, result))
    page.findChild(EpsilonPlot).moved.emit(4.0)
    attacked(state)
    assert caption.isEnabled() and shown._title == "loupe"


def test_the_curve_has_the_exact_result_where_the_slider_stands(page, state):
    result = attacked(state)
    state.found("attack", Finding())
    request = sweep_request(state.selection, wanted_attack(state))
    label, target, _ = result.chances
    points = tuple(
        SweepPoint(
            epsilon=epsilon,
            success=True,
            label_probability=0.5,
            target_probability=0.3,
            result=result,
        )
        for epsilon in (0.0, state.selection.sweep_maximum)
    )
    found = SweepResult(points=points, expected=33, maximum=state.selection.sweep_maximum)
    state.found("sweep", Finding().finished(request, found))
    state.select(attack_parameters=BallParams(epsilon=2.5))
    plot = page.findChild(EpsilonPlot)
    assert plot.here() == pytest.approx({"cat": 0.5, "strongest other": 0.3, "all others": 0.2})
    for ended, there in ((False, (0.5, 0.3, 0.2)), (True, (label, target, 0.0))):
        attacked(state, ended=ended)
        assert plot.here() == pytest.approx(
            dict(zip(("cat", "strongest other", "all others"), there, strict=True))
        )
    plot.moved.emit(2.6)
    assert plot.here()["cat"] == pytest.approx(0.5)


def test_what_another_attack_found_is_dimmed_and_has_no_check(qtbot, page, state):
    predictions = PredictionPanel(state)
    qtbot.addWidget(predictions)
    attacked(state)
    maps = page.findChild(MapsCard)
    assert maps._verdict.text() == "Flipped to dog at 4 / 255"
    assert told(maps) == ("text1", "check-circle")
    assert not predictions._bars.bars[0]._stale
    state.select(attack_method="fgsm", attack_parameters=FgsmParams(epsilon=1.0))
    assert prediction_view.attack_on_screen(state).doubtful
    assert told(maps) == ("text3", "info")
    assert predictions._bars.bars[0]._stale
    state.select(attack_method="pgd", attack_parameters=BallParams())
    assert told(maps) == ("text1", "check-circle")


def told(maps):
    return maps._verdict.property("tone"), maps._mark._icon


def tones(panel):
    return {value.property("tone") for _, value in panel._numbers._pairs if not value.isHidden()}


@pytest.mark.parametrize(("name", "curves"), [
    ("tiger", ["cat", "tiger", "strongest other"]),
    ("cat", ["cat (0)", "cat (2)", "strongest other"]),
])  # fmt: skip
def test_with_a_target_the_third_curve_is_the_strongest_other(page, state, name, curves):
    result = attacked(state)
    scores = (Score(0, "cat", 0.5, 1.0), Score(1, "dog", 0.2, 0.0), Score(2, name, 0.1, 0.0))
    aimed = dataclasses.replace(result, target=scores[2], clean=scores, adversarial=scores)
    state.select(target=2)
    asked = sweep_request(state.selection, wanted_attack(state))
    point = SweepPoint(epsilon=0.0, success=True, label_probability=0.5, target_probability=0.1,
                       result=aimed, other_probability=0.2)  # fmt: skip
    found = SweepResult(points=(point,), expected=33, maximum=4.0, first_flip=0.0)
    state.found("sweep", Finding(asked=asked).partial(asked, found))
    plot = page.findChild(EpsilonPlot)
    assert list(plot._curves.values) == curves
    assert [values[0] for values in plot._curves.values.values()] == [0.5, 0.1, 0.2]
    assert "target first reached" in plot.accessibleDescription()


def test_the_picture_is_rounded_only_when_it_is_saved(page, state, monkeypatch):
    attacked(state)
    rounded = []
    in_levels = files.in_levels
    monkeypatch.setattr(files, "in_levels", lambda *given: rounded.append(1) or in_levels(*given))
    given = page.export()
    assert not rounded, "under the hand nothing is computed"
    picture = given.picture
    assert picture[4, 4, 0] > picture[0, 0, 0] and rounded == [1]


def test_a_sweep_is_an_animation_once_all_of_it_is_there(page, state):
    clean = np.full((3, 4, 4), 128 / 255, np.float32)
    scores = (Score(0, "cat", 0.6, 1.0), Score(1, "dog", 0.4, 0.0))

    def point(epsilon):
        found = AttackResult(
            method="pgd", epsilon=epsilon, norm="linf", target=None, clean=scores,
            adversarial=scores, clean_image=clean, success=False, forwards=1, backwards=1,
            adversarial_image=clean + np.float32(epsilon / 255), norms=Norms(0.0, 0.0, 0.0),
        )  # fmt: skip
        return SweepPoint(epsilon=epsilon, success=False, label_probability=0.6,
                          target_probability=0.4, result=found)  # fmt: skip

    state.select(attack_started=True)
    asked = sweep_request(state.selection, wanted_attack(state))
    result = SweepResult(points=(point(4.0), point(0.0), point(2.0)), expected=3, maximum=4.0)
    state.found("sweep", Finding(asked=asked).partial(asked, result))
    assert attack_view.sweep_film(state) is None
    state.found("sweep", Finding(asked=asked).finished(asked, result))
    given = page.export()
    assert [int(shot()[0, 0, 0]) for shot in given.film.shots] == [128, 130, 132]
    state.select(target=1)
    assert attack_view.sweep_film(state) is None


def test_the_button_to_go_on_says_less_where_the_row_is_full(page, state, qapp):
    state.select(attack_started=True)
    page.resize(704, 500)
    qapp.processEvents()
    asked = prediction_view.wanted_attack(state)
    state.found("attack", Finding().waiting(asked).stopped())
    qapp.processEvents()
    assert page._start.isVisible() and page._start.text() == "Again"
    page.resize(1600, 500)
    qapp.processEvents()
    assert page._start.text() == "Attack again"


def test_the_page_fits_between_the_docks_of_a_small_screen(page, state):
    """Else a bar to scroll by stands below the plots: 1280 pixels less docks and frames."""
    for view in VIEWS:
        state.show(attack_view=view)
        assert page.minimumSizeHint().width() <= 702, view
