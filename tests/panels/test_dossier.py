"""The dossier: what it shows of a channel, and what the hand does to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from cnnviz_gui.core.facts import LayerFacts, Score
from cnnviz_gui.core.feature_results import FeaturePictures, SheetOfFeatures
from cnnviz_gui.core.layer_requests import ChannelClasses, Contributions, FlippingSet, TopPatches
from cnnviz_gui.core.layer_results import (
    ChannelContributions,
    ChannelPatches,
    FlippingChannels,
    Patch,
    Push,
    PushedClasses,
)
from cnnviz_gui.core.request import ChannelEdit, InspectLayer, ModelRef, Predict
from cnnviz_gui.core.result import LayerMaps, Prediction
from cnnviz_gui.panels.layers.dossier import Dossier
from cnnviz_gui.panels.layers.dream_box import DreamBox
from cnnviz_gui.state import dossier_view, edits_view, feature_view
from cnnviz_gui.state.finding import Advance, Finding, Problem

LAYER = LayerFacts(
    "stem", "Conv2d", 0, "", (3, 2, 2), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
MAPS = np.array(
    [[[0, 0], [0, 0]], [[0, 2], [4, 6]], [[1, 1], [1, 1]]],
    np.float32,
)


@pytest.fixture
def layered(state, network):
    """A layer of three channels whose maps, contributions and prediction are known."""
    act = dataclasses.replace(LAYER, name="act", type="ReLU6", role="activation")
    facts = dataclasses.replace(network, layers=(LAYER, act))
    state.use_network(ModelRef(name="net"), facts)
    state.select(stage="layers", layer="act")
    chosen = state.selection
    request = InspectLayer(model=chosen.model, image=chosen.image, layer="act")
    result = LayerMaps(layer="act", maps=MAPS, filters=None, bias=None)
    state.found("layer", Finding().finished(request, result))
    value = ChannelContributions(
        layer="act", target=Score(0, "cat", 0.7, 2.0), values=np.array([0, -0.4, 2], np.float32)
    )
    asked = Contributions(model=chosen.model, image=chosen.image, layer="act")
    state.found("contributions", Finding().finished(asked, value))
    predict = Predict(model=chosen.model, image=chosen.image)
    scores = (Score(0, "cat", 0.7, 2.0), Score(1, "dog", 0.3, 1.0))
    seen = np.zeros((4, 4, 3), np.uint8)
    state.found("predict", Finding().finished(predict, Prediction(scores=scores, seen=seen)))
    return state


@pytest.fixture
def dossier(qtbot, layered) -> Iterator[Dossier]:
    made = Dossier(layered)
    qtbot.addWidget(made)
    made.resize(296, 1200)
    made.show()
    yield made


def rows(widget) -> dict[str, str]:
    return {row[0]: row[1] for row in widget._rows}


def test_without_a_choice_it_is_of_the_first_on_display(dossier, layered):
    assert dossier.head.title.text() == "act, 1"
    layered.select(channel=2)
    assert dossier.head.title.text() == "act, 2"


def test_at_the_output_the_class_is_named(qtbot, state, network):
    head = dataclasses.replace(LAYER, name="head", type="Linear", output_shape=(2,), role="linear")
    state.use_network(ModelRef(name="net"), dataclasses.replace(network, layers=(LAYER, head)))
    state.select(stage="layers", layer="head", channel=1)
    chosen = state.selection
    request = InspectLayer(model=chosen.model, image=chosen.image, layer="head")
    maps = np.array([1, 2], np.float32).reshape(2, 1, 1)
    result = LayerMaps(layer="head", maps=maps, filters=None, bias=None)
    state.found("layer", Finding().finished(request, result))
    made = Dossier(state)
    qtbot.addWidget(made)
    assert made.head.title.text() == "head, 1 dog"


def test_without_a_channel_there_is_nothing_to_silence(dossier, layered):
    parts = (dossier.silence, dossier.spread, dossier.pushes, dossier.patches, dossier.head.map)
    assert all(part.isVisible() for part in parts)
    layered.found("layer", Finding())
    assert not any(part.isVisible() for part in parts)
    assert dossier.head._empty.isVisible()
    layered.select(edits=(ChannelEdit(layer="act", channel=1),))
    assert dossier.silence.restore.isVisible()


def test_the_numbers_tell_a_channel_from_the_others(dossier, layered):
    assert rows(dossier.head.rows) == {
        "Strength": "3.00, rank 1",
        "Zeros": "25.0 %",
        "Contribution": "−0.400, rank 3",
    }
    assert rows(dossier.spread.rows) == {
        "Zeros, all channels": "41.7 %",
        "Dead for this image": "1 of 3",
        "Mean, largest": "1.33, 6.00",
        "At the ReLU6 ceiling": "8.3 %",
    }


def test_the_numbers_of_a_silenced_channel_are_said_to_be_from_before(dossier, layered):
    layered.select(edits=(ChannelEdit(layer="act", channel=1),))
    assert rows(dossier.head.rows)["Silenced"] == "numbers from before"
    layered.select(edits=(ChannelEdit(layer="act", channel=1, factor=1.5),))
    assert rows(dossier.head.rows)["Scaled, × 1.50"] == "numbers from before"
    layered.select(edits=(ChannelEdit(layer="act", channel=0),))
    assert len(rows(dossier.head.rows)) == 3


def test_after_a_rectifier_what_is_above_zero_is_spread(layered):
    found = dossier_view.distribution(layered.finding("layer").value, 1)
    assert (found.says, found.low, found.high) == ("values above zero", 0.0, 6.0)
    assert sum(found.shares) == pytest.approx(1)
    assert [place for place, share in enumerate(found.shares) if share] == [10, 20, 29]
    signed = LayerMaps(layer="act", maps=MAPS - 3, filters=None, bias=None)
    found = dossier_view.distribution(signed, 1)
    assert (found.says, found.low, found.high) == ("all values", -3.0, 3.0)


def test_the_kernel_is_the_largest_of_many(layered):
    weight = np.zeros((3, 5, 3, 3), np.float32)
    weight[1, 4] = 2
    request = layered.finding("layer").request
    result = LayerMaps(layer="act", maps=MAPS, filters=weight, bias=None)
    layered.found("layer", Finding().finished(request, result))
    pixels, said = dossier_view.kernel(dossier_view.dossier(layered))
    np.testing.assert_array_equal(pixels, weight[1, 4])
    assert said == "kernel 3 × 3, input 4 of 5"


def test_the_switch_silences_and_the_slider_scales(dossier, layered, qtbot):
    box = dossier.silence
    qtbot.mouseClick(box.switch, Qt.MouseButton.LeftButton)
    assert layered.selection.edits == (ChannelEdit(layer="act", channel=1),)
    assert layered.selection.channel == 1
    assert box.factor.value() == 0
    box.factor.setValue(150)
    assert layered.selection.edits == (ChannelEdit(layer="act", channel=1, factor=1.5),)
    assert not box.switch.isChecked()
    layered.select(channel=2)
    assert box.factor.value() == 100 and not box.switch.isChecked()
    assert len(layered.selection.edits) == 1
    layered.select(channel=1)
    box.factor.setValue(100)
    assert layered.selection.edits == ()


def test_the_keyboard_does_the_same(dossier, layered, qtbot):
    dossier.activateWindow()
    qtbot.keyClick(dossier.silence.switch, Qt.Key.Key_Space)
    assert layered.selection.edits == (ChannelEdit(layer="act", channel=1),)
    qtbot.keyClick(dossier.silence.factor, Qt.Key.Key_Right)
    assert layered.selection.edits[0].factor == 0.01


def test_each_edit_and_all_of_them_can_be_restored(dossier, layered, qtbot):
    edits = tuple(ChannelEdit(layer="stem", channel=channel) for channel in range(8))
    layered.select(edits=edits)
    box = dossier.silence
    shown = [row for row in box._rows if row.isVisible()]
    assert len(shown) == 6
    qtbot.mouseClick(shown[1]._restore, Qt.MouseButton.LeftButton)
    assert [edit.channel for edit in layered.selection.edits] == [0, 2, 3, 4, 5, 6, 7]
    qtbot.mouseClick(box.restore, Qt.MouseButton.LeftButton)
    assert layered.selection.edits == ()
    assert not any(row.isVisible() for row in box._rows)


def flipping(state, channels, *, found=True, done=True):
    scores = (Score(0, "cat", 0.7, 2.0), Score(1, "dog", 0.3, 1.0))
    value = FlippingChannels(
        layer="act", channels=channels, tried=12, before=scores, after=scores[::-1], found=found
    )
    chosen = state.selection
    request = FlippingSet(model=chosen.model, image=chosen.image, layer="act", edits=chosen.edits)
    finding = Finding().waiting(request)
    state.found(
        "flipping-set",
        finding.finished(request, value) if done else finding.partial(request, value),
    )


def test_a_set_is_sought_told_and_silenced(dossier, layered, qtbot):
    box = dossier.silence
    qtbot.mouseClick(box.find, Qt.MouseButton.LeftButton)
    assert layered.selection.flip_wanted
    layered.found("flipping-set", Finding().waiting())
    assert box.find.text() == "Stop" and box.said.text() == "Looking for the smallest set…"
    flipping(layered, (2, 1), done=False)
    assert box.said.text() == "2 channels (2, 1) silenced: cat becomes dog."
    assert not box.apply.isVisible()
    flipping(layered, (2, 1))
    assert box.said.text().endswith("None of them can be left out.")
    qtbot.mouseClick(box.apply, Qt.MouseButton.LeftButton)
    assert [(e.layer, e.channel, e.factor) for e in layered.selection.edits] == [
        ("act", 2, 0.0),
        ("act", 1, 0.0),
    ]
    assert not layered.selection.flip_wanted
    assert not box.apply.isVisible()
    assert box.said.text().endswith("None of them can be left out.")


def test_a_set_is_forgotten_with_the_edits_it_was_sought_with(dossier, layered):
    held = ChannelEdit(layer="stem", channel=1)
    layered.select(edits=(held,))
    flipping(layered, (2,))
    assert dossier.silence.said.text() == "Channel 2 silenced: cat becomes dog."
    more = ChannelEdit(layer="act", channel=0)
    for edits in ((), (held, more), (ChannelEdit(layer="act", channel=2),)):
        layered.select(edits=edits)
        assert not dossier.silence.said.isVisible()
        assert not dossier.silence.apply.isVisible()
    layered.select(edits=(held,))
    assert dossier.silence.apply.isVisible()


def test_one_channel_is_silenced_as_it_and_several_as_them(dossier, layered):
    flipping(layered, (2,))
    assert dossier.silence.apply.text() == "Silence it"
    flipping(layered, (2, 1))
    assert dossier.silence.apply.text() == "Silence them"


def test_a_layer_of_tokens_has_no_channels_to_seek(dossier, layered):
    tokens = dataclasses.replace(LAYER, name="tokens", output_shape=(5, 4), role="attention")
    facts = layered.shared.facts
    assert dossier.silence.find.isEnabled()
    layered.use_network(
        layered.selection.model, dataclasses.replace(facts, layers=(*facts.layers, tokens))
    )
    layered.select(layer="tokens")
    assert not dossier.silence.find.isEnabled()


def test_a_search_can_be_stopped(dossier, layered, qtbot):
    layered.select(flip_wanted=True)
    layered.found("flipping-set", Finding().waiting())
    qtbot.mouseClick(dossier.silence.find, Qt.MouseButton.LeftButton)
    assert not layered.selection.flip_wanted


def test_a_search_that_was_stopped_before_it_found_anything_goes_on(dossier, layered, qtbot):
    layered.select(flip_wanted=True)
    layered.found("flipping-set", Finding(asked=layered.finding("layer").request))
    assert dossier.silence.find.text() == "Continue"
    assert dossier.silence.said.text() == "Stopped."
    with qtbot.waitSignal(dossier.again) as again:
        qtbot.mouseClick(dossier.silence.find, Qt.MouseButton.LeftButton)
    assert again.args == ["flipping-set"] and layered.selection.flip_wanted


def test_that_there_is_no_set_is_said(dossier, layered):
    layered.select(flip_wanted=True)
    flipping(layered, (), found=False)
    said = dossier.silence.said.text()
    assert said.startswith("No set was found: 12 sets tried, none of them flips the label.")
    assert not dossier.silence.apply.isVisible()


def test_another_layer_or_picture_knows_nothing_of_the_set(dossier, layered):
    flipping(layered, (2,))
    assert dossier.silence.said.isVisible()
    layered.select(layer="stem")
    assert not dossier.silence.said.isVisible()


def pushed(state, channel=1, how="head"):
    chosen = state.selection
    request = ChannelClasses(model=chosen.model, image=chosen.image, layer="act", channel=channel)
    up, down = (Push(0, "cat", 0.5),), (Push(1, "dog", -1.5),)
    value = PushedClasses(layer="act", channel=channel, how=how, up=up, down=down)
    state.found("channel-classes", Finding().finished(request, value))


def test_the_classes_it_pushes_bear_their_signs(dossier, layered):
    pushed(layered)
    bars = dossier.pushes.bars
    assert bars.accessibleDescription() == "cat +0.500; dog −1.50"
    assert dossier.pushes._head.caption.text() == "weights of the head"
    pushed(layered, how="gradient")
    assert dossier.pushes._head.caption.text() == "gradient here"
    layered.found("channel-classes", Finding().failed(Problem("No gradient.", "Look elsewhere.")))
    assert dossier.pushes._said.text() == "No gradient. Look elsewhere."


def test_what_it_pushed_before_an_edit_is_shown_no_more(dossier, layered):
    pushed(layered)
    assert dossier_view.pushed(layered, dossier_view.dossier(layered)) is not None
    layered.select(edits=(ChannelEdit(layer="act", channel=0),))
    assert dossier_view.pushed(layered, dossier_view.dossier(layered)) is None


def test_classes_of_another_channel_are_not_taken_for_its_own(dossier, layered):
    pushed(layered, channel=2)
    assert dossier.pushes.bars.pushes() == ()
    assert dossier.pushes._said.text() == "Being computed."


def patches(state, count=5, *, looked_at=7, total=7, status="done"):
    pixels = np.full((3, 3, 3), 90, np.uint8)
    made = tuple(
        Patch(f"/pictures/{n}.png", 9.0 - n, 1, 0, (-1, 1, 2, 4), pixels) for n in range(count)
    )
    request = TopPatches(model=state.selection.model, layer="act", channel=1, folder="/pictures")
    value = ChannelPatches(layer="act", channel=1, patches=made, looked_at=looked_at, total=total)
    finding = Finding().waiting(request).advanced(Advance(looked_at, total, None))
    partial = finding.partial(request, value)
    found = {"done": finding.finished(request, value), "partial": partial}
    state.found("patches", found.get(status) or partial.stopped())


def test_a_folder_is_asked_for_first(dossier, layered, qtbot):
    with qtbot.waitSignal(dossier.folder_wanted):
        qtbot.mouseClick(dossier.patches.folder, Qt.MouseButton.LeftButton)
    assert "Choose a folder of pictures" in dossier.patches.said.text()
    assert not dossier.patches.grid.isVisible()


def test_patches_come_as_they_are_found_and_a_click_opens_the_picture(dossier, layered, qtbot):
    layered.select(layer_folder="/pictures", patches_of=("act", 1))
    patches(layered, 2, looked_at=3, status="partial")
    box = dossier.patches
    assert (box.grid.count(), box.said.text()) == (2, "3 of 7 pictures.")
    patches(layered)
    assert (box.grid.count(), box.said.text()) == (5, "The best of 7 pictures, one patch of each.")
    qtbot.waitUntil(lambda: box.grid.height() >= box.grid.heightForWidth(box.grid.width()))
    with qtbot.waitSignal(dossier.opened) as opened:
        qtbot.mouseClick(
            box.grid, Qt.MouseButton.LeftButton, pos=box.grid.tile_rect(4).center() + QPoint(1, 1)
        )
    assert opened.args[0].path == "/pictures/4.png"
    with qtbot.waitSignal(dossier.opened) as opened:
        qtbot.keyClick(box.grid, Qt.Key.Key_Up)
        qtbot.keyClick(box.grid, Qt.Key.Key_Return)
    assert opened.args[0].path == "/pictures/0.png"


def test_a_folder_is_looked_through_once_the_eye_rests_on_the_patches(dossier, layered, qtbot):
    box = dossier.patches
    box._rest.setInterval(50)
    dossier.hide()
    with qtbot.waitSignal(box._rest.timeout):
        layered.select(layer_folder="/pictures", channel=1)
    assert layered.selection.patches_of is None, "nobody sees the patches"
    dossier.show()
    qtbot.waitUntil(lambda: layered.selection.patches_of == ("act", 1))
    assert box._head.caption.text() == "also for statistics"
    box._rest.setInterval(300)
    for channel in (2, 0, 2):
        layered.select(channel=channel)
        QApplication.processEvents()
    assert layered.selection.patches_of == ("act", 1) and not box._busy.isVisible()
    qtbot.waitUntil(lambda: layered.selection.patches_of == ("act", 2))
    layered.select(channel=0)
    qtbot.mouseClick(box.go_on, Qt.MouseButton.LeftButton)
    assert layered.selection.patches_of == ("act", 0), "the button waits for nothing"


def test_a_scan_that_was_stopped_can_go_on(dossier, layered, qtbot):
    layered.select(layer_folder="/pictures", patches_of=("act", 1))
    patches(layered, 2, looked_at=3, status="stopped")
    assert dossier.patches.said.text() == "Stopped at 3 of 7."
    with qtbot.waitSignal(dossier.again) as again:
        qtbot.mouseClick(dossier.patches.go_on, Qt.MouseButton.LeftButton)
    assert again.args == ["patches"]


def test_a_scan_that_was_stopped_before_the_first_picture_can_go_on(dossier, layered):
    layered.select(layer_folder="/pictures", patches_of=("act", 1))
    layered.found("patches", Finding(asked=layered.finding("layer").request))
    assert dossier.patches.said.text() == "Stopped."
    assert dossier.patches.go_on.toolTip() == "Continue"


def test_nothing_is_drawn_on_another_stage(dossier, layered):
    layered.select(stage="heatmaps")
    layered.select(channel=2)
    assert dossier.head.title.text() == "act, 1"
    layered.select(stage="layers")
    assert dossier.head.title.text() == "act, 2"


def test_everything_has_a_name_and_a_tooltip(dossier, layered):
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider

    layered.select(edits=(ChannelEdit(layer="act", channel=0),), layer_folder="/pictures")
    flipping(layered, (2,))
    for control in (*dossier.findChildren(QAbstractButton), dossier.silence.factor):
        assert isinstance(control, QAbstractButton | QAbstractSlider)
        if control.isVisible():
            assert control.toolTip(), control
            assert control.accessibleName() or control.text(), control


def test_the_action_silences_the_channel_in_use_and_lets_it_speak_again(layered):
    layered.select(**edits_view.toggled(layered))
    assert layered.selection.edits == (ChannelEdit(layer="act", channel=1),)
    layered.select(**edits_view.toggled(layered))
    assert layered.selection.edits == ()
    layered.found("layer", Finding())
    layered.select(channel=None)
    assert edits_view.toggled(layered) == {}


def furnished(state) -> None:
    """Show whatever a dossier can show: a kernel, edits, a set, classes, a folder with patches."""
    weight = np.zeros((3, 960, 11, 11), np.float32)
    weight[1, 4] = 2
    request = state.finding("layer").request
    result = LayerMaps(layer="act", maps=MAPS, filters=weight, bias=None)
    state.found("layer", Finding().finished(request, result))
    state.select(
        edits=(ChannelEdit(layer="features.denseblock3.denselayer24.conv2", channel=1000),),
        layer_folder="/pictures/a folder with a rather long name, from the seaside",
    )
    pushed(state, how="gradient")
    patches(state, looked_at=3, status="stopped")
    state.select(flip_wanted=True)
    flipping(state, (2,))


@pytest.mark.parametrize("width", [256, 280, 296])
def test_nothing_reaches_beyond_a_narrow_dock(layered, qtbot, width):
    scroll = QScrollArea()
    qtbot.addWidget(scroll)
    dossier = Dossier(layered)
    scroll.setWidget(dossier)
    scroll.setWidgetResizable(True)
    scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    scroll.resize(width, 700)
    scroll.show()
    furnished(layered)
    room = scroll.viewport().width()
    qtbot.waitUntil(lambda: not cut(dossier, room))


def cut(dossier, room) -> list[str]:
    """Return what does not fit into the viewport or has less room than it needs."""
    shown = [part for part in dossier.findChildren(QWidget) if part.isVisibleTo(dossier)]
    return [
        f"{part}"
        for part in shown
        if part.mapTo(dossier, part.rect().topRight()).x() >= room
        or part.width() < min(part.minimumSizeHint().width(), part.maximumWidth())
    ]


def test_what_excites_the_channel_is_there_where_a_sheet_has_it(qtbot, state):
    state.select(stage="layers", channel=1)
    box = DreamBox(state)
    qtbot.addWidget(box)
    box.show()
    wanted = feature_view.wanted_sheet(state)
    request = dataclasses.replace(wanted, channels=(1,), kept_only=True)
    for answer, said in ((4.5, "The channel answers 4.50."), (0.0, "The channel does not react.")):
        sheet = SheetOfFeatures(
            layer=wanted.layer,
            channels=(1,),
            pictures=np.full((1, 8, 8, 3), 200, np.uint8),
            activations=np.array([answer], np.float32),
            total=1,
        )
        state.found("feature-kept", Finding("done", request, sheet, asked=request))
        assert box.said.text() == said
        middle = box.picture.grab().toImage().pixelColor(box.picture.rect().center())
        assert middle.red() == 200
    assert box.make.isVisible() and box.make.text() == "Make it finer"
    state.select(channel=2)
    assert "until you ask" in box.said.text() and box.make.text() == "Make it"


def test_what_excites_the_channel_is_made_when_it_is_asked_for(qtbot, state):
    state.select(stage="layers", channel=1)
    box = DreamBox(state)
    qtbot.addWidget(box)
    box.show()
    assert "until you ask" in box.said.text()
    qtbot.mouseClick(box.make, Qt.MouseButton.LeftButton)
    assert state.selection.dream_wanted
    request = feature_view.wanted_dream(state)
    assert request.units[0].channel == 1
    shade = np.full((1, 8, 8, 3), 0.5, np.float32)
    curve = np.ones(20, np.float32)
    made = FeaturePictures(
        pictures=shade,
        shown=np.full(shade.shape, 128, np.uint8),
        opacity=None,
        curve=curve,
        steps=64,
        of="",
        film=np.zeros((0, 1, 1, 3), "u1"),
    )
    state.found("feature", Finding("partial", request, made, asked=request))
    assert box.said.text() == "step 20 of 64"
    assert not box.make.isVisible()
    state.found("feature", Finding("stopped", request, made, asked=request))
    with qtbot.waitSignal(box.again):
        qtbot.mouseClick(box.make, Qt.MouseButton.LeftButton)
    state.select(channel=2)
    assert not state.selection.dream_wanted
    qtbot.mouseClick(box.open, Qt.MouseButton.LeftButton)
    assert (state.selection.stage, state.selection.channel) == ("features", 2)
    assert state.selection.feature_started
