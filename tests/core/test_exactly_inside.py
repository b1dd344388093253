"""What an attack returns lies in its ball exactly, not but for rounding."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from cnnviz_gui.core import run_attack
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.defence_requests import AdaptiveAttacks
from cnnviz_gui.core.errors import MethodError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.registry import methods
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Sweep
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.session import Session

QUIET = NullContext()
RADII = {"linf": (0.1 / 255, 4 / 255, 0.3), "l2": (0.01, 1.0, 5.0), "l1": (0.5, 20.0, 300.0)}
BOUNDED = [
    (method.name, norm)
    for method in methods("attack")
    if any(spec.role == "epsilon" for spec in method.specs)
    for norm in next((dict(s.choices) for s in method.specs if s.name == "norm"), ("linf",))
]


def sizes(norm: str, image: Any, moved: Any) -> Any:
    """The norms (N,), by NumPy and not in the order of the program."""
    change = (np.float64(moved) - np.float64(image)).reshape(len(moved), -1)[:, ::-1]
    return np.linalg.norm(change, {"linf": np.inf, "l2": 2, "l1": 1}[norm], axis=1)


def inside(result: AttackResult) -> bool:
    assert result.epsilon is not None
    radius = balls.radius(result.norm, result.epsilon)
    image = result.adversarial_image[None]
    own = float(sizes(result.norm, result.clean_image[None], image)[0])
    assert getattr(result.norms, result.norm) == pytest.approx(own, rel=1e-12)
    return own <= radius and image.min() >= 0 and image.max() <= 1


def images(seed: int) -> Tensor:
    """Pictures of all brightnesses, also of values too dark for a file of 8 bits."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(6, 3, 24, 24, generator=generator)
    x[1], x[2], x[3] = 0, 1, (x[3] * 255).round() / 255
    x[4] = x[4] ** 40
    return x


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("norm", "radius"), [(n, r) for n, all_ in RADII.items() for r in all_])
def test_what_rounding_took_out_is_settled_by_last_bits(
    norm: str, radius: float, seed: int
) -> None:
    x, ball = images(seed), balls.ball(norm, radius)
    gradient = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    moved = (x + ball.step(gradient, "steepest", radius)).clamp(0, 1)
    found = balls.settled(norm, radius, x, moved)
    assert (sizes(norm, x, found) <= radius).all()
    assert (sizes(norm, x, found) >= sizes(norm, x, moved) * (1 - 1e-3)).all()
    assert float(found.min()) >= 0 and float(found.max()) <= 1 and found.dtype == torch.float32
    assert float((found - moved).abs().max()) < 1e-6
    assert balls.settled(norm, radius, x, found) is found
    within = torch.tensor(sizes(norm, x, moved) < radius * (1 - 1e-9))
    assert torch.equal(found[within], moved[within])


def test_each_of_a_batch_has_its_radius() -> None:
    x = images(0)
    radii = torch.tensor([0, 0.5, 1, 4, 8, 64]).double() / 255
    moved = (x + radii.float()[:, None, None, None]).clamp(0, 1)
    found = balls.settled("linf", radii, x, moved)
    assert (sizes("linf", x, found) <= radii.numpy()).all()
    assert torch.equal(found[0], x[0]) and not torch.equal(moved, found)
    alone = torch.cat(
        [balls.settled("linf", float(r), x[[n]], moved[[n]]) for n, r in enumerate(radii)]
    )
    assert torch.equal(found, alone)


@pytest.mark.parametrize("radius", [0.5, torch.empty(0, dtype=torch.float64)], ids=["one", "each"])
@pytest.mark.parametrize("norm", RADII)
def test_of_no_images_none_is_moved(norm: str, radius: float | Tensor) -> None:
    none = images(0)[:0]
    found, measured = balls.settling(norm, radius, none, none)
    assert found is none and balls.settled(norm, radius, images(0)[:1], none) is none
    assert measured.shape == (0,) and measured.dtype == torch.float64


@pytest.mark.parametrize(("name", "norm"), BOUNDED)
@pytest.mark.parametrize("scale", [None, 0.37, 1.0, 1.9])
def test_every_result_lies_in_its_ball(
    session: Session,
    network: ModelRef,
    picture: ImageRef,
    make_params: Callable[..., Any],
    name: str,
    norm: str,
    scale: float | None,
) -> None:
    given = {"norm": norm} if name not in ("fgsm",) else {}
    few = {"steps": 4, "queries": 30, "restarts": 1}
    known = set(dataclasses.asdict(make_params("attack", name)))
    epsilon = RADII[norm][1] * (255 if norm == "linf" else 1)
    given |= {"epsilon": epsilon} | {key: few[key] for key in few.keys() & known}
    parameters = make_params("attack", name, **{key: given[key] for key in given.keys() & known})
    attack = Attack(model=network, image=picture, method=name, parameters=parameters, scale=scale)
    assert inside(execute(attack, session, QUIET))


