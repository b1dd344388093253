"""What the README says is tried: its example method, and the names it uses."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cnnviz_gui import resources
from cnnviz_gui.core.registry import methods

README = Path(__file__).parents[2] / "README.md"


def code(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def test_the_example_method_works_from_one_file(tmp_path):
    example = next(block for block in code("python") if "@heatmap" in block)
    (tmp_path / "mean_activation.py").write_text(example, "utf-8")
    script = textwrap.dedent(
        f"""
        import sys
        import cnnviz_gui.core.heatmaps as package
        package.__path__.append({str(tmp_path)!r})
        from cnnviz_gui.cli import main
        sys.exit(main(sys.argv[1:]))
        """
    )
    sample = str(resources.samples()[0])
    arguments = ["heatmap", "mean-activation", sample, "--power", "2", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["method"] == "mean-activation"
    assert answer["parameters"] == {"power": 2.0}


def test_the_example_with_a_network_of_ones_own_opens_its_window():
    example = next(block for block in code("python") if "cnnviz_gui.show" in block)
    script = """
from PySide6.QtCore import QEventLoop, QTimer

started = QEventLoop.exec

def exec(loop, *flags):
    def look():
        from cnnviz_gui.app import shown
        explorer = shown._kept[-1]
        if explorer.complete and explorer.state.finding("heatmap").status in ("done", "failed"):
            print(explorer.state.finding("heatmap").status, *explorer.state.shared.facts.labels)
            explorer.window.close()
        else:
            QTimer.singleShot(20, look)
    QTimer.singleShot(0, look)
    return started(loop, *flags)

QEventLoop.exec = exec
"""
    done = subprocess.run(
        [sys.executable, "-c", script + example],
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["done cat dog"]


def test_every_command_of_the_readme_exists():
    text = "\n".join(code("sh"))
    used = set(re.findall(r"\bcnnviz ([a-z]+)", text))
    known = {
        "models",
        "inspect",
        "layers",
        "predict",
        "heatmap",
        "heatmaps",
        "attack",
        "borders",
        "race",
        "plane",
        "defences",
        "trust",
        "embed",
        "run",
        "feature",
    }
    assert used == known
    helped = subprocess.run(
        [sys.executable, "-m", "cnnviz_gui.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(f"\n    {name}" in helped.stdout for name in used)


def test_every_picture_of_the_readme_is_there():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README.read_text("utf-8"))
    assert pictures
    for picture in pictures:
        assert (README.parent / picture).is_file(), picture


@pytest.mark.parametrize("word", ["http://", "TODO"])
def test_the_readme_is_free_of(word):
    assert word not in README.read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "claim"),
    [
        ("heatmap", r"\*\*Heat maps\*\* \(Ctrl\+3\) has (\w+) methods"),
        ("defence", r"\*Defences\* tries (\w+) on the attack"),
    ],
)
def test_the_readme_counts_the_methods_there_are(kind, claim):
    known = {"seven": 7, "eight": 8, "nineteen": 19, "twenty": 20}
    found = re.search(claim, README.read_text("utf-8"))
    assert found is not None
    assert known[found[1]] == len(methods(kind))


def test_the_readme_names_every_attack_and_every_heat_map():
    text = README.read_text("utf-8")
    tour = text[text.index("**Heat maps** (Ctrl+3)") : text.index("**Decision plane**")].casefold()
    plain = re.sub(r"[\s–-]+", " ", tour)
    names = [m.title for kind in ("heatmap", "attack") for m in methods(kind)]
    names[names.index("Relevance (LRP)")] = "Relevance propagation"
    assert [n for n in names if re.sub(r"[\s–-]+", " ", n.casefold()) not in plain] == []


def test_every_link_of_the_readme_leads_to_a_file():
    for target in re.findall(r"(?<!!)\[[^]]+\]\(([^)#]+)", README.read_text("utf-8")):
        assert target.startswith("https://") or (README.parent / target).is_file(), target
