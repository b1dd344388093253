"""How large everything is drawn."""

import json
import os
import subprocess
import sys

import pytest

from cnnviz_gui.app import text_size
from cnnviz_gui.app.settings import SettingsFile


@pytest.mark.parametrize(
    ("given", "percent", "factor"),
    [(None, 150, "1.5"), ("2", 150, "3"), ("no number", 125, "1.25"), ("1.5", 100, "1.5")],
)
def test_the_size_chosen_comes_on_top_of_the_system_s(monkeypatch, given, percent, factor):
    monkeypatch.delenv("QT_SCALE_FACTOR", raising=False)
    if given is not None:
        monkeypatch.setenv("QT_SCALE_FACTOR", given)
    with text_size.enlarged(percent):
        assert os.environ["QT_SCALE_FACTOR"] == factor
    assert os.environ.get("QT_SCALE_FACTOR") == given, "what is opened next is not enlarged"


def test_qt_draws_as_large_as_was_chosen():
    code = (
        "from cnnviz_gui.app import text_size\n"
        "from PySide6.QtWidgets import QApplication, QWidget\n"
        "with text_size.enlarged(150):\n"
        "    app = QApplication([])\n"
        "print(QWidget().devicePixelRatioF())"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    environment.pop("QT_SCALE_FACTOR", None)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.strip() == "1.5"


def test_a_size_that_is_not_offered_is_not_taken(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"text_size": 1000}))
    settings, said = SettingsFile(path).read()
    assert settings.text_size == 100
    assert "text_size" in said