@pytest.mark.parametrize("mode", ["fgsm", "scaled"])
def test_every_point_of_a_sweep_lies_in_its_ball(
    session: Session,
    network: ModelRef,
    picture: ImageRef,
    make_params: Callable[..., Any],
    mode: str,
) -> None:
    name = "fgsm" if mode == "fgsm" else "pgd"
    parameters = make_params("attack", name, epsilon=3.3)
    scale = None if mode == "fgsm" else 1.0
    attack = Attack(model=network, image=picture, method=name, parameters=parameters, scale=scale)
    points = execute(
        Sweep(attack=attack, maximum=8.0 if mode == "fgsm" else 2.0, points=14), session, QUIET
    )
    results = [point.result for point in points.points]
    assert all(map(inside, results)) and any(result.norms.linf > 0 for result in results)


def test_what_lies_outside_by_more_than_rounding_is_refused(
    network: ModelRef, picture: ImageRef, make_params: Callable[..., Any]
) -> None:
    parameters = make_params("attack", "fgsm", epsilon=4.0)
    attack = Attack(model=network, image=picture, method="fgsm", parameters=parameters)
    x = images(0)[:1]
    for moved in (x + 4.001 / 255, x * torch.nan, torch.cat([x, x])):
        with pytest.raises(MethodError):
            run_attack.inside(moved.clamp(0, 1), x, [attack])
    near = (x + 4 / 255).clamp(0, 1)
    assert (sizes("linf", x, run_attack.inside(near, x, [attack])) <= 4 / 255).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_rounding_of_many_values_is_no_fault_of_the_method(
    network: ModelRef, picture: ImageRef, make_params: Callable[..., Any], norm: str
) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, 3, 480, 480, generator=generator) / 2 + 0.49
    change = 4e-8 * torch.randn(x.shape, generator=generator).sign()
    radius = float(balls.size(norm, change))
    moved = x + change  # each value by the whole of its last bit, half as much again
    assert sizes(norm, x, moved) > 1.3 * radius
    epsilon = radius * (255 if norm == "linf" else 1)
    parameters = make_params("attack", "pgd", norm=norm, epsilon=epsilon)
    attack = Attack(model=network, image=picture, method="pgd", parameters=parameters)
    assert sizes(norm, x, run_attack.inside(moved, x, [attack])) <= radius
    with pytest.raises(MethodError):
        run_attack.inside(x + 10 * change, x, [attack])


def test_a_projection_of_a_large_picture_is_no_fault_of_the_method(
    network: ModelRef, picture: ImageRef, make_params: Callable[..., Any]
) -> None:
    parameters = make_params("attack", "pgd", norm="l2", epsilon=1e-4)
    attack = Attack(model=network, image=picture, method="pgd", parameters=parameters)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, 3, 480, 480, generator=generator)
    moved = balls.L2Ball(1e-4).project(x, x + torch.randn(x.shape, generator=generator))
    assert sizes("l2", x, moved) > 1e-4 * (1 + 1e-6) + 1e-7
    assert sizes("l2", x, run_attack.inside(moved, x, [attack])) <= 1e-4


def test_almost_the_whole_perturbation_is_not_all_of_it(
    session: Session, network: ModelRef, picture: ImageRef, make_params: Callable[..., Any]
) -> None:
    parameters = make_params("attack", "pgd", epsilon=4.0, steps=3)
    attack = Attack(
        model=network, image=picture, method="pgd", parameters=parameters, scale=1 - 1e-8
    )
    assert inside(execute(attack, session, QUIET))


@pytest.mark.parametrize("scale", [-1.0, float("nan"), float("inf")])
def test_an_attack_on_a_defence_is_scaled_by_what_any_is(
    session: Session,
    network: ModelRef,
    picture: ImageRef,
    make_params: Callable[..., Any],
    scale: float,
) -> None:
    parameters = make_params("attack", "fgsm", epsilon=8.0)
    attack = Attack(model=network, image=picture, method="fgsm", parameters=parameters, scale=scale)
    use = MethodUse(method="bit-depth", parameters=make_params("defence", "bit-depth"))
    with pytest.raises(RequestError):
        execute(AdaptiveAttacks(attack=attack, methods=(use,)), session, QUIET)
