"""The assistant for the user's own weights: from a report to the network that is opened."""

import dataclasses
import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from cnnviz_gui.core.facts import Candidate, CatalogueEntry, Expected, Misfit, Score
from cnnviz_gui.core.request import (
    ImageRef,
    InspectCheckpoint,
    ModelRef,
    OpenModel,
    ProbeNormalisation,
    ReadLabels,
)
from cnnviz_gui.core.result import (
    CheckpointReport,
    ClassNames,
    NormalisationGuess,
    NormalisationProbe,
)
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.checkpoint.checkpoint_window import CheckpointWindow
from cnnviz_gui.panels.controls import ComboBox, NumberBox, painting
from cnnviz_gui.state.app_state import StripEntry
from cnnviz_gui.state.finding import Advance, Finding, Problem

PATH = "/weights/birds.pth"
COLOURS = ("red", "green", "blue")
ASKED = InspectCheckpoint(path=PATH)
MISFITS = (Misfit("layer4.weight", "missing", (8, 4, 3, 3), ()), Misfit("ema", "unexpected"))
EXPECTED = Expected(288, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
REPORT = CheckpointReport(
    path=PATH,
    sha256="ab" * 32,
    format="PyTorch state dict",
    tensors=320,
    parameters=23_500_000,
    classes=3,
    channels=3,
    candidates=(
        Candidate("resnet50", "ResNet-50", 320, 320, (), EXPECTED),
        Candidate("resnet101", "ResNet-101", 318, 626, MISFITS),
    ),
    notes=("The prefix 'module.' was removed.",),
    problems=(),
)
GUESSES = (
    NormalisationGuess(
        "ImageNet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), Score(1, "heron", 0.91, 4.0)
    ),
    NormalisationGuess("0 to 1", (0.0,) * 3, (1.0,) * 3, Score(0, "wren", 0.4, 1.0)),
)


def entry(name):
    return CatalogueEntry(name, name, "Nets", 10, "here", 288, None, None, None)


class Bench:
    def __init__(self, state, window):
        self.state, self.window = state, window
        self.opened, self.probed, self.named = [], [], []
        window.open_wanted.connect(self.opened.append)
        window.probe_wanted.connect(self.probed.append)
        window.names_wanted.connect(self.named.append)

    def report(self, report=REPORT):
        self.state.found("checkpoint", Finding().finished(ASKED, report))

    def button(self, words):
        found = self.window.findChildren(QAbstractButton)
        return next(b for b in found if b.text() == words)

    def box(self, name):
        return next(b for b in self.window.findChildren(NumberBox) if b.accessibleName() == name)

    def type(self, name, text):
        box = self.box(name)
        box.lineEdit().setText(text)
        box.editingFinished.emit()


@pytest.fixture
def bench(qtbot, state):
    state.share(catalogue=(entry("resnet50"), entry("resnet101")))
    window = CheckpointWindow(state)
    qtbot.addWidget(window)
    made = Bench(state, window)
    window.begin(PATH)
    state.found("checkpoint", Finding().waiting(ASKED))
    return made


def test_while_the_file_is_read_there_is_nothing_to_open(bench):
    assert bench.window._pages.currentIndex() == 0
    assert not bench.window.foot.open.isEnabled()
    advanced = bench.state.finding("checkpoint").advanced(Advance(40, 100, 1.0))
    bench.state.found("checkpoint", advanced)
    assert bench.window._reading._bar.value() == 400


def test_a_file_that_is_refused_says_why_and_what_to_do(bench):
    problem = Problem("birds.pth contains code.", "Ask for a .safetensors file.")
    bench.state.found("checkpoint", bench.state.finding("checkpoint").failed(problem))
    card = bench.window._reading.failure
    assert card.isVisible()
    assert card.message.text() == "birds.pth contains code."
    assert card.advice.text() == "Ask for a .safetensors file."
    assert bench.window.isVisible()
    asked = []
    bench.window.another_wanted.connect(lambda: asked.append(1))
    card.remedy.click()
    assert asked == [1]


def test_a_report_is_shown_with_the_best_candidate_chosen(bench):
    bench.report()
    window = bench.window
    assert window._pages.currentIndex() == 1
    assert window.form().architecture == "resnet50"
    assert "320 tensors" in window._head._line.text()
    assert window._head._hash.toolTip() == "ab" * 32
    assert window.candidates.list.currentIndex().data() == "ResNet-50"
    assert not window.candidates.fold.isVisible()
    assert bench.box("Input size").value() == 288
    role = Qt.ItemDataRole.AccessibleTextRole
    said = window.candidates.list.model().index(1, 0).data(role)
    assert said == "ResNet-101, 318 of 626 tensors fit"


def test_a_report_on_another_file_is_not_taken(bench):
    other = InspectCheckpoint(path="/weights/other.pth")
    report = dataclasses.replace(REPORT, path="/weights/other.pth")
    bench.state.found("checkpoint", Finding().finished(other, report))
    assert bench.window._pages.currentIndex() == 0
    assert bench.window.model() is None


def test_another_candidate_shows_its_misfits_and_a_warning(bench, qtbot):
    bench.report()
    window = bench.window
    qtbot.keyClick(window.candidates.list, Qt.Key.Key_Down)
    assert window.form().architecture == "resnet101"
    assert window.foot.open.text() == "Open anyway"
    assert "1 tensor of ResNet-101 would keep random values." in window.foot.warning._text.text()
    assert window.candidates.fold.text() == "2 tensors differ"
    assert not window.candidates.misfits.isVisible()
    window.candidates.fold.click()
    rows, role = window.candidates.misfits.model(), Qt.ItemDataRole.AccessibleTextRole
    shown = [rows.index(place, 0).data(role) for place in range(rows.rowCount())]
    assert shown == [
        "layer4.weight: wanted 8 × 4 × 3 × 3, not in the file",
        "ema: in the file a number, no place for it",
    ]


def test_the_whole_name_of_a_tensor_that_differs_has_room_or_a_tooltip(bench, qtbot):
    name = "features.denseblock4.denselayer16.norm2.running_mean"
    long = dataclasses.replace(REPORT.candidates[1], misfits=(Misfit(name, "missing", (512,)),))
    bench.report(dataclasses.replace(REPORT, candidates=(long,)))
    window = bench.window
    window.candidates.fold.click()
    view = window.candidates.misfits
    index = view.model().index(0, 0)
    assert name in index.data(Qt.ItemDataRole.ToolTipRole)
    room = view.visualRect(index).width() - theme.PADDING - theme.GAP
    assert room >= painting.width_of(name, "caption")


def test_typed_names_are_counted_while_they_are_typed(bench, qtbot):
    bench.report()
    window = bench.window
    editor = window.names._editor
    assert "3 classes without names" in window.names._check.text()
    qtbot.keyClicks(editor, "wren")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "heron")
    assert window.names._check.text().startswith("2 names for 3 classes")
    assert window.names._check.property("tone") == "warning"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "robin")
    assert window.names._check.text() == "3 names for 3 classes."
    bench.button("Open").click()
    assert bench.opened[0].checkpoint.labels == ("wren", "heron", "robin")


