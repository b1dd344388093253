from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz_gui import resources


@pytest.fixture(autouse=True)
def forget_root():
    resources.root.cache_clear()
    yield
    resources.root.cache_clear()


def test_samples_come_in_order_and_exist():
    assert [p.name for p in resources.samples()] == ["chelsea.png", "coffee.png", "rocket.jpg"]
    assert all(p.is_file() for p in resources.samples())


def test_digits_come_in_order_and_exist():
    assert [p.stem for p in resources.digits()] == [f"digit-{n}" for n in range(10)]


def test_samples_bear_their_attribution():
    table = resources.path("samples/README.md").read_text(encoding="utf-8")
    for name in resources.SAMPLES:
        assert name in table


def test_a_missing_file_is_one_sentence_and_an_advice():
    with pytest.raises(resources.ResourceError) as caught:
        resources.path("fonts/nothing.otf")
    assert "fonts/nothing.otf" in caught.value.message
    assert caught.value.advice == "Install cnnviz-gui again."
    assert isinstance(caught.value, FileNotFoundError)
    assert str(caught.value) == f"{caught.value.message} {caught.value.advice}"


def test_a_missing_folder_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "_candidates", lambda: (tmp_path,))
    with pytest.raises(resources.ResourceError, match="own files are missing"):
        resources.samples()


def test_a_frozen_application_looks_below_its_unpacked_folder(monkeypatch, tmp_path):
    target = tmp_path / "cnnviz_gui" / "_resources" / "samples"
    shutil.copytree(resources.path("samples"), target)
    resources.root.cache_clear()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources.samples()[0].parent == target


def test_import_is_light():
    code = (
        "import sys, cnnviz_gui.resources;"
        "bad = {'numpy', 'PIL', 'torch', 'PySide6'} & set(sys.modules);"
        "print(bad); sys.exit(bool(bad))"
    )
    checkout = Path(resources.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
