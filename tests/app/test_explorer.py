"""The whole window with a stand-in for the computation: no torch, no network but its facts."""

import gc
import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMessageBox, QToolTip, QWidget

from cnnviz_gui import resources
from cnnviz_gui.app import incoming, log, pages, palette_commands, undoing
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.settings import SettingsFile
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import (
    Attack,
    ImageRef,
    ListNetworks,
    ModelRef,
    OpenImage,
    OpenModel,
    Predict,
    SaveAdversarial,
    Thumbnails,
)
from cnnviz_gui.core.result import (
    ListedNetworks,
    OpenedImage,
    OpenedModel,
    Prediction,
    ThumbnailSheet,
)
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.panels import save_dialog
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.state import applying, attack_folder_view, attack_plan
from cnnviz_gui.state.app_state import Notice, SaveAgain
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import EMBEDDED


def facts(name):
    layer = LayerFacts(
        "head", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip
    return ModelFacts(
        name, name, "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (layer,), "head", True,
    )  # fmt: skip


class Computer:
    """Opens every network and picture but a network named gone."""

    def __init__(self):
        self.models = []

    def start(self, say):
        return Kit(self.execute, None, Ready((), "CPU, 1 thread"))

    def execute(self, request, session, ctx):
        match request:
            case OpenModel():
                self.models.append(request.model)
                if request.model.name == "gone":
                    raise ModelError("There is no network 'gone'.", "Choose another one.")
                return OpenedModel(facts=facts(request.model.name))
            case OpenImage():
                return OpenedImage(
                    path=request.image.path, sha256="1", width=4, height=4, frames=1,
                    format="PNG", thumbnail=np.zeros((4, 4, 3), np.uint8),
                )  # fmt: skip
            case Thumbnails():
                return ThumbnailSheet(thumbnails=())
            case Predict():
                seen = np.zeros((4, 4, 3), np.uint8)
                return Prediction(scores=(Score(0, "cat", 0.9, 1.0),), seen=seen)
            case ListNetworks():
                return ListedNetworks(entries=())
        raise AssertionError(request)


@pytest.fixture
def computer():
    return Computer()


@pytest.fixture
def settings(tmp_path):
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def start(qtbot, tmp_path, settings, computer):
    made = []

    def begin(**stored):
        settings.parent.mkdir()
        settings.write_text(json.dumps(stored))
        explorer = Explorer(settings, tmp_path / "cache", start=computer.start)
        made.append(explorer)
        qtbot.addWidget(explorer.window)
        explorer.show()
        qtbot.waitUntil(lambda: explorer.state.shared.facts is not None, timeout=20_000)
        qtbot.waitUntil(lambda: explorer.complete, timeout=20_000)
        qtbot.waitUntil(lambda: explorer.networks.listing.known, timeout=20_000)
        return explorer

    yield begin
    for explorer in made:
        explorer.window.close()


def titles(menu):
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def submenu(explorer, title):
    found = [a.menu() for m in explorer.window.menuBar().actions() for a in m.menu().actions()]
    return next(menu for menu in found if menu is not None and menu.title() == title)


def test_a_remembered_network_that_is_gone_gives_way_to_the_embedded_one(start, settings, computer):
    explorer = start(recent_networks=["gone", "net"])
    assert computer.models == [ModelRef(name="gone"), EMBEDDED]
    assert explorer.state.selection.model == EMBEDDED
    assert "no network 'gone'" in explorer.state.shared.notice.text
    assert "gone" not in explorer.settings.recent_networks
    explorer.window.close()
    assert "gone" not in settings.read_text()


def test_recent_networks_are_offered_and_opened(start, qtbot):
    explorer = start(recent_networks=["net", "other:untrained", "no:sense"])
    menu = submenu(explorer, "Recent networks")
    qtbot.waitUntil(lambda: explorer.state.selection.model.name == "net")
    assert titles(menu) == ["net", "other, untrained", "Forget these"]
    menu.actions()[1].trigger()
    wanted = ModelRef(name="other", untrained=True)
    qtbot.waitUntil(lambda: explorer.state.selection.model == wanted)
    assert titles(menu)[:2] == ["other, untrained", "net"]


def test_recent_pictures_are_offered_and_forgotten(start):
    explorer = start(recent_images=["/pictures/cat & dog.png"])
    menu = submenu(explorer, "Open recent")
    assert titles(menu) == ["cat && dog.png", "Forget these"]
    menu.actions()[-1].trigger()
    assert titles(menu) == ["No pictures yet"]


def test_the_settings_open_by_their_key(start):
    explorer = start()
    action = explorer.commands.actions["settings"]
    assert action.shortcut() == QKeySequence("Ctrl+,")
    action.trigger()
    assert explorer.preferences.window.isVisible()
    assert not explorer.preferences.window.isModal()


def test_the_theme_in_use_is_marked(start):
    explorer = start(scheme="dark")
    named = explorer.commands.actions

    def marked():
        names = ("theme_system", "theme_light", "theme_dark")
        return [name for name in names if named[name].isChecked()]

    assert marked() == ["theme_dark"]
    named["theme_light"].trigger()
    assert marked() == ["theme_light"]
    assert explorer.settings.scheme == "light"
    explorer.commands.on_toggle_theme()
    assert marked() == ["theme_dark"]


def test_the_link_of_the_cursors_shows_its_state(start):
    explorer = start()
    link = explorer.commands.actions["toggle_link"]
    assert link.isChecked() == explorer.state.display.linked
    link.trigger()
    assert link.isChecked() == explorer.state.display.linked


def saved(settings):
    return json.loads(settings.read_text())


def test_settings_are_saved_soon_after_a_change(start, settings, qtbot):
    explorer = start()
    explorer.state.show(opacity=0.25)
    qtbot.waitUntil(lambda: saved(settings).get("opacity") == 0.25, timeout=20_000)
    explorer.commands.on_theme_light()
    qtbot.waitUntil(lambda: saved(settings)["scheme"] == "light", timeout=20_000)
    assert explorer.window.isVisible()


def test_the_next_run_begins_to_save_where_the_last_one_did(start, settings, tmp_path, qtbot):
    other = tmp_path / "other"
    other.mkdir()
    explorer = start(save_folder=str(tmp_path))
    assert save_dialog.begin_in(explorer.state) == tmp_path
    explorer.state.share(save_folder=str(other))
    qtbot.waitUntil(lambda: saved(settings).get("save_folder") == str(other), timeout=20_000)


def test_before_anything_was_saved_samples_are_no_place_to_begin(start):
    explorer = start()
    sample = Path(explorer.state.selection.image.path)
    assert resources.root() in sample.parents
    assert resources.root() not in (save_dialog.begin_in(explorer.state) / "a.png").parents


def test_the_window_stays_where_the_user_would_rather_wait(start, monkeypatch):
    explorer, answers = start(), [False, True]
    monkeypatch.setattr(explorer.commands.saving, "may_close", lambda: answers.pop(0))
    assert not explorer.window.close() and explorer.window.isVisible()
    assert explorer.window.close() and not explorer.window.isVisible() and not answers


def test_that_settings_cannot_be_saved_is_said_once(start, monkeypatch, qtbot):
    explorer = start()
    explorer.state.share(notice=None)
    monkeypatch.setattr(SettingsFile, "write", lambda file, settings: "The disk is full.")
    explorer.state.show(opacity=0.25)
    qtbot.waitUntil(lambda: explorer.state.shared.notice is not None, timeout=20_000)
    assert explorer.state.shared.notice == Notice("The disk is full.", "warning")
    explorer.state.share(notice=None)
    explorer.keeping.save()
    assert explorer.state.shared.notice is None


def test_the_window_is_gone_before_anything_is_waited_for(start, settings, monkeypatch):
    explorer = start()
    explorer.state.show(opacity=0.25)
    seen = []
    shutdown, close = explorer.engine.shutdown, explorer._spool.close

    def noted(wait):
        def wrapped(timeout_ms):
            seen.append((explorer.window.isVisible(), timeout_ms, saved(settings)["opacity"]))
            return wait(timeout_ms)

        return wrapped

    monkeypatch.setattr(explorer.engine, "shutdown", noted(shutdown))
    monkeypatch.setattr(explorer._spool, "close", noted(close))
    explorer.window.close()
    assert seen == [(False, 1000, 0.25), (False, 2000, 0.25)]
    assert saved(settings)["layout"]


def test_an_error_nobody_foresaw_is_told(start, qtbot):
    explorer = start()
    log.herald().unforeseen.emit("ValueError: a wrong value")
    qtbot.waitUntil(lambda: explorer.state.shared.notice is not None)
    notice = explorer.state.shared.notice
    assert notice.level == "error"
    assert "ValueError: a wrong value; the log has the details." in notice.text


def test_the_button_of_a_notice_opens_a_picture_or_writes_a_file_again(start, monkeypatch):
    explorer = start()
    done = []
    monkeypatch.setattr(explorer.gallery, "open", lambda ref: done.append(ref))
    monkeypatch.setattr(
        explorer.engine, "submit", lambda lane, request, *_, **__: done.append(request)
    )
    picture = ImageRef(path="half.png", partial=True)
    attack = Attack(model=ModelRef(name="net"), image=picture, method="pgd", parameters=Params())
    again = SaveAdversarial(attack=attack, path="a.png", repair=True)
    for remedy in (picture, SaveAgain(again, None)):
        explorer.state.share(notice=Notice("It failed.", "warning", "", "Mend", remedy))
        stage = explorer.window.stage
        stage.notices._on_wanted(explorer.state.shared.notice)
    assert done == [picture, again]


def test_an_address_is_asked_about_after_the_drop(start, qtbot, monkeypatch):
    explorer = start()
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()))
    explorer.commands.take(incoming.Offer(url="https://pictures.example/cat.png"))
    assert asked == []
    qtbot.waitUntil(lambda: asked == ["Fetch the picture from pictures.example?"])


