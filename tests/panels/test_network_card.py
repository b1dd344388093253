"""What the card offers in each state a network can be in."""

import dataclasses
import importlib.util
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import CheckpointRef, ModelRef, OpenModel
from cnnviz_gui.panels.controls import NumberBox
from cnnviz_gui.panels.networks.network_card import NetworkCard, what_works
from cnnviz_gui.state import catalogue_view
from cnnviz_gui.state.downloads import DownloadState
from cnnviz_gui.state.finding import Finding, Problem

_spec = importlib.util.spec_from_file_location("catalogue", Path(__file__).parent / "catalogue.py")
catalogue = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(catalogue)


class Bench:
    def __init__(self, state, card):
        self.state, self.card = state, card
        self.said = []
        card.open_wanted.connect(lambda model: self.said.append(("open", model)))
        card.second_wanted.connect(lambda model: self.said.append(("second", model)))
        card.fetch_wanted.connect(lambda name, opens: self.said.append(("fetch", name, opens)))
        card.cancel_wanted.connect(lambda name: self.said.append(("cancel", name)))
        card.copy_wanted.connect(lambda text: self.said.append(("copy", text)))
        card.settings_wanted.connect(lambda: self.said.append(("settings",)))

    def show(self, name, **shared):
        self.state.share(**shared)
        row = next(r for r in catalogue_view.rows(self.state) if r.entry.name == name)
        self.card.show_row(row)

    def buttons(self):
        found = self.card.findChildren(QAbstractButton)
        return [b.text() for b in found if b.isVisible() and b.text()]

    def press(self, words):
        found = self.card.findChildren(QAbstractButton)
        next(b for b in found if b.isVisible() and b.text() == words).click()

    def note(self):
        label = self.card._actions._note
        return label.text() if label.isVisible() else ""

    def failure(self):
        card = self.card._actions._failure
        return (card.message.text(), card.advice.text()) if card.isVisible() else None


@pytest.fixture
def bench(qtbot, state):
    state.share(catalogue=catalogue.CATALOGUE)
    holder = QWidget()  # as in the window: the card alone would grow with what it shows
    qtbot.addWidget(holder)
    card = NetworkCard(state, holder)
    holder.resize(card.width(), 700)
    card.resize(card.width(), 700)
    holder.show()
    made = Bench(state, card)
    made.holder = holder
    return made


def test_weights_here_are_opened_or_compared(bench):
    bench.show("resnet50")
    assert bench.buttons() == ["Open", "Compare", "Open untrained"]
    bench.press("Open")
    bench.press("Compare")
    model = ModelRef(name="resnet50")
    assert bench.said == [("open", model), ("second", model)]


def test_a_network_that_is_compared_can_be_left_again(bench, network):
    second = dataclasses.replace(network, name="resnet50")
    bench.state.use_second(ModelRef(name="resnet50"), second)
    bench.show("resnet50")
    assert bench.buttons() == ["Open", "Stop comparing", "Open untrained"]
    bench.press("Stop comparing")
    assert bench.said == [("second", None)]


def test_the_network_in_use_needs_no_opening(bench):
    bench.show("net")
    assert bench.buttons() == ["Open untrained"]
    assert bench.note() == "This network is in use."


def test_its_trained_weights_can_be_had_while_it_is_in_use_untrained(bench, network):
    bench.state.use_network(ModelRef(name="net", untrained=True), network)
    bench.show("net")
    assert "Open" in bench.buttons()
    mine = ModelRef(name="net", checkpoint=CheckpointRef(path="mine.pth"))
    bench.state.use_network(mine, network)
    bench.show("net")
    assert "Open" in bench.buttons()


def test_weights_elsewhere_are_fetched_with_or_without_opening(bench):
    bench.show("resnet18")
    assert bench.buttons() == ["Download and open, 100.0 MiB", "Download only", "Open untrained"]
    bench.press("Download and open, 100.0 MiB")
    bench.press("Download only")
    assert bench.said == [("fetch", "resnet18", True), ("fetch", "resnet18", False)]


