"""Every kind of request as a script and as a line of the command: both compute what it asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz_gui import resources
from cnnviz_gui.core import as_command, as_python, params
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import AttackBorders, BorderParams, Borders
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    ChannelClasses,
    Contributions,
    ExamineCell,
    InspectFilters,
)
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.place_requests import Locate
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, PlanePicture
from cnnviz_gui.core.race_requests import AttackRace, RaceParams
from cnnviz_gui.core.registry import Kind, method
from cnnviz_gui.core.request import (
    Attack,
    ChannelEdit,
    Embed,
    Heatmap,
    HeatmapLayers,
    ImageRef,
    InspectLayer,
    ModelRef,
    Nearest,
    OpenModel,
    Predict,
    Request,
    Sweep,
)
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.result_files import save_result
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.trust_requests import Sanity, Trust, TrustParams

NAME = 'it\'s "a" $cat & mouse.png'
NET = ModelRef(name="lenet5")
HANDED_OVER = "cnnviz run -"


def usual(kind: Kind, name: str, **given: Any) -> params.Params:
    return params.build(method(kind, name).params, given)


def use(kind: Kind, name: str, **given: Any) -> MethodUse:
    return MethodUse(method=name, parameters=usual(kind, name, **given))


def requests(place: Path) -> dict[str, Request]:
    """Return what every view of every page gives away, about a picture with an awkward name."""
    image, folder = ImageRef(path=str(place / NAME)), str(place)
    other = ImageRef(path=str(place / "-other.png"))
    usual_cam = usual("heatmap", "grad-cam")
    cam = Heatmap(model=NET, image=image, method="grad-cam", parameters=usual_cam, layer="relu3")
    still = usual("attack", "fgsm", epsilon=0.0)
    at_zero = MethodUse(method="pgd", parameters=usual("attack", "pgd", epsilon=0.0))

    noisy = usual("heatmap", "smoothgrad", samples=3, seed=4)
    pgd = Attack(model=NET, image=image, method="pgd", parameters=usual("attack", "pgd", steps=3))
    fgsm = Attack(model=NET, image=image, method="fgsm", parameters=usual("attack", "fgsm"))
    plane = Plane(attack=fgsm, parameters=PlaneParams(points="17", reach=1.5))
    edits = (ChannelEdit(layer="c1", channel=1),)
    fgsm_use = use("attack", "fgsm", epsilon=0.0)
    still_pgd = replace(pgd, parameters=usual("attack", "pgd", steps=1, epsilon=0.0))
    quick = FeatureParams(steps=3, size=64)
    layer = "c1"
    untrained = replace(NET, untrained=True, seed=5)
    return {
        "predict": Predict(model=NET, image=image, top=10),
        "untrained": Predict(model=untrained, image=image),
        "edited": Predict(model=NET, image=image, top=10, edits=edits),
        "map": replace(cam, target=3, against=5, layer="c3"),
        "noisy": replace(cam, method="smoothgrad", parameters=noisy, layer=""),
        "of-attack": replace(cam, attack=fgsm),
        "layers": HeatmapLayers(heatmap=replace(cam, layer=""), layers=("c1", "c3", "relu3")),
        "trust": Trust(heatmap=cam, parameters=TrustParams(curve_points=4, random_draws=1)),
        "sanity": Sanity(heatmap=cam),
        "place": Locate(heatmap=cam, share=0.5),
        "steps": GradCamSteps(heatmap=cam),
        "grid": HeatmapGrid(
            model=NET,
            image=image,
            methods=(use("heatmap", "grad-cam"), use("heatmap", "saliency")),
            targets=(1, 2),
            top=1,
            layers=("relu3",),
        ),
        "maps": HeatmapFolder(
            model=NET,
            folder=FolderRef(path=folder),
            method="grad-cam",
            parameters=usual("heatmap", "grad-cam"),
            layer="relu3",
        ),
        "attack": replace(pgd, target=4),
        "scaled": replace(fgsm, scale=0.5),
        "l2": replace(
            pgd, parameters=usual("attack", "pgd", norm="l2", steps=2, random_start=False)
        ),
        "sweep": Sweep(attack=replace(fgsm, parameters=still), maximum=8.0),
        "way": AttackSteps(attack=pgd),
        "borders": Borders(
            attack=replace(fgsm, parameters=still), parameters=BorderParams(classes=1)
        ),
        "borders-handed": Borders(attack=still_pgd, parameters=BorderParams(classes=1)),
        "by-attack": AttackBorders(model=NET, image=image, methods=(fgsm_use,)),
        "race": AttackRace(
            model=NET,
            image=image,
            methods=(fgsm_use, at_zero),
            parameters=RaceParams(gradients=3, queries=3),
        ),
        "defences": Defences(
            attack=fgsm, methods=(use("defence", "jpeg", quality=50), use("defence", "median"))
        ),
        "known": AdaptiveAttacks(attack=fgsm, methods=(use("defence", "median"),)),
        "masking": Masking(attack=fgsm),
        "robust": AttackFolder(
            model=NET,
            folder=FolderRef(path=folder),
            method="fgsm",
            parameters=usual("attack", "fgsm"),
            epsilons=(0.0, 2.0, 4.5),
        ),
        "plane": plane,
        "across": replace(plane, parameters=PlaneParams(across="class", points="17"), other=6),
        "beyond": replace(
            plane, parameters=PlaneParams(across="image", points="17"), other_image=other
        ),
        "point": PlanePicture(plane=plane, along=0.5, across=-0.25),
        "channel": Feature(model=NET, units=(Unit(layer=layer, channel=2),), parameters=quick),
        "class": Feature(
            model=NET, units=(Unit(channel=3, weight=-1.0),), parameters=replace(quick, seed=9)
        ),
        "dream": Feature(
            model=NET,
            units=(Unit(layer=layer),),
            parameters=replace(quick, start="photograph"),
            aim="direction",
            image=image,
        ),
        "stages": Feature(
            model=NET,
            units=(Unit(layer=layer, channel=2),),
            parameters=replace(quick, rate=0.02),
            before=(quick,),
        ),
        "sheet": FeatureSheet(model=NET, layer=layer, channels=(0, 1), parameters=quick),
        "inside": InspectLayer(model=NET, image=image, layer="c3", edits=edits),
        "filters": InspectFilters(model=NET, layer=layer),
        "statistics": ActivationStatistics(model=NET, images=(image,)),
        "shares": Contributions(model=NET, image=image, layer=layer),
        "cell": ExamineCell(model=NET, image=image, layer=layer, channel=1, row=2, column=3),
        "classes": ChannelClasses(model=NET, image=image, layer=layer, channel=1),
        "embed": Embed(model=NET, image=image),
        "nearest": Nearest(model=NET, image=image, folder=folder, count=24),
        "table": OpenModel(model=NET),
    }


BY_RUN = {
    *("edited", "of-attack", "layers", "sanity", "place", "steps", "sweep", "way", "known"),
    *("masking", "point", "stages", "sheet", "inside", "filters", "statistics", "shares"),
    *("cell", "classes", "borders-handed"),
}
"""Those for which the command line has no words of its own."""

RUN_SCRIPTS = """
import contextlib, io, os, sys
from pathlib import Path
for path in sorted(Path("scripts").resolve().iterdir()):
    place = Path("by-script").resolve() / path.stem
    place.mkdir(parents=True)
    os.chdir(place)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(path.read_text(), str(path), "exec"), {})
    assert said.getvalue().strip(), path
    os.chdir(path.parent.parent)