def test_no_other_thread_looks_for_cycles_while_the_window_is_filled(start, monkeypatch):
    made, seen = pages._heatmaps, []

    def make(explorer):
        seen.append(gc.isenabled())
        made(explorer)

    monkeypatch.setattr(pages, "_heatmaps", make)
    start()
    assert seen == [False]


@pytest.mark.parametrize("part", ["pages", "samples"])
def test_a_part_that_cannot_be_made_is_told_and_the_rest_goes_on(part, start, monkeypatch):
    def fail(*_):
        raise RuntimeError("not here")

    if part == "pages":
        monkeypatch.setattr("cnnviz_gui.app.pages._heatmaps", fail)
    else:
        monkeypatch.setattr(resources, "samples", fail)
    explorer = start()
    assert "RuntimeError: not here" in explorer.state.shared.start_problem
    assert explorer.state.selection.model == EMBEDDED


def test_the_command_to_attack_begins_with_a_folder_where_one_is_looked_at(start):
    explorer = start()
    state, command = explorer.state, explorer.commands.on_start_attack
    attack = method("attack", "fgsm")
    state.share(methods=(attack,))
    state.choose_method("attack", "fgsm")
    state.show(attack_view="folder")
    state.select(stage="attack")
    command()
    assert state.selection.attack_folder is None, "no folder is open"
    state.select(folder="/nowhere")
    command()
    begun = state.selection.attack_folder
    assert (begun.folder.path, begun.method) == ("/nowhere", "fgsm")
    assert not state.selection.attack_started
    explorer.commands.on_cancel_all()