def test_names_are_loaded_from_a_file_with_what_does_not_fit(bench):
    bench.report()
    bench.button("Load from a file…").click()
    assert bench.named == [3]
    names = ClassNames(labels=("a", "b", "2"), note="The file ends after 2 names.")
    bench.state.found("labels", Finding().finished(ReadLabels(path="x", classes=3), names))
    assert bench.window.names.labels() == ("a", "b", "2")
    assert bench.window.names._note.text() == "The file ends after 2 names."
    assert bench.window.form().labels == ("a", "b", "2")


def test_names_that_cannot_be_read_leave_those_that_are_there(bench):
    bench.report()
    bench.window.names._editor.setPlainText("wren\nheron\nrobin")
    asked = ReadLabels(path="x", classes=3)
    failed = Finding().waiting(asked).failed(Problem("It is not text.", "Choose a text file."))
    bench.state.found("labels", failed)
    assert bench.window.names._note.text() == "It is not text. Choose a text file."
    assert bench.window.form().labels == ("wren", "heron", "robin")


def test_what_is_typed_after_loading_counts(bench):
    bench.report()
    names = ClassNames(labels=("a", "b", "c"), note="")
    bench.state.found("labels", Finding().finished(ReadLabels(path="x", classes=3), names))
    bench.window.names._editor.setPlainText("x\nb\nc")
    bench.state.share(pending_model=ModelRef(name="other"))
    assert bench.window.names.labels() == ("x", "b", "c")
    assert bench.window.form().labels == ("x", "b", "c")


def test_a_preset_fills_the_numbers_and_they_can_be_changed_with_a_comma(bench):
    bench.report()
    boxes = bench.window.findChildren(ComboBox)
    preset = next(b for b in boxes if b.accessibleName() == "Normalisation")
    assert preset.currentText() == "As the architecture"
    assert not bench.box("Mean, red").isEnabled()
    preset.setCurrentIndex(preset.findText("ImageNet"))
    preset.activated.emit(preset.currentIndex())
    assert bench.box("Mean, red").value() == 0.485
    bench.type("Mean, red", "0,25")
    assert bench.window.form().mean == (0.25, 0.456, 0.406)
    assert preset.currentText() == "My own numbers"
    bench.type("Standard deviation, blue", "0.5")
    assert bench.window.form().std == (0.229, 0.224, 0.5)
    preset.setCurrentIndex(0)
    preset.activated.emit(0)
    assert bench.window.form().mean is None


