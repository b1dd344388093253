"""The page of made pictures, its form and its sheet."""

import dataclasses
import gc
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

from cnnviz_gui.core.feature_results import FeaturePictures, SheetOfFeatures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.features import form as form_module
from cnnviz_gui.panels.features.form import FeatureForm
from cnnviz_gui.panels.features.page import FeaturePage
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.finding import Advance, Finding, Problem


@pytest.fixture
def page(state, qtbot):
    state.select(stage="features", channel=1)
    made = FeaturePage(state)
    qtbot.addWidget(made)
    made.resize(700, 520)
    made.show()
    return made


@pytest.fixture
def form(state, qtbot):
    state.select(stage="features", channel=1)
    made = FeatureForm(state)
    qtbot.addWidget(made)
    made.resize(296, 900)
    made.show()
    return made


def pictures(done, count=1, opacity=None, steps=96, pace=0.0):
    shades = np.linspace(0, 1, 16 * 16 * 3 * count, dtype=np.float32).reshape(count, 16, 16, 3)
    shown = shades if opacity is None else np.concatenate((shades, opacity[..., None]), axis=3)
    return FeaturePictures(
        pictures=shades,
        shown=np.rint(shown * 255).astype(np.uint8),
        opacity=opacity,
        curve=np.arange(done, dtype=np.float32),
        steps=steps,
        of="channel 1 of stem",
        film=np.zeros((3 if done == 96 else 0, 8, 8, 3), np.uint8),
        pace=pace,
    )


def made_so_far(state, done, status="partial", **other):
    request = feature_view.wanted(state)
    result = pictures(done, request.pictures, **other)
    state.select(feature_started=True)
    advance = Advance(done, 96, 3.0)
    state.found("feature", Finding(status, request, result, None, advance, request))
    return request