def test_in_offline_mode_nothing_is_offered_for_download(bench):
    bench.show("resnet18", offline=True)
    assert "offline mode is on" in bench.note()
    assert bench.buttons() == ["Settings…", "Open untrained"]
    bench.press("Settings…")
    assert bench.said == [("settings",)]


def test_a_package_is_named_by_the_command_that_brings_it(bench):
    bench.show("packed")
    assert "python -m pip install packed" in bench.note()
    bench.press("Copy the command")
    assert bench.said == [("copy", "python -m pip install packed")]


def test_where_no_weights_are_published_it_says_so(bench):
    bench.show("lenet5")
    assert bench.note() == "No trained weights are published for it."
    assert bench.buttons() == ["Open untrained"]


def test_untrained_weights_have_a_seed(bench):
    bench.show("resnet18")
    box = bench.card.findChild(NumberBox)
    box.lineEdit().setText("7")
    box.editingFinished.emit()
    bench.press("Open untrained")
    assert bench.said == [("open", ModelRef(name="resnet18", untrained=True, seed=7))]


def test_a_running_download_shows_how_far_it_is_and_can_be_cancelled(bench):
    one = DownloadState("resnet18", "ResNet-18", "running", opens=True)
    bench.show("resnet18", downloads=(one.advanced(25 << 20, 100 << 20, 5.0 * (1 << 20)),))
    line = bench.card._actions._progress
    assert line.isVisible()
    assert line._amount.text() == "25.0 of 100.0 MiB"
    assert line._told.text() == "5.0 MiB/s · 15 s left"
    assert line._bar.value() == 250
    assert bench.note() == "Opens when it is here."
    assert bench.buttons() == ["Cancel", "Open untrained"]
    bench.press("Cancel")
    assert bench.said == [("cancel", "resnet18")]


def test_a_waiting_download_names_the_one_before_it(bench):
    first = DownloadState("resnet152", "ResNet-152", "running")
    bench.show("resnet18", downloads=(first, DownloadState("resnet18", "ResNet-18")))
    assert bench.card._actions._progress._told.text() == "Waiting for ResNet-152"


def test_a_stopped_download_is_resumed(bench):
    one = DownloadState("resnet18", "ResNet-18", "stopped", 10_000_000, 100_000_000)
    bench.show("resnet18", downloads=(one,))
    assert bench.buttons() == ["Resume and open", "Open untrained"]
    bench.press("Resume and open")
    assert bench.said == [("fetch", "resnet18", True)]


def test_a_failed_download_says_why_and_is_tried_again(bench):
    problem = Problem("The server cut the connection.", "Try again.")
    one = DownloadState("resnet18", "ResNet-18", "failed", 1, 2, problem=problem)
    bench.show("resnet18", downloads=(one,))
    assert bench.failure() == ("The server cut the connection.", "Try again.")
    bench.press("Try again")
    assert bench.said == [("fetch", "resnet18", True)]
    bench.show("resnet18", downloads=())
    assert bench.failure() is None


def test_while_it_opens_nothing_else_is_offered(bench):
    bench.show("resnet50", pending_model=ModelRef(name="resnet50"))
    assert bench.note() == "Opening…"
    assert bench.card._actions._untrained.isEnabled() is False
    assert not bench.card.submit()


def test_a_network_that_could_not_be_opened_says_why_on_its_own_card_only(bench):
    asked = OpenModel(model=ModelRef(name="resnet50"))
    failed = Finding().waiting(asked).failed(Problem("The weights are damaged.", "Fetch anew."))
    bench.state.found("model", failed)
    bench.show("resnet50")
    assert bench.failure() == ("The weights are damaged.", "Fetch anew.")
    bench.show("resnet18")
    assert bench.failure() is None