"""
RUN_COMMANDS = """
import io, os, shlex, sys
from pathlib import Path
from cnnviz_gui.cli import main
class Piped:
    def __init__(self, text):
        self.buffer = io.BytesIO(text.encode())
for path in sorted(Path("commands").resolve().iterdir()):
    place = Path("by-command").resolve() / path.stem
    place.mkdir(parents=True)
    os.chdir(place)
    first, _, rest = path.read_text().partition("\\n")
    words = shlex.split(first.removesuffix(" <<'END'"))
    assert words.pop(0) == "cnnviz"
    if words[0] == "run":
        sys.stdin = Piped(rest.removesuffix("END\\n"))
        assert main(words) == 0, (path.stem, first)
    elif words[0] == "layers":
        assert main(words) == 0, (path.stem, first)
    else:
        assert main([*words, "--request", "request.json"]) == 0, (path.stem, first)
        assert main(["run", "request.json", "--out", "out"]) == 0, (path.stem, first)
    os.chdir(path.parent.parent)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("as code")
    (made / "pictures").mkdir()
    shutil.copy(resources.digits()[0], made / "pictures" / NAME)
    shutil.copy(resources.digits()[1], made / "pictures" / "-other.png")
    return made


@pytest.fixture(scope="module")
def computed(place: Path) -> dict[str, Request]:
    """Compute everything here, by scripts, and by commands, each in a process of its own."""
    asked = requests(place / "pictures")
    session = Session()
    for folder, written in (("scripts", as_python.script), ("commands", as_command.command)):
        (place / folder).mkdir()
        for name, request in asked.items():
            (place / folder / name).write_text(written(request))
    environment = os.environ | {
        "PYTHONPATH": str(Path.cwd()),
        "XDG_CACHE_HOME": str(place / "cache"),
        "OMP_NUM_THREADS": "1",
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=place,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for program in (RUN_SCRIPTS, RUN_COMMANDS)
    ]
    try:
        for name, request in asked.items():
            result = execute(request, session, NullContext())
            save_result(result, request, place / "here" / name)
        for process in running:
            said, _ = process.communicate(timeout=120)
            assert process.returncode == 0, said
    finally:
        for process in running:
            process.kill()
    return asked