@pytest.mark.parametrize(
    ("name", "place", "said"), [("epsilon_up", 4.0, "end"), ("epsilon_down", 0.0, "start")]
)
def test_a_key_of_epsilon_begins_nothing_where_its_entry_is_grey(start, name, place, said):
    explorer = start()
    state, action = explorer.state, explorer.commands.actions[name]

    def press(epsilon):
        """Return why the entry is grey, and whether the key changed what is selected."""
        parameters = attack_plan.with_epsilon(state.selection.attack_parameters, epsilon)
        state.select(stage="layers", attack_started=False, attack_parameters=parameters)
        before, reason = state.selection, applying.why_not(state)[name]
        action.trigger()
        return reason, state.selection != before

    state.share(methods=(method("attack", "fgsm"),))
    state.choose_method("attack", "fgsm")
    state.select(image=ImageRef(path="cat.png"), sweep_maximum=4.0)
    reason, changed = press(place)
    assert f"at the {said} of" in reason and not changed and state.shared.notice.text == reason
    assert press(2.0) == ("", True)
    assert state.selection.attack_started and state.selection.stage == "attack"
    state.select(image=None)
    reason, changed = press(2.0)
    assert "picture" in reason and not changed and state.shared.notice.text == reason
    explorer.commands.on_cancel_all()