def test_what_does_not_work_with_the_network_in_use_is_said(bench, network):
    def method(name, reason):
        needs = lambda facts: reason  # noqa: E731
        return Method("heatmap", name, name, "", "", "", Params, needs, False, print)

    cams = (method("CAM", "it has no maps."), method("Grad-CAM", "it has no maps."))
    assert what_works((*cams, method("RISE", "")), network) == (
        "Without CAM, Grad-CAM: it has no maps."
    )
    assert what_works((method("RISE", ""),), network) == "All methods work with it."
    bench.show("net", methods=cams)
    assert bench.card._works.text() == "Without CAM, Grad-CAM: it has no maps."
    bench.show("resnet50")
    assert not bench.card._works.isVisible()
    mapless = dataclasses.replace(network, name="resnet50", notes=("Its maps are few.",))
    bench.state.use_second(ModelRef(name="resnet50"), mapless)
    bench.show("resnet50")
    assert bench.card._works.text().startswith("Its maps are few.")


def test_a_vision_transformer_says_before_the_download_what_does_not_apply(bench):
    vit = catalogue.entry("vit_b_16", "ViT-B/16", "ViT", size=330.3)
    bench.show("vit_b_16", catalogue=(*catalogue.CATALOGUE, vit))
    assert bench.card._works.isVisible()
    assert "feature maps do not apply" in bench.card._works.text()
    assert "Download and open, 330.3 MiB" in bench.buttons()


@pytest.mark.parametrize("height", [570, 640])
def test_the_plot_stays_where_it_is_whatever_the_card_shows(bench, height):
    bench.card.resize(bench.card.width(), height)
    failed = DownloadState("resnet18", "ResNet-18", "failed", 1, 2)
    problem = Problem("The server broke off after 10.0 of 241.7 MB.", "Try again.", "", "Traceback")
    shown = (
        ("net", {}),
        ("resnet50", {}),
        ("packed", {}),
        ("resnet18", {}),
        ("resnet18", {"downloads": (dataclasses.replace(failed, problem=problem),)}),
    )
    places = set()
    for name, shared in shown:
        bench.show(name, **shared)
        bench.card.layout().activate()
        assert bench.card.plot.isVisible()
        top = bench.card.plot.mapTo(bench.card, QPoint(0, 0)).y()
        places.add((top, bench.card.plot.height()))
    assert len(places) == 1
    assert bench.card.height() == height


def test_a_low_card_leaves_out_the_plot(bench):
    bench.card.resize(bench.card.width(), 460)
    assert not bench.card.plot.isVisible()
    bench.card.resize(bench.card.width(), 700)
    assert bench.card.plot.isVisible()


def test_the_plot_gives_way_to_the_details_of_a_failure(bench, qtbot):
    bench.card.resize(bench.card.width(), 570)
    problem = Problem("The server cut the connection.", "Try again.", "", "line\n" * 40)
    one = DownloadState("resnet18", "ResNet-18", "failed", 1, 2, problem=problem)
    bench.show("resnet18", downloads=(one,))
    assert bench.card.plot.isVisible()
    details = bench.card._actions._failure.details
    bench.press("Details")
    qtbot.waitUntil(lambda: details.isVisible() and not bench.card.plot.isVisible())
    bench.press("Details")
    qtbot.waitUntil(lambda: bench.card.plot.isVisible())


def test_without_a_network_nothing_can_be_done(bench):
    bench.card.show_row(None)
    assert bench.buttons() == ["Open untrained"]
    assert not bench.card._actions._untrained.isEnabled()


def test_a_dot_of_the_plot_chooses_its_network(bench, qtbot):
    plot, chosen = bench.card.plot, []
    plot.chosen.connect(chosen.append)
    plot.set_entries(catalogue.CATALOGUE)
    at = plot.place_of("resnet152").toPoint()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert chosen == ["resnet152"]
    assert plot.place_of("lenet5") is None
    better, worse = plot.place_of("resnet152"), plot.place_of("resnet18")
    assert better.y() < worse.y()
    assert better.x() > worse.x()


def test_the_plot_survives_a_catalogue_without_figures(bench):
    nothing = [dataclasses.replace(e, accuracy=None) for e in catalogue.CATALOGUE]
    bench.card.plot.set_entries(nothing)
    bench.card.plot.set_current("net")
    assert not bench.card.plot.grab().isNull()
    bench.card.plot.set_entries([catalogue.CATALOGUE[0]])
    assert bench.card.plot.place_of("net") is not None
