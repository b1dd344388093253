import dataclasses
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from cnnviz_gui.core.layer_table import FORMS, text
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.layers.table_out import KINDS, TableOut, form_of
from cnnviz_gui.state.app_state import AppState


@pytest.fixture
def over(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def out(state, over):
    return TableOut(state, over)


def answer(monkeypatch, path, form):
    """Let the user choose a file and a kind of file; return what the dialog was told."""
    told = []
    monkeypatch.setattr(
        QFileDialog,
        "getSaveFileName",
        lambda *given: told.append(given) or (str(path), KINDS[form]),
    )
    return told


def test_every_form_can_be_copied(out, state, network, qapp, over):
    menu = QMenu(over)
    out.add_to(menu)
    forms = menu.actions()[0].menu().actions()
    assert [action.data() for action in forms] == list(FORMS)
    copied = []
    for action in forms:
        action.trigger()
        copied.append(qapp.clipboard().text())
    assert copied == [text(network, form) for form in FORMS]
    assert "lecture" in state.shared.notice.text


@pytest.mark.parametrize("form", FORMS)
def test_what_is_saved_is_what_is_copied(out, state, network, tmp_path, monkeypatch, form):
    told = answer(monkeypatch, tmp_path / "mine", form)
    out.save()
    (written,) = tmp_path.iterdir()
    assert written.read_text("utf-8") == text(network, form)
    assert state.shared.notice.text == f"Saved {written.name}."
    assert Path(told[0][2]).name == "net-layers.csv"


def test_saving_can_be_thought_better_of(out, state, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    out.save()
    assert state.shared.notice is None


def test_a_failure_is_told(out, state, monkeypatch, tmp_path):
    answer(monkeypatch, tmp_path / "gone" / "mine.csv", "csv")
    out.save()
    assert state.shared.notice.level == "error"


def test_without_a_network_nothing_happens(over, qapp):
    empty = TableOut(AppState(), over)
    qapp.clipboard().setText("before")
    empty.copy("csv")
    empty.save()
    assert qapp.clipboard().text() == "before"


@pytest.mark.parametrize(
    ("name", "kind", "form"),
    [
        ("a", "markdown", "markdown"),
        ("a.md", "lecture", "lecture"),
        ("a.md", "csv", "markdown"),
        ("a.csv", "lecture", "csv"),
        ("a.txt", "lecture", "lecture"),
    ],
)
def test_the_ending_of_a_name_outweighs_the_kind(name, kind, form):
    assert form_of(Path(name), KINDS[kind]) == form


def test_the_table_is_that_of_the_network_in_use(out, state, network, qapp):
    other = dataclasses.replace(network, name="other", layers=())
    state.use_network(ModelRef(name="other"), other)
    out.copy("csv")
    assert qapp.clipboard().text() == text(other, "csv")
