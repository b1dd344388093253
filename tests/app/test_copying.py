"""Copying what is in view as code."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QMainWindow

from cnnviz_gui.app.copying import Copying
from cnnviz_gui.app.saving import Saving
from cnnviz_gui.core.as_command import command
from cnnviz_gui.core.as_python import script
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.panels.export import Export
from cnnviz_gui.state.app_state import AppState
from tests.app.test_saving import Engine, Window

ASKED = Predict(model=ModelRef(name="lenet5"), image=ImageRef(path="/a b/cat.png"))


@pytest.fixture
def window(qtbot):
    made = Window()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def copying(window, state):
    return Copying(Saving(window, state, Engine()), state)


def show(window: QMainWindow, **more: object) -> None:
    export = dataclasses.replace(Export("cat", None, None, ASKED), **more)
    window.stage.page.export = lambda: export


@pytest.mark.parametrize(("kind", "written"), [("python", script), ("command", command)])
def test_what_is_in_view_is_copied_as_code(copying, window, state, qapp, kind, written) -> None:
    show(window)
    getattr(copying, f"on_copy_{kind}")()
    assert qapp.clipboard().text() == written(ASKED)
    assert "is in the clipboard" in state.shared.notice.text


@pytest.mark.parametrize("kind", ["python", "command"])
def test_what_no_code_gives_is_said_and_the_clipboard_stays(
    copying, window, state, qapp, kind
) -> None:
    qapp.clipboard().setText("before")
    show(window, unlike="It gives more.")
    getattr(copying, f"on_copy_{kind}")()
    assert state.shared.notice.text == "It gives more."
    given = dataclasses.replace(ASKED, model=ModelRef(name="given:Net"))
    show(window, request=given)
    getattr(copying, f"on_copy_{kind}")()
    assert "given from Python" in state.shared.notice.text
    window.stage.page.export = lambda: None
    getattr(copying, f"on_copy_{kind}")()
    assert qapp.clipboard().text() == "before"
