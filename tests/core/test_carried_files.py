"""Every PNG that the window lets the worker write carries its request, and no place."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cnnviz_gui import resources
from cnnviz_gui.core import carried, params
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, SavePlane
from cnnviz_gui.core.registry import Kind, method
from cnnviz_gui.core.request import Attack, Heatmap, ImageRef, ModelRef, SaveAdversarial, Work
from cnnviz_gui.core.save_work import Deferred, SaveDrawing, SaveStep, Step
from cnnviz_gui.core.session import Session

NET = ModelRef(name="lenet5")
QUIET = NullContext()
PIXELS = np.zeros((32, 32, 3), np.uint8)


def usual(kind: Kind, name: str) -> params.Params:
    return params.build(method(kind, name).params, {})


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.mark.parametrize(
    "kind", ["picture", "alone", "figure", "plane", "attack", "repaired", "step"]
)
def test_what_the_worker_writes(kind: str, session: Session, tmp_path: Path) -> None:
    place = tmp_path / "private"
    place.mkdir()
    shutil.copy(resources.digits()[0], place / "seven.png")
    image, path = ImageRef(path=str(place / "seven.png")), str(tmp_path / "out.png")
    heatmap = Heatmap(
        model=NET, image=image, method="grad-cam", parameters=usual("heatmap", "grad-cam")
    )
    attack = Attack(model=NET, image=image, method="fgsm", parameters=usual("attack", "fgsm"))
    plane = Plane(attack=attack, parameters=PlaneParams(points="17"))
    steps, drawing = AttackSteps(attack=attack), Deferred.of(PIXELS)
    works: dict[str, Work] = {
        "picture": SaveDrawing(path=path, drawing=drawing, of=heatmap),
        "alone": SaveDrawing(path=path, drawing=drawing, carried=carried.written(heatmap)),
        "figure": SaveFigure(path=path, heatmap=heatmap),
        "plane": SavePlane(path=path, plane=plane),
        "attack": SaveAdversarial(path=path, attack=attack),
        "repaired": SaveAdversarial(path=path, attack=attack, repair=True),
    }
    if kind == "step":
        way = execute(steps, session, QUIET)
        works["step"] = SaveStep(path=path, step=Step(steps, way, 0, drawing))
    execute(works[kind], session, QUIET)
    data = Path(path).read_bytes()
    for private in (str(Path.home()), str(tmp_path), "private"):
        assert private.encode() not in data
    found = carried.found_in(data)
    assert found is not None
    tasks = {"plane": "plane", "attack": "attack", "repaired": "attack", "step": "attack-steps"}
    assert found.request.task == tasks.get(kind, "heatmap")
