"""The decision plane against the bare passes that it needs, and what drawing it costs.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch

from cnnviz_gui.core import params, plane_drawing, run_plane
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.plane_found import Found
from cnnviz_gui.core.plane_requests import Plane, PlaneParams
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]
QUIET = NullContext()
Job = Callable[[], object]
Timing = Callable[..., None]


def plane(image: ImageRef, **given: object) -> Plane:
    attack = Attack(
        model=ModelRef(name="efficientnet_lite0"),
        image=image,
        method="pgd",
        parameters=params.build(method("attack", "pgd").params, {}),
    )
    return Plane(attack=attack, parameters=PlaneParams(**given))


@pytest.mark.parametrize("points", ["17", "65"])
def test_a_plane_against_bare_passes(image: ImageRef, interleaved: Timing, points: str) -> None:
    session = Session(device=torch.device("cpu"))
    asked = plane(image, points="17")
    execute(asked, session, QUIET)  # the attack is remembered, and where it went
    network = session.classifier(asked.attack.model)
    count, total = at_once(network), int(points) ** 2
    pictures = session.input(asked.attack.model, image).repeat(count, 1, 1, 1)
    reaches = itertools.count(1)

    def bare() -> None:
        for _ in range(total // count):
            network.logits(pictures)
        if total % count:
            network.logits(pictures[: total % count])

    def whole() -> object:
        return execute(plane(image, points=points, reach=next(reaches) / 4), session, QUIET)

    jobs: dict[str, Job] = {f"{total} bare, {count} at once": bare, "plane": whole}
    interleaved(f"Plane of {points} x {points}", jobs, slow=True)


def test_what_a_plane_adds_to_its_passes(image: ImageRef, interleaved: Timing) -> None:
    session = Session(device=torch.device("cpu"))
    asked = plane(image, points="17")
    execute(asked, session, QUIET)
    axes = run_plane._axes(asked, session, QUIET)
    found = Found(PlaneParams(points="65"), run_plane._setting(asked, axes, session, QUIET))
    count = at_once(session.classifier(asked.attack.model))
    network = session.classifier(asked.attack.model)
    places = [(0.1 * number, 0.2) for number in range(count)]
    logits = network.logits(axes.pictures(places).clamp_(0, 1))
    whole = torch.stack([logits[number % count] for number in range(65 * 65)])
    corners = [(row, column) for row in range(65) for column in range(65)]
    found.note(corners, whole)
    stacks = found._classes, found._logs, found._loss
    jobs: dict[str, Job] = {
        f"{count} pictures": lambda: axes.pictures(places).clamp_(0, 1),
        f"{count} noted": lambda: found.note(corners[:count], logits),
        "drawing": lambda: plane_drawing.draw(stacks, 1, found.setting.label.index, 2.0),
        f"{count} bare": lambda: network.logits(axes.pictures(places).clamp_(0, 1)),
    }
    interleaved("Parts of a plane", jobs)
