"""What can be asked about the plane through a picture along the direction of an attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.request import Attack, ImageRef, Request
from cnnviz_gui.texts import tr

SIDES = {"17": "17 × 17", "33": "33 × 33", "65": "65 × 65", "129": "129 × 129"}


@dataclass(frozen=True, slots=True)
class PlaneParams(Params):
    """How the plane lies, and how finely it is looked at."""

    across: str = choice(
        "random",
        {"random": tr("Random"), "class": tr("Another class"), "image": tr("Another picture")},
        label=tr("Across"),
        help=tr(
            "What the axis across the attack's direction is, made orthogonal to it and, but"
            " for another picture, as long."
        ),
    )
    reach: float = number(
        2.0,
        0.25,
        64.0,
        step=0.25,
        unit="×",
        label=tr("Reach"),
        help=tr(
            "How far the plane goes each way: so many times the attack's perturbation along"
            " it and as far across, in L2; with another picture across, so many times the"
            " way to that."
        ),
    )
    points: str = choice(
        "65", SIDES, label=tr("Points"), help=tr("Points that are classified, coarse to fine.")
    )
    seed: int = number(
        0,
        0,
        2**31 - 1,
        role="seed",
        when=("across", ("random",)),
        label=tr("Seed"),
        help=tr("Of the random direction."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane(Request):
    """What the network says of the pictures x + a g + b h around one picture; streams.

    g is the perturbation that an attack finds, h is orthogonal to it.
    """

    task: ClassVar[str] = "plane"
    attack: Attack
    parameters: PlaneParams = PlaneParams()
    other: int | None = None
    """The class whose attack lies across; None for the likeliest that the attack does not reach."""
    other_image: ImageRef | None = None
    """The picture that lies across."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanePicture(Request):
    """The picture at one point of a plane, and what the network says of it."""

    task: ClassVar[str] = "plane-picture"
    plane: Plane
    along: float
    """a: 1 is where the attack ends."""
    across: float
    """b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePlane(Request):
    """Write a plane as a figure with axes, legend and caption, as PNG.

    Not among ``TASKS``: a request that was read from a file must not say where to write.
    """

    task: ClassVar[str] = "save-plane"
    plane: Plane
    path: str
    """``.png`` is added where it is missing; another picture format is refused."""
    colours: str = "inferno"
    """The colour map of the loss."""