def arrays(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: np.load(path) for path in folder.rglob("*.npy")}


@pytest.mark.parametrize("name", sorted(requests(Path("x"))))
def test_script_and_command_give_what_the_request_gives(
    name: str, computed: dict[str, Request], place: Path
) -> None:
    here = arrays(place / "here" / name)
    ways = ["by-script"] if name == "table" else ["by-script", "by-command"]
    for way in ways:
        found = arrays(place / way / name)
        assert found.keys() == here.keys()
        for file, values in here.items():
            assert np.array_equal(values, found[file], equal_nan=True), (way, file)
    script = (place / "scripts" / name).read_text()
    assert max(map(len, script.splitlines())) <= 100 + len(str(place))
    line = (place / "commands" / name).read_text()
    assert line.startswith(HANDED_OVER) == (name in BY_RUN)


def test_a_command_asks_the_very_same(computed: dict[str, Request], place: Path) -> None:
    """What it writes as its request differs in checksums and in what has no meaning alone."""
    for name in computed.keys() - BY_RUN - {"table", "borders", "by-attack", "race"}:
        written = from_json((place / "by-command" / name / "request.json").read_bytes())
        assert as_python.plain(written) == computed[name], name


def test_a_shell_reads_what_is_copied(computed: dict[str, Request], place: Path) -> None:
    """The line, and what is handed over, come through a real shell as they are."""
    heard = place / "heard"
    heard.mkdir()
    listener = heard / "cnnviz"
    listener.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > words\ncat > text\n')
    listener.chmod(0o755)
    for name in ("map", "steps"):
        text = as_command.command(computed[name], windows=False)
        env = os.environ | {"PATH": f"{heard}:{os.environ['PATH']}"}
        subprocess.run(["sh", "-c", text], cwd=heard, env=env, check=True, stdin=subprocess.DEVNULL)
        words = (heard / "words").read_text().splitlines()
        if name == "map":
            assert words[:3] == ["heatmap", "grad-cam", str(place / "pictures" / NAME)]
        else:
            assert from_json((heard / "text").read_bytes()) == computed[name]


def test_a_script_says_what_is_unusual_and_no_more(tmp_path: Path) -> None:
    asked = requests(tmp_path)
    script = as_python.script(asked["l2"])
    assert 'PgdParams(norm="l2", epsilon=' in script
    assert "seed" not in script
    assert "sha256" not in as_python.script(
        replace(asked["predict"], image=ImageRef(path="a.png", sha256="a" * 64))
    )
    assert as_command.command(asked["noisy"]).endswith(" --samples 3 --seed 4")


def test_windows_gets_its_own_quotes(tmp_path: Path) -> None:
    asked = Predict(model=NET, image=ImageRef(path='C:\\My pictures\\a "b".png'))
    line = as_command.command(asked, windows=True)
    assert line == "cnnviz predict 'C:\\My pictures\\a \"b\".png' --model lenet5"
    handed = as_command.command(requests(tmp_path)["steps"], windows=True)
    assert handed.startswith("@'\n{")
    assert handed.rstrip().rpartition("\n")[2].startswith("'@ | cnnviz run - --out ")


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("C:\\a-b\\Müller_1.png", "C:\\a-b\\Müller_1.png"),
        ("R&D.png", '"R&D.png"'),
        ("a b;c,d.png", '"a b;c,d.png"'),
        ("$(calc).png", "'$(calc).png'"),
        ("50%x%.png", "'50%x%.png'"),
        ("a`b.png", "'a`b.png'"),
        ("it's.png", "'it''s.png'"),
        ("it\u2019s.png", "'it\u2019\u2019s.png'"),
        ("C:\\a b\\", "'C:\\a b\\'"),
    ],
)
def test_no_name_is_a_command_on_windows(name: str, quoted: str) -> None:
    asked = Predict(model=NET, image=ImageRef(path=name))
    line = as_command.command(asked, windows=True)
    assert line == f"cnnviz predict {quoted} --model lenet5"


def test_powershell_hands_over_what_it_cannot_encode(tmp_path: Path) -> None:
    asked = replace(requests(tmp_path)["edited"], image=ImageRef(path="Größe \U0001f600.png"))
    handed = as_command.command(asked, windows=True)
    text = handed.partition("\n")[2].rpartition("\n'@")[0]
    assert text.isascii() and from_json(text.encode()) == asked


def test_a_module_that_was_given_is_nobody_elses(tmp_path: Path) -> None:
    asked = Predict(model=ModelRef(name="given:Net"), image=ImageRef(path="a.png"))
    for written in (as_python.script, as_command.command):
        with pytest.raises(RequestError, match="given from Python"):
            written(asked)
