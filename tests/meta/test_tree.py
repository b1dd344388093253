"""The shape of the project: few things at the top, small files, nothing unfinished."""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOURCES = sorted((PROJECT / "cnnviz_gui").rglob("*.py"))
TOP = {"LICENSE", "README.md", "cnnviz_gui", "packaging", "pyproject.toml", "resources", "tests"}
LONGEST = 400


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@functools.cache
def called(path: Path) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """Return name, line and ``file=`` of each call in a file, read once for all tests."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return tuple(
        (
            ast.unparse(node.func),
            node.lineno,
            tuple(ast.unparse(word.value) for word in node.keywords if word.arg == "file"),
        )
        for node in calls
    )


def calls(path: Path) -> set[str]:
    """Return the dotted names of everything that a file calls."""
    return {called_name for called_name, _, _ in called(path)}


@pytest.mark.skipif(
    not (PROJECT / ".git").exists() or shutil.which("git") is None, reason="needs the repository"
)
def test_only_a_few_things_lie_at_the_top():
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files"],
        cwd=PROJECT,
        env={k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    top = {line.partition("/")[0] for line in listing}
    assert {entry for entry in top if not entry.startswith(".")} <= TOP


def test_a_file_is_short_enough_to_be_read():
    lengths = {name(path): path.read_bytes().count(b"\n") for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_nothing_is_left_to_do_in_a_comment():
    left = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [name(path) for path in SOURCES if left.search(path.read_text("utf-8"))] == []


def test_nothing_pumps_events_or_sleeps():
    forbidden = {"processEvents", "sleep", "msleep", "usleep", "qWait"}
    for path in SOURCES:
        found = {call for call in calls(path) if call.rpartition(".")[2] in forbidden}
        assert not found, name(path)


def test_python_knows_no_items_of_layouts():
    """Qt frees them without a word; what stands for them in Python then lies about others."""
    telling = {"itemAt", "itemAtPosition", "takeAt", "addLayout"}
    for path in SOURCES:
        if path.name == "layouts.py":
            continue
        found = {call for call in calls(path) if call.rpartition(".")[2] in telling}
        assert not found, name(path)


def test_standard_output_belongs_to_the_command_line():
    for path in SOURCES:
        if path.is_relative_to(PROJECT / "cnnviz_gui" / "cli"):
            continue
        for called_name, line, targets in called(path):
            if called_name == "print":
                assert targets == ("sys.stderr",), f"{name(path)}, line {line}"


def test_no_test_sleeps():
    for path in sorted((PROJECT / "tests").rglob("*.py")):
        assert not {"time.sleep", "sleep", "qtbot.wait"} & calls(path), name(path)


def test_all_tests_of_real_windows_stand_where_ci_looks_for_them():
    marked = re.compile(r"^(pytestmark = |@)pytest\.mark\.window\b", re.MULTILINE)
    tests = (PROJECT / "tests").rglob("test_*.py")
    folders = {path.parent.name for path in tests if marked.search(path.read_text("utf-8"))}
    assert folders == {"window"}


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in SOURCES}
    assert [
        name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ] == []