def press(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_nothing_happens_before_start(page, state, qtbot):
    empty = page.picture.empty
    assert empty.isVisible() and not page.picture.grid.isVisible()
    assert empty.sentence.text().startswith("A picture sharpens here")
    assert page.start.isVisible()
    assert not any(b.isVisible() for b in (page.pause, page.anew, page.more))
    press(qtbot, page.start)
    assert state.selection.feature_started


def test_what_is_empty_has_the_button_that_starts_it(page, state, qtbot):
    press(qtbot, page.picture.empty.action)
    assert state.selection.feature_started
    made_so_far(state, 40)
    assert page.picture.grid.isVisible() and not page.picture.empty.isVisible()
    state.show(feature_view="sheet")
    press(qtbot, page.sheet.empty.action)
    assert state.selection.sheet_started


def test_it_sharpens_pauses_and_goes_on(page, state, qtbot):
    made_so_far(state, 40)
    pane = page.picture.grid.panes()[0]
    assert pane.state() == "done"
    assert pane.image().shape == (16, 16, 4)
    assert page.pause.isVisible()
    assert not page.start.isVisible()
    assert "3 s left" in page._said.text()
    press(qtbot, page.pause)
    assert not state.selection.feature_started
    state.found("feature", state.finding("feature").waiting())
    assert page._said.text() == "stopped at 40 of 96"
    assert pane.state() == "done", "what is there is not old"
    assert page.start.text() == "Continue"
    press(qtbot, page.start)
    assert state.selection.feature_started
    made_so_far(state, 96, "done")
    assert not page.start.isVisible()
    press(qtbot, page.more)
    assert state.selection.feature_parameters.steps == 192
    press(qtbot, page.anew)
    assert state.selection.feature_parameters.seed == 1


@pytest.mark.parametrize(("steps", "offered"), [(4090, "6 steps"), (4095, "1 step"), (4096, "")])
def test_as_many_steps_are_offered_as_there_can_be_more(page, state, steps, offered):
    change(state, steps=steps)
    made_so_far(state, steps, "done", steps=steps)
    assert (page.more.text() if page.more.isVisible() else "") == offered
    assert not offered or page.more.accessibleName() == offered.replace(" ", " more ")


def test_a_finished_picture_waits_for_what_is_changed(page, state, qtbot):
    made_so_far(state, 96, "done")
    change(state, steps=192)
    assert (page.start.text(), page._said.text()) == ("Continue", "stopped at 96 of 192")
    change(state, rate=0.2)
    assert (page.start.text(), page._said.text()) == ("Continue", "goes on from step 96")
    assert not page.pause.isVisible() and not page.more.isVisible()
    press(qtbot, page.start)
    assert feature_view.wanted(state).begin.parameters.steps == 96
    change(state, size=320)
    assert (page.start.text(), page._said.text()) == ("Start", "time not known yet")


def test_what_was_stopped_by_escape_is_asked_again(page, state, qtbot):
    request = made_so_far(state, 40)
    state.found("feature", Finding("stopped", request, pictures(40), asked=request))
    with qtbot.waitSignal(page.again) as heard:
        press(qtbot, page.start)
    assert heard.args == ["feature"]


def test_several_pictures_stand_side_by_side_with_those_of_the_second(page, state, network):
    state.select(feature_aim="differ", feature_pictures=4)
    made_so_far(state, 3)
    panes = page.picture.grid.panes()
    assert len(panes) == 4
    assert len({pane.width() for pane in panes}) == 1
    state.select(feature_aim="excite")
    state.use_second(ModelRef(name="other"), network)
    made_so_far(state, 3)
    assert len(page.picture.grid.panes()) == 2
    seconds = feature_view.wanted(state, "feature-second")
    assert seconds.model == ModelRef(name="other")


def test_panes_that_are_not_shown_keep_no_result_alive(page, state, network):
    state.use_second(ModelRef(name="other"), network)
    second = feature_view.wanted(state, "feature-second")
    state.found("feature-second", Finding().finished(second, pictures(96)))
    held = [weakref.ref(state.finding("feature-second").value)]
    state.use_second(None, None)
    state.found("feature-second", Finding())
    for count in (4, 3, 2):
        state.select(feature_aim="differ", feature_pictures=count)
        made_so_far(state, 3)
        held.append(weakref.ref(state.finding("feature").value))
    state.select(feature_aim="excite")
    made_so_far(state, 3)
    gc.collect()
    assert [one() for one in held] == [None] * 4


def test_two_networks_pause_and_go_on_until_both_are_done(page, state, network, qtbot):
    state.use_second(ModelRef(name="other"), dataclasses.replace(network, trained=False))
    made_so_far(state, 96, "done")
    second = feature_view.wanted(state, "feature-second")
    advance = Advance(20, 96, 7.0)
    result = Finding("partial", second, pictures(20), None, advance, second)
    state.found("feature-second", result)
    assert page.pause.isVisible() and not page.more.isVisible()
    assert page._said.text() == "7 s left"
    titles = [pane._title for pane in page.picture.grid.panes()]
    assert titles == ["net (here)", "net, here"], "each with its weights: the titles are equal"
    press(qtbot, page.pause)
    state.found("feature-second", state.finding("feature-second").waiting())
    assert (page.start.text(), page._said.text()) == ("Continue", "stopped at 20 of 96")
    state.found("feature-second", Finding().finished(second, pictures(96)))
    assert page.more.isVisible() and not page.start.isVisible()


def test_the_second_network_asks_for_the_button_there_is(page, state, network):
    made_so_far(state, 96, "done")
    state.select(feature_started=False)
    state.use_second(ModelRef(name="other"), network)
    second = page.picture.grid.panes()[1]
    assert page.start.text() == "Continue"
    assert second._message.sentence.text().startswith("Continue makes the picture")


def test_a_channel_that_does_not_react_is_told_with_advice(page, state, qtbot):
    state.select(feature_started=True)
    request = feature_view.wanted(state)
    problem = Problem("Channel 1 of stem does not react.", "Choose another channel.")
    state.found("feature", Finding().waiting(request).failed(problem))
    assert page._failure.isVisible()
    assert page._failure.advice.text() == "Choose another channel."
    assert page.picture.grid.panes()[0].state() == "failed"
    with qtbot.waitSignal(page.again):
        press(qtbot, page._failure.remedy)


def test_where_one_network_failed_the_other_can_be_paused(page, state, network, qtbot):
    state.use_second(ModelRef(name="other"), network)
    state.select(feature_started=True)
    request, second = feature_view.wanted(state), feature_view.wanted(state, "feature-second")
    state.found("feature-second", Finding("partial", second, pictures(20), asked=second))
    problem = Problem("It does not react.", "Choose another channel.")
    state.found("feature", Finding().waiting(request).failed(problem))
    assert page._failure.isVisible() and page.pause.isVisible()
    press(qtbot, page.pause)
    assert not state.selection.feature_started


def test_what_is_given_away_can_be_made_again(page, state):
    assert page.export() is None
    made_so_far(state, 40)
    export = page.export()
    assert export.picture.shape == (16, 16, 3)
    assert export.array.dtype == np.float32
    assert export.request.parameters.steps == 40, "just as far as the picture is"
    assert export.film is None
    made_so_far(state, 96, "done")
    film = page.export().film
    assert [shot().shape for shot in film.shots] == [(8, 8, 3)] * 3
    assert film.said == "It is 8 pixels high, the picture itself 16."
    state.select(feature_parameters=FeatureParams(octaves=4))
    made_so_far(state, 40)
    assert page.export().request.parameters.steps == 40, "these octaves are not in use"
    state.select(feature_parameters=FeatureParams())
    made_so_far(state, 40, opacity=np.full((1, 16, 16), 0.5, np.float32))
    assert page.export().picture[0, 0, 3] == 128


def test_a_picture_that_is_half_grown_has_no_request_of_its_own(page, state):
    state.select(**feature_view.with_preset("deepdream"))
    made_so_far(state, 20, steps=40)
    assert "after all its steps" in page.export().unlike
    made_so_far(state, 40, "done", steps=40)
    assert page.export().unlike == ""
    assert page.export().request.parameters.steps == 40
    state.select(**feature_view.with_preset("fast"))
    made_so_far(state, 20)
    assert page.export().unlike == ""


def test_fewer_steps_can_be_paused_and_what_was_made_is_dimmed(page, state):
    made_so_far(state, 96, "done")
    assert page.more.isVisible()
    change(state, steps=48)
    assert page.start.isVisible() and not page.more.isVisible(), "nothing begins by itself"
    state.select(feature_started=True)
    state.found("feature", state.finding("feature").waiting(feature_view.wanted(state)))
    assert page.pause.isVisible() and not page.more.isVisible()
    assert page.picture.grid.panes()[0].state() == "stale"


def test_a_picture_of_another_photograph_is_told_to_be_one(page, form, state):
    state.select(feature_aim="imitate")
    made_so_far(state, 96, "done")
    pane, curve = page.picture.grid.panes()[0], page.picture.curve
    assert pane.state() == "done" and form.numbers.isVisible()
    state.select(image=ImageRef(path="other.png"), feature_started=False)
    assert [run[0] for run in pane._caption] == ["of another photograph"]
    assert (pane.state(), curve._stale) == ("done", False), "nobody makes another yet"
    assert not form.numbers.isVisible(), "they would stand there as those of what is chosen"
    state.select(feature_started=True)
    state.found("feature", state.finding("feature").waiting(feature_view.wanted(state)))
    assert (pane.state(), curve._stale) == ("stale", True)


def test_where_the_picture_grows_every_change_is_said_to_begin_anew(form):
    said = {spec.name: spec.help for spec in form.form._specs}
    assert "goes on" in said["steps"] and "goes on" in said["rate"] and "anew" in said["seed"]
    choose(form.preset, "deepdream")
    assert all("begins anew" in spec.help for spec in form.form._specs)


def test_the_sheet_fills_in_and_a_click_chooses(page, state, qtbot):
    state.show(feature_view="sheet")
    assert not page.anew.isVisible()
    press(qtbot, page.start)
    assert state.selection.sheet_started
    request = feature_view.wanted_sheet(state)
    sheet = SheetOfFeatures(
        layer="stem",
        channels=(0, 2),
        pictures=np.zeros((2, 8, 8, 3), np.uint8),
        activations=np.array([1.0, 4.0], np.float32),
        total=3,
    )
    state.found("feature-sheet", Finding("partial", request, sheet, asked=request))
    assert page.pause.isVisible()
    grid = page.sheet.grid
    lefts = lambda: [grid.tile_rect(channel).left() for channel in range(3)]  # noqa: E731
    assert lefts() == sorted(lefts()), "the one that is to come has its place"
    press(qtbot, page.sheet.order.buttons()[1])
    assert sorted(range(3), key=lefts().__getitem__) == [2, 0, 1]
    at = grid.tile_rect(2).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert state.selection.channel == 2
    qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert state.selection.stage == "layers"


def test_the_sheet_that_is_saved_names_each_channel_with_its_answer(page, state, monkeypatch):
    drawn = []
    monkeypatch.setattr("cnnviz_gui.core.tile_page.page", lambda *given: drawn.extend(given))
    state.show(feature_view="sheet", sheet_order="strength")
    assert page.export() is None, "nothing is there"
    state.select(sheet_started=True)
    request = feature_view.wanted_sheet(state)
    pictures = np.arange(3, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 8, 8, 3), np.uint8)
    sheet = SheetOfFeatures(
        layer="stem",
        channels=(0, 1, 2),
        pictures=pictures,
        activations=np.array([1.5, 0.0, 12.0], np.float32),
        total=3,
        silent=(1,),
        unbounded=True,
    )
    state.found("feature-sheet", Finding("done", request, sheet, asked=request))
    given = page.export()
    assert given.array is pictures and given.request == request and not drawn
    given.drawing.make()
    form, said, paint, head = drawn
    assert form == (8, 8)
    assert said == [("2", "12.0"), ("0", "1.5"), ("1", "does not react")]
    assert paint(2)[:, 0, 0, 0].tolist() == [2, 0]
    assert head.title.endswith("layer stem") and head.key is None
    assert head.told == ("3 · its answer below each, before ReLU6 caps it",)
    drawn.clear()
    part = dataclasses.replace(
        sheet, channels=(0,), pictures=pictures[:1], activations=sheet.activations[:1],
        silent=(), unbounded=False,
    )  # fmt: skip
    state.found("feature-sheet", Finding("partial", request, part, asked=request))
    page.export().drawing.make()
    assert drawn[3].told == ("1 of 3 · its answer below each",)


