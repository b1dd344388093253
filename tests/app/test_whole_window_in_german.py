"""German is longer than English: the window has to have room for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("german_window.py")


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What is too narrow anywhere in the window, by kind: the walk takes most of a minute."""
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout)


def test_no_german_word_is_cut_that_is_not_told_whole(faults: dict[str, list[str]]) -> None:
    assert faults["cut"] == []


def test_no_german_name_of_a_parameter_is_cut(faults: dict[str, list[str]]) -> None:
    assert faults["short"] == []


def test_nothing_is_too_wide_in_german(faults: dict[str, list[str]]) -> None:
    assert faults["wide"] == []


def test_all_controls_lie_inside_of_what_holds_them_in_german(faults: dict[str, list[str]]) -> None:
    assert faults["out_of_reach"] == []


def test_no_control_lies_over_another_in_german(faults: dict[str, list[str]]) -> None:
    assert faults["overlapping"] == []