def test_keys_are_heard_again_where_the_palette_cannot_be_filled(start, monkeypatch):
    explorer, grey = start(), []

    def fail(*_):
        grey.extend(name for name, action in known.items() if not action.isEnabled())
        raise RuntimeError("not here")

    known = explorer.commands.actions
    before = {name: action.isEnabled() for name, action in known.items()}
    monkeypatch.setattr(palette_commands, "all_of", fail)
    with pytest.raises(RuntimeError):
        explorer.commands.on_palette()
    assert "next_channel" in grey
    assert {name: action.isEnabled() for name, action in known.items()} == before


def test_the_command_to_stop_all_stops_what_waits_to_be_written_first(start, monkeypatch):
    explorer, done = start(), []
    monkeypatch.setattr(explorer.commands.saving, "drop_waiting", lambda: done.append("saves"))
    monkeypatch.setattr(explorer.controller, "cancel_all", lambda: done.append("jobs"))
    explorer.commands.actions["cancel_all"].trigger()
    assert done == ["saves", "jobs"]


def look(explorer, qtbot, stage, **display):
    """Return the page of a stage once it is in sight."""
    explorer.state.select(stage=stage)
    explorer.state.show(**display)
    made = explorer.window.stage
    qtbot.waitUntil(lambda: made.page is made._made[stage], timeout=20_000)
    for view in display.values():
        qtbot.waitUntil(lambda view=view: made.page._views.currentWidget().view == view)
    return made.page


BEGINS = (
    ("attack", "picture", "attack_started"),
    ("attack", "steps", "attack_started"),
    ("attack", "defences", "attack_started"),
    ("attack", "borders", "borders_started"),
    ("attack", "race", "race_started"),
    ("plane", "", "plane_started"),
    ("features", "", "feature_started"),
)


@pytest.mark.parametrize(("stage", "view", "begun"), BEGINS)
def test_one_key_begins_what_the_view_in_sight_is_for(start, qtbot, stage, view, begun):
    explorer = start()
    state, actions = explorer.state, explorer.commands.actions.values()
    state.share(methods=(method("attack", "fgsm"),))
    state.choose_method("attack", "fgsm")
    look(explorer, qtbot, stage, **({"attack_view": view} if view else {}))
    doers = {
        key: action
        for key in ("F5", "Ctrl+Return")
        for action in actions
        if action.shortcut() == QKeySequence(key)
    }
    doers["F5"].trigger()
    assert not getattr(state.selection, begun), "what waits for its button is left"
    doers["Ctrl+Return"].trigger()
    assert getattr(state.selection, begun) and state.selection.stage == stage
    others = {name for *_, name in BEGINS} - {begun}
    assert not any(getattr(state.selection, other) for other in others)
    explorer.commands.on_cancel_all()


