"""What is built holds what the program needs, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
RESOURCES = sorted(
    path.relative_to(PROJECT / "resources").as_posix()
    for path in (PROJECT / "resources").rglob("*")
    if path.is_file()
)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    program = (
        "import sys; from hatchling import build;"
        "build.build_wheel(sys.argv[1]); build.build_sdist(sys.argv[1])"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=PROJECT, check=True, timeout=120
    )
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def wheel_names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_resource_travels_in_the_wheel(wheel_names):
    # but for what only the README shows, and what is compiled
    unread = re.compile(r"screenshots/|languages/.*\.po")
    wanted = {name for name in RESOURCES if not unread.match(name)}
    assert wanted and wanted != set(RESOURCES)
    held = {name for name in wheel_names if name.startswith("cnnviz_gui/_resources/")}
    assert held == {f"cnnviz_gui/_resources/{name}" for name in wanted}


def test_every_module_travels_in_the_wheel(wheel_names):
    modules = {path.relative_to(PROJECT).as_posix() for path in PROJECT.glob("cnnviz_gui/**/*.py")}
    assert modules <= wheel_names


def test_the_wheel_holds_nothing_but_the_package_and_its_metadata(wheel_names):
    assert {name.split("/")[0].split("-")[0] for name in wheel_names} == {"cnnviz_gui"}
    unwanted = re.compile(r"(^|/)(tests?[/_]|conftest)|\.pyc$")
    assert not [name for name in wheel_names if unwanted.search(name)]
    assert [name for name in wheel_names if name.endswith("licenses/LICENSE")]


def test_the_wheel_is_pure_and_small(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < 4_000_000


def test_the_source_archive_can_be_built_and_tested(built):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    wanted = {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py"}
    assert wanted | {f"resources/{name}" for name in RESOURCES} <= names


def test_a_package_index_would_take_both(built):
    pytest.importorskip("twine")
    archives = sorted(str(path) for path in built.iterdir() if path.suffix in (".whl", ".gz"))
    assert len(archives) == 2
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *archives],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_installed_wheel_finds_its_resources(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = "from cnnviz_gui import resources; print(*resources.samples(), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = [Path(line) for line in done.stdout.splitlines()]
    assert [path.parent for path in found] == [tmp_path / "cnnviz_gui/_resources/samples"] * 3
