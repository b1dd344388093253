"""Qt never gets the chance to abort: whatever is missing becomes one sentence."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnviz_gui.app import preflight, system_libraries
from cnnviz_gui.app.preflight import Surroundings, check

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lacks libraries")
DEBIAN = {"ID": "debian"}
PROGRAM = """
import sys
from cnnviz_gui.app.preflight import check
reason = check()
if reason:
    print(reason, file=sys.stderr)
    sys.exit(1)
from PySide6.QtWidgets import QApplication
QApplication([])
"""


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM")
    kept = {key: value for key, value in os.environ.items() if key not in displays}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def pyside(tmp_path) -> Path:
    folder = tmp_path / "PySide6"
    plugins = folder / "Qt" / "plugins" / "platforms"
    plugins.mkdir(parents=True)
    for name in ("xcb", "wayland", "offscreen"):
        (plugins / f"libq{name}.so").touch()
    return folder


def loader(*missing: str):
    """Return a loader like ``ctypes.CDLL`` on a system that lacks these libraries."""

    def load(name: str) -> object:
        if "/" in name and missing:
            raise OSError(f"{missing[0]}: cannot open shared object file: No such file")
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file: No such file")
        return object()

    return load


def surroundings(pyside: Path, **changes) -> Surroundings:
    values = {
        "environ": {"DISPLAY": ":0"},
        "load": loader(),
        "answers": lambda platform: True,
        "folder": lambda: pyside,
        "version": lambda: "6.11.3",
        "os_release": lambda: DEBIAN,
        "system": "linux",
    }
    return Surroundings(**(values | changes))


@linux
@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {},
            "There is no display. Use `cnnviz heatmap grad-cam IMAGE --save out.png`, "
            "or `xvfb-run cnnviz-gui`.",
        ),
        (
            {"QT_QPA_PLATFORM": "xcb"},
            "There is no display. Use `cnnviz heatmap grad-cam IMAGE --save out.png`, "
            "or `xvfb-run cnnviz-gui`.",
        ),
        (
            {"DISPLAY": ":9471"},
            "The display :9471 does not answer. Correct DISPLAY, or work without a window: "
            "`cnnviz heatmap grad-cam IMAGE --save out.png`.",
        ),
        (
            {"WAYLAND_DISPLAY": "wayland-9471"},
            "The display wayland-9471 does not answer. Correct WAYLAND_DISPLAY, or work without "
            "a window: `cnnviz heatmap grad-cam IMAGE --save out.png`.",
        ),
        (
            {"QT_QPA_PLATFORM": "nonsense"},
            "QT_QPA_PLATFORM asks for nonsense, which this Qt does not have. "
            "Unset QT_QPA_PLATFORM, or set it to xcb, wayland or offscreen.",
        ),
    ],
)
def test_where_qt_would_abort_the_program_says_one_sentence(environ, sentence):
    done = start(**environ)
    assert (done.returncode, done.stderr, done.stdout) == (1, sentence + "\n", "")


@linux
def test_without_the_check_qt_aborts():
    program = "from PySide6.QtWidgets import QApplication; QApplication([])"
    environ = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -c 0; exec '{sys.executable}' -c '{program}'"],
        env=environ | {"QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode < 0


def test_where_qt_can_start_nothing_is_said():
    done = start(QT_QPA_PLATFORM="offscreen")
    assert (done.returncode, done.stderr) == (0, "")


@linux
def test_all_that_is_missing_is_named_with_one_command(pyside, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    lacking = ("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxkbcommon-x11.so.0")
    assert check(surroundings(pyside, load=loader(*lacking))) == (
        "Qt needs libxcb-cursor.so.0, libxcb-icccm.so.4 and libxkbcommon-x11.so.0, "
        "which are missing. Install them with "
        "`sudo apt-get install libxcb-cursor0 libxcb-icccm4 libxkbcommon-x11-0`."
    )


@linux
@pytest.mark.parametrize(
    ("os_release", "expected"),
    [
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt-get install libxcb-cursor0`"),
        ({"ID": "fedora"}, "dnf install xcb-util-cursor`"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf install xcb-util-cursor`"),
        ({"ID": "arch"}, "pacman -S xcb-util-cursor`"),
        ({"ID": "exotic"}, "Debian calls these libxcb-cursor0."),
        ({}, "Debian calls these libxcb-cursor0."),
    ],
)
def test_the_command_suits_the_distribution(pyside, os_release, expected):
    around = surroundings(pyside, load=loader("libxcb-cursor.so.0"), os_release=lambda: os_release)
    assert expected in check(around)


@linux
def test_one_package_that_holds_two_libraries_is_named_once(pyside):
    lacking = ("libglib-2.0.so.0", "libgthread-2.0.so.0")
    assert check(surroundings(pyside, load=loader(*lacking))).count("libglib2.0-0") == 1


@linux
def test_offscreen_asks_for_no_display_libraries(pyside):
    around = surroundings(
        pyside,
        environ={"QT_QPA_PLATFORM": "offscreen"},
        load=loader("libGL.so.1", "libxcb-cursor.so.0"),
    )
    assert "libGL.so.1, which is missing" in check(around)


@linux
def test_one_display_that_works_is_enough(pyside):
    around = surroundings(
        pyside,
        environ={"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"},
        answers=lambda platform: platform == "xcb",
    )
    assert check(around) == ""


@linux
def test_a_library_the_table_does_not_know_is_named_all_the_same(pyside):
    sentence = check(surroundings(pyside, load=loader("libstrange.so.3")))
    assert "libstrange.so.3" in sentence
    assert "pip install --force-reinstall" in sentence


@pytest.mark.parametrize("version", ["6.11.0", "6.11.1", "6.12.0"])
@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_versions_known_to_be_bad_are_refused(pyside, version, system):
    sentence = check(surroundings(pyside, version=lambda: version, system=system))
    assert sentence.startswith(f"PySide6 {version} ")
    assert "pip install 'PySide6-Essentials>=6.8,!=6.11.0,!=6.11.1,!=6.12.0'" in sentence


def test_without_pyside_the_sentence_says_how_to_install_it(pyside):
    sentence = check(surroundings(pyside, folder=lambda: None))
    assert sentence.startswith("PySide6 is not installed. Install it with `")


@linux
def test_an_import_error_names_the_library_and_its_package():
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert "libEGL.so.1, which is missing" in preflight.explain(error)


def test_any_other_import_error_becomes_a_sentence():
    sentence = preflight.explain(ImportError("DLL load failed"))
    assert sentence.startswith("Qt cannot be loaded (DLL load failed). Install it again with `")


def test_the_requirement_is_that_of_the_build_description():
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    assert f'"{preflight.REQUIREMENT}"' in pyproject.read_text(encoding="utf-8")


@linux
def test_a_silent_display_is_given_up(monkeypatch):
    monkeypatch.setattr(preflight, "_ANSWER_SECONDS", 0.05)
    asked = preflight.threading.Event()
    monkeypatch.setattr(preflight, "_greet", lambda platform: asked.wait(60))
    began = time.monotonic()
    try:
        assert not preflight._answers("xcb")
    finally:
        asked.set()
    assert time.monotonic() - began < 10


@linux
def test_the_table_covers_all_that_the_shipped_plugins_need():
    """Whatever the loader resolves outside the wheel is in the table or comes with what is."""
    folder = preflight._pyside_folder()
    plugins = folder / "Qt" / "plugins" / "platforms"
    implied = re.compile(
        r"lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|z|zstd|resolv|X11|xcb|xcb-(render|randr|shm|sync|xfixes|util|glx)"
        r"|GLX|GLdispatch|OpenGL|freetype|expat|png16|brotli\w+|bsd|md|cap|gcrypt|gpg-error|lz4|lzma"
        r"|pcre2-8|systemd|Xau|Xdmcp|ffi|bz2|uuid|atomic)\.so|ld-linux|linux-vdso"
    )
    for platform, plugin in (("xcb", "libqxcb.so"), ("offscreen", "libqoffscreen.so")):
        listing = subprocess.run(
            ["ldd", str(plugins / plugin)], capture_output=True, text=True, check=True
        ).stdout
        outside = {
            line.split()[0]
            for line in listing.splitlines()
            if str(folder) not in line and not implied.search(line.split()[0])
        }
        known = {entry.soname for entry in system_libraries.needed(platform)}
        assert outside <= known


@linux
def test_every_library_of_the_table_is_one_the_loader_knows_by_that_name():
    table = system_libraries.needed("xcb") + system_libraries.needed("wayland")
    for entry in table:
        ctypes.CDLL(entry.soname)


def test_os_release_is_read_with_its_quotes_removed(tmp_path):
    (tmp_path / "os-release").write_text('NAME="X Y"\nID=x\nID_LIKE="a b"\n\n# note\n')
    fields = system_libraries.read_os_release(tmp_path)
    assert (fields["NAME"], fields["ID"], fields["ID_LIKE"]) == ("X Y", "x", "a b")


def test_a_missing_os_release_is_no_failure(tmp_path):
    assert system_libraries.read_os_release(tmp_path) == {}