def test_answers_beyond_the_ceiling_of_the_layer_are_told_to_be(page, state):
    state.show(feature_view="sheet")
    request = feature_view.wanted_sheet(state)
    state.select(sheet_started=True)
    sheet = SheetOfFeatures(
        layer="stem",
        channels=(0, 1, 2),
        pictures=np.zeros((3, 8, 8, 3), np.uint8),
        activations=np.array([9.0, 4.0, 12.0], np.float32),
        total=3,
    )
    for unbounded in (False, True):
        told = dataclasses.replace(sheet, unbounded=unbounded)
        state.found("feature-sheet", Finding("ready", request, told, asked=request))
        assert ("before ReLU6 caps it" in page.sheet._readout((0, 0, 0, None))) is unbounded
        said = page.sheet._said(feature_view.shown_sheet(state), request)[0]
        assert ("before ReLU6 caps it" in said) is unbounded


def test_a_sheet_begins_with_the_places_of_all_pictures(page, state, qtbot):
    """Before the first is done; a plain ground, of which none is taken for a picture."""
    state.show(feature_view="sheet")
    request = feature_view.wanted_sheet(state)
    state.select(sheet_started=True)
    state.found("feature-sheet", Finding().waiting(request))
    grid = page.sheet.grid
    assert grid.isVisible()
    ground = theme.color("window").rgb()
    assert [middle(grid, channel) for channel in range(3)] == [ground] * 3
    assert page.sheet._readout((1, 0, 0, None)) == ("channel 1", "not made yet")
    state.select(sheet_started=False)
    state.found("feature-sheet", state.finding("feature-sheet").waiting())
    assert grid.isVisible() and page.start.text() == "Continue", "before the first picture too"
    assert page.sheet.head._caption.text() == "stopped at 0 of 3"
    state.select(sheet_started=True)
    shades = np.full((2, 8, 8, 3), 128, np.uint8)
    sheet = SheetOfFeatures(
        layer="stem",
        channels=(0, 2),
        pictures=shades,
        activations=np.array([0.0, 0.0], np.float32),
        total=3,
        silent=(0,),
    )
    state.found("feature-sheet", Finding("partial", request, sheet, asked=request))
    assert grid._instead == {0: "does not react", 1: ""}, "2 answers nothing, but has a picture"
    assert page.sheet._readout((0, 0, 0, None)) == ("channel 0", "does not react")
    assert page.sheet._readout((2, 0, 0, None))[:2] == ("channel 2", "answers 0")
    assert middle(grid, 1) == ground
    assert list(grid._captions) == ["", "", "0.00"]
    state.found("feature-sheet", Finding("stopped", request, sheet, asked=request))
    assert grid.tile_rect(1) is not None, "stopped, one sees what is missing"


