"""Each layer knows only what it may know, checked by import contracts and by fresh processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import cnnviz_gui
from cnnviz_gui.app.loader import MODULES

PACKAGE = Path(cnnviz_gui.__file__).parent
PROJECT = Path(__file__).parents[2]
QT = ("PySide6", "shiboken6", "pyqtgraph", "superqt", "qtawesome", "qtpy")
TORCH = ("torch", "torchvision")
PROGRAM = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(name)
print(" ".join(sys.modules))
"""


def modules(*layers: str) -> list[str]:
    """Return the dotted names of every module of these layers."""
    files = [PACKAGE / f"{layer}.py" for layer in layers]
    for layer in layers:
        files += sorted((PACKAGE / layer).rglob("*.py"))
    parts = [
        file.relative_to(PACKAGE.parent).with_suffix("").parts for file in files if file.is_file()
    ]
    names = [part[:-1] if part[-1] == "__init__" else part for part in parts]
    return [".".join(name) for name in names if name[-1] != "__main__"]


def imported_by(*layers: str) -> set[str]:
    """Import these layers in a fresh process; return what that process has imported."""
    return imported_with(modules(*layers))


def imported_with(names: Sequence[str]) -> set[str]:
    """Import modules in a fresh process; return what that process has imported."""
    assert names
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, " ".join(names)],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("layers", "forbidden"),
    [
        pytest.param(("core", "cli", "resources"), QT, id="core-and-cli-without-qt"),
        pytest.param(("state",), QT + TORCH, id="state-without-qt-and-torch"),
        pytest.param(("panels", "state"), TORCH, id="panels-without-torch"),
        pytest.param(("engine",), (*TORCH, "PySide6.QtWidgets"), id="engine-without-widgets"),
        pytest.param(("app",), TORCH, id="app-shows-its-window-before-torch"),
        pytest.param(("cli",), TORCH, id="cli-answers-help-before-torch"),
    ],
)
def test_a_fresh_process_imports_nothing_a_layer_must_not_know(layers, forbidden):
    assert sorted(imported_by(*layers) & set(forbidden)) == []


def test_the_check_before_qt_imports_no_qt():
    program = PROGRAM.replace("sys.argv[1].split()", "['cnnviz_gui.app.preflight']")
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert not set(done.stdout.split()) & {*QT, *TORCH, "numpy"}


def test_import_contracts_hold():
    program = (
        "import sys; from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_thread_but_that_of_the_window_imports_qt() -> None:
    aside = imported_with(MODULES)
    assert aside.isdisjoint(QT) and "numpy" in aside