def test_a_deviation_of_zero_cannot_be_typed(bench):
    bench.report()
    bench.window._on_preset("imagenet")
    bench.type("Standard deviation, red", "0")
    assert bench.window.form().std[0] > 0


def test_the_input_size_has_a_range(bench):
    bench.report()
    bench.type("Input size", "96")
    assert bench.window.form().input_size == 96
    bench.type("Input size", "99999")
    assert bench.window.form().input_size == 2048


def test_the_probe_ranks_and_a_click_takes_a_guess(bench):
    bench.report()
    window = bench.window
    window.scale.probe.click()
    assert [model.name for model in bench.probed] == ["resnet50"]
    asked = ProbeNormalisation(model=window.model(), image=bench.state.selection.image)
    bench.state.found("probe", Finding().waiting(asked))
    assert not window.scale.probe.isEnabled()
    bench.state.found("probe", Finding().finished(asked, NormalisationProbe(guesses=GUESSES)))
    assert window.scale.probe.isEnabled()
    rows = window.scale.guesses.rows
    assert [row.accessibleName() for row in rows] == [
        "ImageNet: predicts heron, 91.0 %",
        "0 to 1: predicts wren, 40.0 %",
    ]
    assert "guess" in window.scale._said.text()
    rows[0].click()
    assert window.form().mean == GUESSES[0].mean
    assert rows[0].isChecked()
    assert not rows[1].isChecked()
    bench.button("Open").click()
    assert bench.opened[0].checkpoint.std == GUESSES[0].std


def probed(bench, guesses):
    model = bench.window.model()
    asked = ProbeNormalisation(model=model, image=bench.state.selection.image)
    bench.state.found("probe", Finding().finished(asked, NormalisationProbe(guesses=guesses)))


def test_a_saturated_guess_says_that_it_is_no_evidence(bench):
    bench.report()
    bytes_ = NormalisationGuess("0 to 255", (0.0,) * 3, (1 / 255,) * 3, Score(2, "2", 1.0, 90.0))
    probed(bench, (bytes_, *GUESSES))
    rows = bench.window.scale.guesses.rows
    said = "0 to 255: predicts class 2, 100 %, saturated: no evidence"
    assert rows[0].accessibleName() == said
    assert "no evidence" in rows[0].toolTip()
    assert not any("evidence" in row.toolTip() for row in rows[1:])


def test_guesses_are_those_of_the_network_that_is_chosen(bench):
    bench.report()
    probed(bench, GUESSES)
    bench.window.candidates.chosen.emit("resnet101")
    assert bench.window.scale.guesses.rows == []
    late = dataclasses.replace(bench.window.model(), name="resnet50")
    asked = ProbeNormalisation(model=late, image=bench.state.selection.image)
    found = Finding().finished(asked, NormalisationProbe(guesses=GUESSES))
    bench.state.found("probe", found)
    assert bench.window.scale.guesses.rows == []


@pytest.mark.parametrize("height", [480, 660, 720])
def test_what_the_probe_finds_moves_nothing(bench, height):
    bench.report()
    window = bench.window
    window.resize(1000, height)
    parts = (window.names, window.scale, window.scale.probe, window.scale._preset, window.foot)

    def places():
        window.layout().activate()
        return [(part.mapTo(window, part.rect().topLeft()), part.size()) for part in parts]

    before = places()
    probed(bench, GUESSES * 4)
    assert len(window.scale.guesses.rows) == 8
    assert places() == before


def test_the_probe_says_on_which_picture(bench):
    bench.report()
    shown = bench.window.scale._picture
    assert shown.text() == "on a.png"
    assert not shown._thumbnail.isVisible()
    pixels = np.zeros((8, 12, 3), np.uint8)
    entry_ = StripEntry(ImageRef(path="b.png"), "heron at dawn.png", thumbnail=pixels)
    bench.state.share(strip=(entry_,))
    bench.state.select(image=entry_.ref)
    assert shown.text() == "on heron at dawn.png"
    assert shown._thumbnail.isVisible()
    bench.state.select(image=None)
    assert shown.text() == ""
    assert not shown._thumbnail.isVisible()


def test_without_a_picture_the_probe_says_what_it_needs(bench):
    bench.report()
    bench.state.select(image=None)
    assert not bench.window.scale.probe.isEnabled()
    assert "picture" in bench.window.scale.probe.toolTip()
    assert "Open a picture first" in bench.window.scale._said.text()
    bench.state.select(image=ImageRef(path="a.png"))
    assert bench.window.scale.probe.isEnabled()
    assert "Open a picture first" not in bench.window.scale._said.text()