def middle(grid, channel):
    """Return the colour in the upper part of a tile, where no word stands."""
    shot = grid.viewport().grab().toImage()
    rect = grid.tile_rect(channel)
    return shot.pixel(rect.center().x(), rect.top() + rect.height() // 8)


def test_a_layer_of_tokens_has_no_channel_to_choose(form, state, network):
    tokens = dataclasses.replace(network.layers[0], name="encoder", output_shape=(197, 768))
    layers = (*network.layers, tokens)
    subject = form.subject
    assert subject._of.text() == f"of {network.layers[0].output_shape[0]}"
    state.use_network(ModelRef(name="tokens"), dataclasses.replace(network, layers=layers))
    state.select(layer="encoder")
    assert subject._of.text() == "none" and not subject.channel.isEnabled()
    assert subject._of.toolTip().endswith("there are no channels to picture.")
    state.select(layer=network.layers[0].name)
    assert subject.channel.isEnabled() and subject._of.text() != "none"


def test_a_walk_says_how_far_along_each_picture_is(page, state):
    state.select(feature_aim="blend", feature_pictures=4)
    made_so_far(state, 3)
    titles = [pane._title for pane in page.picture.grid.panes()]
    assert titles[1:3] == ["33 % of the way", "67 % of the way"]
    assert titles[0] != titles[3]


def test_a_layer_is_written_as_the_network_writes_it(page, state):
    state.select(feature_target="layer")
    assert page.picture.grid.panes()[0]._title == "stem"
    state.select(feature_target="channel")
    assert page.picture.grid.panes()[0]._title == "Channel 1 of stem"


def test_the_form_shows_what_a_choice_needs(form, state):
    subject = form.subject
    assert subject.channel.isVisible()
    assert not subject.picker.isVisible()
    press_segment(subject.target, "class")
    assert state.selection.feature_target == "class"
    assert subject.picker.isVisible()
    press_segment(subject.target, "channel")
    choose(subject.aim, "joint")
    assert subject.second.isVisible()
    assert subject.weight.isVisible()
    assert not subject.pictures.isVisible()
    subject.second.chosen.emit(0)
    assert feature_view.wanted(state).units[1].channel == 0
    choose(subject.aim, "imitate")
    assert not subject.negative.isVisible(), "a photograph is not rebuilt less"
    assert not subject.channel.isVisible() and not subject.target.isVisible(), "nor of a channel"
    choose(subject.aim, "direction")
    assert not subject.channel.isVisible() and not subject._at.isVisible()
    press_segment(subject.target, "neuron")
    assert not subject.channel.isVisible()
    assert subject._at.isVisible() and subject._at.text() == "centre"
    state.select(cell=(1, 0))
    assert subject._at.text() == "1, 0"


def test_a_layer_without_maps_has_no_cell_to_choose(form, state, network):
    press_segment(form.subject.target, "neuron")
    assert form.subject._of.text() == "centre"
    vector = dataclasses.replace(network.layers[0], output_shape=(3,))
    state.use_network(ModelRef(name="flat"), dataclasses.replace(network, layers=(vector,)))
    state.select(feature_target="neuron", channel=1)
    assert feature_view.wanted(state).units[0].cell is None
    assert form.subject._of.text() == "no cells"
    assert "numbers and no maps" in form.subject._of.toolTip()


def test_a_unit_is_kept_as_the_second_while_another_is_chosen(form, state):
    choose(form.subject.aim, "blend")
    form.subject.keep.click()
    state.select(channel=2)
    first, second = feature_view.wanted(state).units
    assert (first.channel, second.channel) == (2, 1)


def test_a_preset_sets_everything_and_marks_what_is_changed_after(form, state):
    choose(form.preset, "sharp")
    assert state.selection.feature_parameters == preset("sharp").parameters
    assert not form.form.is_modified()
    form.form.edited.emit(preset("sharp").parameters.values() | {"steps": 300})
    assert state.selection.feature_parameters.steps == 300
    assert form.form.is_modified()
    form.form.reset()
    assert state.selection.feature_parameters == preset("sharp").parameters


def test_a_change_on_the_way_keeps_the_picture(form, page, state):
    made_so_far(state, 40)
    form.form.edited.emit(dataclasses.replace(FeatureParams(), rate=0.2).values())
    assert state.selection.feature_begin.parameters.steps == 40
    assert page.picture.grid.panes()[0].image() is not None


@pytest.mark.parametrize("which", ["page", "form"])
def test_every_control_has_a_name_and_a_tooltip(which, request):
    made = request.getfixturevalue(which)
    controls = [
        widget
        for widget in made.findChildren(QWidget)
        if widget.isVisible() and isinstance(widget, QAbstractButton | QComboBox)
    ]
    assert controls
    for control in controls:
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text
        told = control.toolTip() or control.parentWidget().toolTip()
        assert told, control.accessibleName()


def press_segment(segmented, value):
    segmented._segments[value].click()


def choose(box, value):
    place = box.findData(value)
    box.setCurrentIndex(place)
    box.activated.emit(place)


def test_a_small_picture_is_enlarged_without_steps_unless_pixels_are_wanted(page, state):
    made_so_far(state, 3)
    surface = page.picture.grid.panes()[0].surface
    assert surface._item.smooth
    assert surface._item.nearest_from > 1000
    page.pixels.click()
    assert not surface._item.smooth


def test_of_two_networks_each_says_what_is_pictured_of_it(page, state, network):
    other = dataclasses.replace(network, title="Other", labels=("a", "b"))
    state.use_second(ModelRef(name="other"), other)
    panes = page.picture.grid.panes()
    assert [pane._details for pane in panes] == ["channel 1 of stem"] * 2
    state.select(feature_target="class", target=1)
    assert "other classes" in page.picture.grid.panes()[1]._message.sentence.text()


def change(state, **changes):
    before = state.selection.feature_parameters
    parameters = dataclasses.replace(before, **changes)
    state.select(**feature_view.with_parameters(state, parameters))


def test_a_kept_picture_stays_at_the_left_and_says_what_differs(page, state, qtbot):
    assert page.keep.isVisible() and not page.keep.isEnabled()
    assert not page.back.isVisible()
    made_so_far(state, 40)
    press(qtbot, page.keep)
    kept, used = page.picture.grid.panes()
    assert page.keep.isChecked() and page.back.isVisible()
    assert kept.image() is not None
    assert kept.geometry().right() < used.geometry().left()
    assert [run[0] for run in kept._caption] == ["40 of 96", "39.0"]
    assert [run[0] for run in used._caption] == ["39.0"], "the curve tells of its steps"
    assert kept.size() == used.size()
    change(state, parameterisation="pixel")
    assert kept._details == "Fourier"
    assert used._details.startswith("Pixel")
    assert (kept.state(), used.state()) == ("done", "stale")
    state.select(channel=2)
    assert kept._details == "channel 1 of stem · Fourier"
    assert used.image() is None
    assert kept.image() is not None
    press(qtbot, page.keep)
    assert page.picture.grid.panes() == (used,)
    assert state.shared.kept_features is None
    assert used._details is None


def test_kept_pictures_make_a_block_of_their_own(page, state, qtbot):
    state.select(feature_aim="differ", feature_pictures=4)
    made_so_far(state, 40)
    press(qtbot, page.keep)
    panes = page.picture.grid.panes()
    assert len(panes) == 8
    assert len({pane.width() for pane in panes}) == 1
    assert max(p.geometry().right() for p in panes[:4]) < min(p.x() for p in panes[4:])
    assert "The same settings" in panes[0].toolTip()


def test_kept_and_new_share_zoom_where_that_is_wanted(page, state, qtbot):
    made_so_far(state, 40)
    press(qtbot, page.keep)
    kept, used = page.picture.grid.panes()
    used.surface.zoom_by(2.0)
    assert kept.surface.zoom == used.surface.zoom
    state.show(linked=False)
    used.surface.zoom_by(2.0)
    assert kept.surface.zoom != used.surface.zoom


def test_the_menu_of_a_kept_picture_leads_back(page, state, qtbot):
    made_so_far(state, 40)
    press(qtbot, page.keep)
    menu = page.picture.grid.panes()[0].menu()
    actions = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(page.back_wanted):
        actions["Take its settings back"].trigger()
    with qtbot.waitSignal(page.back_wanted):
        press(qtbot, page.back)
    actions["Keep it no longer"].trigger()
    assert state.shared.kept_features is None
    assert not page.keep.isChecked()


def test_both_curves_stand_in_one_box_where_they_can_be_compared(page, state, qtbot):
    made_so_far(state, 40)
    press(qtbot, page.keep)
    curve = page.picture.curve
    before = curve.grab().toImage()
    change(state, seed=4)
    state.found("feature", Finding())
    made_so_far(state, 20)
    assert len(curve._kept) == 40
    assert curve.grab().toImage() != before
    assert (curve._steps, curve._all) == (96, 96)
    made_so_far(state, 20, steps=24)
    assert (curve._steps, curve._all) == (24, 40), "all steps of both, and none of them to come"
    state.select(channel=2)
    assert not len(curve._kept)


def test_the_tools_fit_beside_the_docks_of_a_small_window_whatever_they_are(page, state, qtbot):
    widest = []
    tools = page.start.parentWidget()
    for tool in (page.keep, page.anew, page.pause, page.start):
        tool.installEventFilter(Widths(tools, widest, tool))
    made_so_far(state, 40)
    press(qtbot, page.keep)
    state.select(feature_started=False)
    state.found("feature", state.finding("feature").waiting())
    assert page.start.isVisible() and page.anew.isVisible()
    made_so_far(state, 96, "done")
    assert page.more.isVisible()
    state.found("feature", Finding())
    assert max(widest) <= 700, "what goes makes room before what comes"


class Widths(QObject):
    """Notes how wide a row must be whenever a tool of it is shown or hidden."""

    def __init__(self, row, widest, tool):
        super().__init__(tool)
        self.row, self.widest = row, widest

    def eventFilter(self, tool, event):
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self.widest.append(self.row.layout().minimumSize().width())
        return False


def test_the_curve_stands_where_it_leaves_the_pictures_most_room(page, state, qtbot):
    made_so_far(state, 40)
    grid, curve = page.picture.grid, page.picture.curve
    beside = curve.geometry()
    assert beside.left() > grid.geometry().right()
    press(qtbot, page.keep)
    kept, used = grid.panes()
    qtbot.waitUntil(lambda: curve.y() > grid.geometry().bottom())
    assert curve.geometry().bottom() < page.picture.height()
    assert used.width() > (beside.left() - 40) // 2, "as wide as both can be"
    assert kept.geometry().bottom() < grid.height()
    press(qtbot, page.keep)
    qtbot.waitUntil(lambda: curve.geometry() == beside)


def test_one_number_is_told_of_a_picture_with_the_name_it_has_everywhere(page, state):
    request = made_so_far(state, 40)
    curve, pane = page.picture.curve, page.picture.grid.panes()[0]
    assert curve.accessibleName() == "Answer"
    assert [run[0] for run in pane._caption] == ["40 of 96", "39.0"]
    assert curve.accessibleDescription() == "40 of 96 steps, 39.0"
    result = dataclasses.replace(pictures(96), answer=104.5)
    state.found("feature", Finding().finished(request, result))
    assert [run[0] for run in pane._caption] == ["104"], "nothing is left to count"
    assert curve.accessibleDescription() == "96 steps, 104", "not what the last views gave"
    assert form_module._numbers(state)[0] == ("Answer", "104")
    state.select(feature_aim="imitate")
    assert curve.accessibleName() == "Likeness"


def test_the_sheet_shows_nothing_that_is_kept(page, state, qtbot):
    made_so_far(state, 40)
    press(qtbot, page.keep)
    state.show(feature_view="sheet")
    assert not page.keep.isVisible() and not page.back.isVisible()
    state.show(feature_view="picture")
    assert len(page.picture.grid.panes()) == 2


def test_a_click_on_a_sheet_shows_the_channel_larger_and_where_it_leads(page, form, state, qtbot):
    state.show(feature_view="sheet")
    card = form.channel
    assert card.isVisible() and not form.subject.isVisible(), "a sheet has nothing to choose"
    assert not card.open.isVisible()
    asked = feature_view.wanted_sheet(state)
    small = np.full((2, 8, 8, 3), 90, np.uint8)
    small[1] = 200
    sheet = SheetOfFeatures(
        layer=asked.layer,
        channels=(0, 1),
        pictures=small,
        activations=np.array([3.0, 7.5], np.float32),
        total=len(asked.channels),
    )
    state.found("feature-sheet", Finding().waiting(asked).partial(asked, sheet))
    grid = page.sheet.grid
    spot = grid.tile_rect(0).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert state.selection.channel == 0 and state.selection.stage == "features"
    assert card.pane.isVisible() and card.pane._title == "Channel 0"
    assert card.pane.image()[0, 0, 0] == 90
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert card.pane.image()[0, 0, 0] == 200
    assert [run[0] for run in card.pane._caption] == ["answer", "7.50"]
    assert page.sheet._readout((1, 0, 0, None))[-1] == "double click opens it"
    press(qtbot, card.make)
    assert state.display.feature_view == "picture" and state.selection.feature_started
    assert not card.isVisible() and form.subject.isVisible()
    state.show(feature_view="sheet")
    press(qtbot, card.open)
    assert (state.selection.stage, state.selection.channel) == ("layers", 1)


def test_what_it_will_cost_is_told_beside_start(page, state):
    page.watch_memory(lambda: 700 << 20)
    assert (page._said.text(), page._warning.isVisible()) == ("", False)
    change(state, size=1024, views=32, steps=400)
    assert page._said.text() == "time not known yet"
    assert page._warning.isVisible() and "734 MB are free" in page._warning._text.text()
    made_so_far(state, 96, pace=0.5, steps=400)
    assert not page._warning.isVisible(), "it has begun"
    state.select(feature_started=False)
    state.found("feature", state.finding("feature").waiting())
    assert page._said.text() == "stopped at 96 of 400 · about 3 min to come"
    assert page.start.toolTip().endswith("(Ctrl+G): about 3 min")
    made_so_far(state, 400, "done", pace=0.5, steps=400)
    assert page.more.toolTip() == "Go on from here for 96 more steps: about 50 s"


def test_the_title_says_what_is_made_whatever_the_aim(page, state):
    pane = page.picture.grid.panes()[0]
    assert pane._title == "Channel 1 of stem"
    state.select(feature_negative=True)
    assert pane._title == "Less of channel 1 of stem" and page._name.text().startswith("less of")
    state.select(feature_negative=False, feature_aim="imitate")
    assert (pane._title, page._name.text()) == (
        "The photograph from stem",
        "the photograph from stem",
    )
    state.select(feature_aim="blend", feature_pictures=3)
    assert page._name.text() == "from channel 1 of stem to channel 2 of stem"
    titles = [one._title for one in page.picture.grid.panes()]
    assert (titles[0], titles[-1]) == ("channel 1", "channel 2"), "the layer stands above"
    state.select(feature_aim="excite", feature_target="layer")
    assert pane._title == "stem", "as the network writes it"


@pytest.mark.parametrize("fall", [False, True])
def test_the_number_at_the_end_does_not_stand_on_the_curve(page, state, fall):
    request = made_so_far(state, 40)
    values = np.concatenate((np.full(60, 50.0), np.linspace(50, 20 if fall else 80, 36)))
    result = dataclasses.replace(pictures(96), curve=values.astype(np.float32), answer=values[-1])
    state.found("feature", Finding().finished(request, result))
    curve = page.picture.curve
    written = []
    text = painting.text

    def note(painter, rect, content, *rest):
        written.append((content, rect))
        return text(painter, rect, content, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painting, "text", note)
        curve.grab()
    spot = next(rect for content, rect in written if content == ("20.0" if fall else "80.0"))
    area, (low, high) = curve._area(), curve._ends()
    steps = np.arange(1, 97)
    x = area.left() + steps / 96 * area.width()
    y = area.bottom() - (values - low) / (high - low) * area.height()
    over = (x > spot.left()) & (x < spot.right())
    assert over.any()
    assert (y[over] < spot.top()).all() or (y[over] > spot.bottom()).all()
