"""What people type into the command palette, and what they mean by it."""

from types import SimpleNamespace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_gui.app import palette_commands, palette_places, palette_words
from cnnviz_gui.app.actions import SPECS
from cnnviz_gui.app.palette import Command, found
from cnnviz_gui.core.registry import methods
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.choice_words import ATTACK_VIEWS, HEATMAP_VIEWS, LAYER_VIEWS


@pytest.fixture
def offered(qtbot, make_facts):
    state = AppState()
    state.share(methods=(*methods("heatmap"), *methods("attack")), facts=make_facts("net"))
    actions = {spec.handler: QAction(spec.title) for spec in SPECS}
    panels = QMenu("Pa&nels")
    qtbot.addWidget(panels)
    panels.addAction("&Layers").setCheckable(True)
    page = QWidget()
    qtbot.addWidget(page)
    window = SimpleNamespace(stage=SimpleNamespace(page=page))
    made = palette_commands.all_of(state, actions, print, [QAction("CPU")], [panels])
    return made + palette_places.all_of(state, window, print, print, print)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gradcam", "Grad-CAM"),
        ("grad cam ++", "Grad-CAM++"),
        ("dark mode", "Dark theme"),
        ("darkmode", "Dark theme"),
        ("light mode", "Light theme"),
        ("theme", "Dark theme"),
        ("feature maps", "Layers: Maps"),
        ("filters", "Layers: Filters"),
        ("kernel", "Layers: Filters"),
        ("receptive field", "Layers: Table"),
        ("compare networks", "Compare with"),
        ("zoom", "Zoom in"),
        ("language", "Settings: Language"),
        ("text size", "Settings: Text size"),
        ("font size", "Settings: Text size"),
        ("opacity", "Opacity of the heat map"),
        ("colormap", "Colour map of the heat map"),
        ("colour map", "Colour map of the heat map"),
        ("activation", "Layers: Maps"),
        ("dead channels", "Layers: Statistics"),
        ("histogram", "Layers: Statistics"),
        ("statistics", "Layers: Statistics"),
        ("sanity check", "Heat maps: Trust"),
        ("robust", "Attack: Defences"),
        ("embedding", "Show similar pictures"),
        ("download", "Choose a network"),
        ("gpu", "Compute on: CPU"),
        ("device", "Settings: Compute on"),
        ("dock", "Panels: Layers"),
        ("hide panel", "Panels: Layers"),
        ("open image", "Open pictures"),
        ("open picture", "Open pictures"),
        ("remove picture", "Close picture"),
        ("sample", "Sample picture: chelsea.png"),
        ("help", "Manual"),
        ("close", "Close picture"),
        ("adversarial", "Show attack"),
        ("fool", "Attack the picture"),
        ("epsilon", "More epsilon"),
        ("fgsm", "FGSM"),
        ("pgd", "PGD"),
        ("saliency", "Saliency"),
        ("occlusion", "Occlusion"),
        ("neuron", "Show features"),
        ("deep dream", "Show features"),
        ("gif", "Save the animation"),
        ("export", "Save the picture"),
        ("save image", "Save the picture"),
        ("screenshot", "Save the picture"),
        ("paste", "Paste a picture"),
        ("drop", "Open pictures"),
        ("quit", "Quit"),
        ("undo", "Undo"),
    ],
)
def test_it_is_found_among_the_first_five(offered, typed, meant):
    assert meant in [command.title for command in found(typed, offered)][:5]


@pytest.mark.parametrize(
    ("typed", "meant"), [("gradcam", "Grad-CAM"), ("dark mode", "Dark theme"), ("fgsm", "FGSM")]
)
def test_return_does_what_is_meant(offered, typed, meant):
    assert found(typed, offered)[0].title == meant


def test_every_action_view_and_setting_has_other_words():
    assert set(palette_words.ACTIONS) == {spec.handler for spec in SPECS}
    assert set(palette_words.SETTINGS) == set(palette_places.SETTINGS)
    views = {"layers": LAYER_VIEWS, "heatmaps": HEATMAP_VIEWS, "attack": ATTACK_VIEWS}
    there = {f"{stage}/{view}" for stage, words in views.items() for view in words}
    assert set(palette_words.VIEWS) <= there
    known = {method.name for kind in ("heatmap", "attack") for method in methods(kind)}
    assert set(palette_words.METHODS) <= known


def test_titles_come_before_other_words_what_can_be_done_before_the_rest_the_manual_last():
    def command(title, why="", words="", resort=False):
        return Command(title, "", "list", print, why, words, resort)

    manual = command("Manual: Save", resort=True)
    worded, grey_worded = command("Store", words="save"), command("Keep", "no", "save")
    titled, grey_titled = command("Save it"), command("Save", "no")
    offered = [manual, grey_worded, worded, grey_titled, titled]
    assert found("save", offered) == [titled, grey_titled, worded, grey_worded, manual]


def test_a_chapter_of_the_manual_is_the_last_resort(offered):
    titles = [command.title for command in found("troubleshooting", offered)]
    assert titles == ["Manual: Troubleshooting"]