def test_what_the_architecture_expects_is_shown_in_grey(bench):
    bench.report()
    window = bench.window

    def hints():
        names = [f"{row}, {c}" for row in ("Mean", "Standard deviation") for c in COLOURS]
        return [bench.box(name).lineEdit().placeholderText() for name in names]

    assert hints() == ["0.4", "0.5", "0.6", "0.2", "0.25", "0.3"]
    assert bench.box("Mean, red").lineEdit().text() == ""
    window.candidates.chosen.emit("resnet101")
    assert hints() == [""] * 6
    window.candidates.chosen.emit("resnet50")
    preset = window.scale._preset
    preset.activated.emit(preset.findText("My own numbers"))
    assert window.form().mean == EXPECTED.mean


def test_a_program_is_ready_to_open_and_to_be_probed(bench):
    expected = Expected(32, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    program = dataclasses.replace(
        REPORT, candidates=(), format="exported program", expected=expected
    )
    bench.report(program)
    window = bench.window
    assert window.candidates._said.text().endswith("is ready to open.")
    assert window.candidates._icon.isVisible()
    assert window.scale._preset.currentText() == "The usual: ImageNet's"
    assert bench.box("Input size").value() == 32
    assert bench.box("Mean, red").lineEdit().placeholderText() == "0.485"
    assert window.foot.open.isEnabled()
    window.scale.probe.click()
    assert [(model.name, model.checkpoint.path) for model in bench.probed] == [("", PATH)]


def test_it_closes_once_the_network_is_in_use_and_stays_when_it_cannot_be(bench, network):
    bench.report()
    window = bench.window
    bench.button("Open").click()
    model = bench.opened[0]
    asked = OpenModel(model=model)
    bench.state.share(pending_model=model)
    bench.state.found("model", Finding().waiting(asked))
    assert window.foot._said.text() == "Opening…"
    assert not window.foot.open.isEnabled()
    problem = Problem("This network wants pictures of 299 pixels.", "Change the input size.")
    bench.state.found("model", Finding().waiting(asked).failed(problem))
    bench.state.share(pending_model=None)
    assert window.isVisible()
    assert window.foot.failure.message.text() == problem.message
    assert window.foot.open.isEnabled()
    bench.button("Open").click()
    bench.state.use_network(model, network)
    assert not window.isVisible()


def test_what_is_typed_while_it_opens_is_not_lost_with_the_window(bench, network):
    bench.report()
    bench.button("Open").click()
    (opened,) = bench.opened
    bench.type("Input size", "96")
    bench.state.use_network(opened, network)
    assert bench.window.isVisible()


def test_a_file_nothing_fits_cannot_be_opened(bench):
    bench.report(dataclasses.replace(REPORT, candidates=()))
    window = bench.window
    assert not window.foot.open.isEnabled()
    assert window.candidates._said.text() == "Nothing in the catalogue fits this file."
    assert not window.candidates._icon.isVisible()
    assert not window.scale.isEnabled()
    assert "Nothing fits" in window.scale._said.text()


def test_a_headless_file_says_what_that_means(bench):
    said = "The classifier is missing: features work, predictions mean nothing."
    bench.report(dataclasses.replace(REPORT, classes=None, problems=(said,)))
    assert bench.window.foot.open.text() == "Open anyway"
    assert said in bench.window.foot.warning._text.text()
    assert not bench.window.names.isEnabled()
    bench.button("Open anyway").click()
    assert bench.opened[0].checkpoint.damaged


def test_that_predictions_mean_nothing_is_said_once_whatever_the_language(bench):
    said = "Der Klassifikator fehlt: Vorhersagen besagen nichts."
    bench.report(dataclasses.replace(REPORT, classes=None, problems=(said,)))
    assert bench.window.foot.warning._text.text() == said


def test_answers_of_another_file_do_not_linger(bench):
    bench.report()
    bench.window.names._editor.setPlainText("wren\nheron\nrobin")
    bench.window.begin("/weights/other.pth")
    assert bench.window.names.labels() == ()
    assert bench.window.model() is None


def test_a_thousand_names_are_no_burden(bench):
    bench.report(dataclasses.replace(REPORT, classes=21_000))
    names = tuple(f"class number {place}" for place in range(21_000))
    result = ClassNames(labels=names, note="")
    began = time.thread_time()
    bench.state.found("labels", Finding().finished(ReadLabels(path="x", classes=21_000), result))
    assert time.thread_time() - began < 0.5
    assert bench.window.form().labels == names