@pytest.mark.parametrize("stage", ["layers", "heatmaps"])
def test_where_nothing_is_to_be_begun_the_key_says_so(start, qtbot, stage):
    explorer = start()
    state = explorer.state
    look(explorer, qtbot, stage)
    explorer.commands.on_cancel_all()
    for lane in ("heatmap", "layer"):
        state.found(lane, Finding())
    state.share(activity=None, notice=None)
    explorer.commands.on_start()
    assert "F5" in state.shared.notice.text and state.selection.stage == stage
    assert not state.selection.attack_started


def test_the_key_may_come_before_the_page_it_is_meant_for(start, qtbot):
    explorer = start()
    stage = explorer.window.stage
    qtbot.waitUntil(lambda: "attack" in stage._made)
    assert stage.page is not stage._made["attack"]
    explorer.state.select(stage="attack")
    explorer.commands.on_start()
    assert explorer.state.selection.attack_started
    explorer.commands.on_cancel_all()


def test_the_key_goes_on_with_a_map_that_was_stopped(start, qtbot):
    explorer, again = start(), []
    state = explorer.state
    page = look(explorer, qtbot, "heatmaps")
    page.again.connect(again.append)
    begun = Finding().waiting(state.finding("predict").request)
    state.found("heatmap", begun.stopped())
    qtbot.waitUntil(lambda: page.stopped.isVisibleTo(page))
    explorer.commands.on_start()
    assert again == ["heatmap"]


def test_the_key_asks_for_the_folder_of_similar_pictures(start, qtbot):
    explorer, asked = start(), []
    page = look(explorer, qtbot, "similar")
    page.folder_wanted.disconnect()
    page.folder_wanted.connect(lambda: asked.append(True))
    # The stand-in has no embedding; what has failed is tried again before anything is begun.
    qtbot.waitUntil(lambda: explorer.state.finding("embed").problem is not None)
    explorer.state.found("embed", Finding())
    explorer.commands.on_start()
    assert asked


@pytest.mark.parametrize("found", [True, False])
def test_the_command_to_attack_goes_on_where_the_user_stopped(start, monkeypatch, found):
    explorer, again = start(), []
    state = explorer.state
    monkeypatch.setattr(explorer.controller, "resume", again.append)
    state.select(stage="attack", attack_started=True)
    asked = state.finding("predict").request
    begun = Finding().waiting(asked)
    stopped = begun.partial(asked, state.finding("predict").value) if found else begun
    state.found("sweep", stopped.stopped())
    explorer.commands.on_start()
    assert again == ["sweep"], "what was not stopped is not computed again"


@pytest.mark.parametrize(
    ("stage", "display", "lane", "halted"),
    [
        ("heatmaps", {"heatmap_view": "folder"}, "heatmap-folder", False),
        ("attack", {"attack_view": "race"}, "attack-race", False),
        ("attack", {"attack_view": "borders"}, "borders", True),
    ],
)
def test_the_command_to_attack_attacks_whatever_else_was_stopped(
    start, monkeypatch, stage, display, lane, halted
):
    explorer, again = start(), []
    state = explorer.state
    monkeypatch.setattr(explorer.controller, "resume", again.append)
    state.share(methods=(method("attack", "fgsm"),))
    state.choose_method("attack", "fgsm")
    state.show(**display)
    begun = {"race_started": lane == "attack-race", "borders_started": lane == "borders"}
    state.select(stage=stage, folder="/nowhere", attack_started=halted, **begun)
    rests = Finding().waiting(state.finding("predict").request).stopped()
    state.found(lane, rests)
    if halted:
        state.found("attack", rests)
    explorer.commands.on_start_attack()
    assert state.selection.stage == "attack" and state.selection.attack_started
    assert again == (["attack"] if halted else [])
    explorer.commands.on_cancel_all()


