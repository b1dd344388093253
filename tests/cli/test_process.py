"""The real command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "cnnviz_gui.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def run(argv: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        argv, env=ENVIRONMENT, cwd=ROOT, capture_output=True, timeout=120, **options
    )


def imported_by(*argv: str) -> tuple[set[str], bytes]:
    """Run the command; return the packages it imported, and its standard output."""
    code = (
        "import sys; from cnnviz_gui.cli import main; status = main(sys.argv[1:]); "
        "print(*sys.modules, file=sys.stderr); sys.exit(status)"
    )
    ran = run([sys.executable, "-c", code, *argv])
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count(b"\n") == 1  # the modules, and not a word of the command's own
    return {name.partition(".")[0] for name in ran.stderr.decode().split()}, ran.stdout


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["predict", "--help"]])
def test_help_imports_nothing_heavy(argv: list[str]) -> None:
    modules, out = imported_by(*argv)
    assert not modules & {"torch", "torchvision", "numpy", "PIL"}
    assert b"cnnviz" in out


def test_a_heat_map_is_one_json_object_and_imports_no_window_library(cat: str) -> None:
    modules, out = imported_by("heatmap", "grad-cam", cat, "--json")
    assert msgspec.json.decode(out)["target"]["label"] == "tiger cat"
    assert "torch" in modules
    assert not modules & {"PySide6", "shiboken6", "pyqtgraph", "superqt", "qtawesome"}


def test_output_is_utf8_whatever_the_locale() -> None:
    code = (
        "from cnnviz_gui.cli.output import prepare_streams, print_lines;"
        "prepare_streams(); print_lines(['1280 × 7', chr(0xDC80)])"
    )
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode("utf-8").splitlines() == ["1280 × 7", "?"]


def test_failure_sets_the_status_of_the_process(tmp_path: Path) -> None:
    ran = run([*COMMAND, "run", "no-such-request.json", "--out", str(tmp_path)])
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows pipes end differently")
def test_a_closed_pipe_is_silent() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [*COMMAND, "--help"],
        env=ENVIRONMENT,
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    os.close(writer)
    assert ran.stderr == b""