@pytest.mark.parametrize(
    ("view", "begun"), [("race", "race_started"), ("borders", "borders_started")]
)
def test_the_key_begins_what_is_in_view_though_an_attack_rests(
    start, qtbot, monkeypatch, view, begun
):
    explorer, again = start(), []
    state = explorer.state
    monkeypatch.setattr(explorer.controller, "resume", again.append)
    state.share(methods=(method("attack", "fgsm"),))
    state.choose_method("attack", "fgsm")
    state.select(attack_started=True)
    look(explorer, qtbot, "attack", attack_view=view)
    state.found("attack", Finding().waiting(state.finding("predict").request).stopped())
    explorer.commands.on_start()
    assert getattr(state.selection, begun) and again == []
    explorer.commands.on_cancel_all()


@pytest.mark.parametrize("stage", ["attack", "heatmaps"])
def test_the_command_to_attack_goes_on_with_a_folder(start, monkeypatch, stage):
    explorer, again = start(), []
    state = explorer.state
    state.share(methods=(method("attack", "fgsm"),))
    state.choose_method("attack", "fgsm")
    state.show(attack_view="folder", heatmap_view="folder")
    state.select(folder="/nowhere")
    begun = attack_folder_view.wanted(state)
    state.select(stage=stage, attack_folder=begun)
    lane = {"attack": "attack-folder", "heatmaps": "heatmap-folder"}[stage]
    state.found(lane, Finding().waiting(begun).stopped())
    monkeypatch.setattr(explorer.controller, "resume", again.append)
    explorer.commands.on_start()
    assert again == [lane] and state.selection.stage == stage
    assert not state.selection.attack_started
    explorer.commands.on_cancel_all()


def test_whatever_takes_the_keyboard_has_a_name(start):
    explorer, stages = start(), set()
    for number in range(explorer.window.stage.tabs.count()):
        explorer.window.stage.tabs.setCurrentIndex(number)
        stages.add(explorer.state.selection.stage)
        for view in ("maps", "filters", "statistics", "table"):
            explorer.state.show(layer_view=view)
        assert nameless(explorer.window) == []
    assert len(stages) == explorer.window.stage.tabs.count() > 3


def nameless(window):
    """Return what takes the keyboard itself and tells a screen reader nothing.

    A button that is hidden while it has nothing to say is named by its text once it has.
    """
    return [
        f"{widget} in {widget.parent()}"
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.focusProxy() is None
        and not widget.accessibleName()
        and not (hasattr(widget, "text") and (widget.text() or not widget.isVisible()))
    ]


def test_why_epsilon_goes_no_further_is_told_beside_the_slider_in_sight(start, monkeypatch):
    explorer = start()
    state, told = explorer.state, []
    monkeypatch.setattr(QToolTip, "showText", lambda place, said, owner: told.append((said, owner)))
    state.share(methods=(method("attack", "fgsm"),))
    state.choose_method("attack", "fgsm")
    parameters = attack_plan.with_epsilon(state.selection.attack_parameters, 4.0)
    place = {"image": ImageRef(path="cat.png"), "sweep_maximum": 4.0}
    state.select(stage="attack", attack_parameters=parameters, **place)
    state.show(attack_view="picture")
    plot = explorer.window.findChild(EpsilonPlot)
    monkeypatch.setattr(EpsilonPlot, "isVisible", lambda plot: True)
    explorer.commands.actions["epsilon_up"].trigger()
    assert told == [(applying.why_not(state)["epsilon_up"], plot)] and not state.shared.notices


def test_closing_with_a_button_still_pressed_leaves_nothing_that_waits_for_it(
    start, qtbot, monkeypatch
):
    explorer = start()
    monkeypatch.setattr(undoing, "_pressed", lambda: True)
    explorer.state.show(opacity=0.25)
    qtbot.waitUntil(lambda: explorer.undoing.history.held, timeout=5000)
    explorer.window.close()
    explorer.state.show(opacity=0.3)
    assert not any(timer.isActive() for timer in explorer.undoing.findChildren(QTimer))
