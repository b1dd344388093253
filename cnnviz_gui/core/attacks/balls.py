"""The balls that bound a perturbation: size, projection, random start, steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import torch
from torch import Tensor

Rule = Literal["steepest", "sign", "gradient", "plain"]

_TINY = torch.finfo(torch.float32).tiny
_SPARSE = 0.01
"""The share of the values that a step in L1 changes."""
_HALVINGS = 60
_SUMMED = 1e-12
"""By how much a sum may depend on the order in which it is taken, as a share of it."""
NORMS = {"linf": "L∞", "l2": "L2", "l1": "L1"}


def radius(norm: str, epsilon: float) -> float:
    """Return epsilon in units of [0, 1]: for Linf it is given in 255ths."""
    return epsilon / 255 if norm == "linf" else epsilon


def size(norm: str, perturbation: Tensor) -> Tensor:
    """Return the norm of each sample of (N, 3, H, W) as float64 (N,)."""
    flat = _exact(perturbation).flatten(1)
    if norm == "linf":
        return flat.abs().amax(1)  # as vector_norm gives it, in a quarter of its time
    sizes: Tensor = torch.linalg.vector_norm(flat, {"l2": 2, "l1": 1}[norm], dim=1)
    return sizes


def sizes(image: Tensor, moved: Tensor) -> dict[str, Tensor]:
    """Return each norm (N,) of what was added to an image, from float32 exactly, as float64."""
    change = _exact(moved) - _exact(image)
    return {norm: size(norm, change) for norm in NORMS}


def settled(norm: str, radius: float | Tensor, image: Tensor, moved: Tensor) -> Tensor:
    """Return images (N, 3, H, W) exactly in the ball, of which rounding left some a hair outside.

    What an attack adds is rounded to float32, as often away from the image as towards it. What
    lies inside stays as it is, bit for bit. ``radius`` is one for all, or one of each (N,).
    """
    return settling(norm, radius, image, moved)[0]


def settling(
    norm: str, radius: float | Tensor, image: Tensor, moved: Tensor
) -> tuple[Tensor, Tensor]:
    """Return what ``settled`` does, and the size float64 (N,) of each change before that."""
    if not len(moved):
        return moved, size(norm, moved)
    bounds = torch.as_tensor(radius, dtype=torch.float64).expand(len(moved)).tolist()
    # One after the other: what is in between is small enough to stay near the processor.
    images = torch.split(image.expand_as(moved), 1), torch.split(moved, 1)
    each = [_settling_one(norm, *given) for given in zip(bounds, *images, strict=True)]
    inside, found = zip(*each, strict=True)
    stayed = all(one is given for one, given in zip(inside, images[1], strict=True))
    return moved if stayed else torch.cat(inside), torch.cat(found)


def _settling_one(norm: str, bound: float, image: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
    """Do what ``settling`` does with one image (1, 3, H, W)."""
    origin = _exact(image)
    change = _exact(moved) - origin
    found = size(norm, change)
    # A sum may be taken in another order where it is judged.
    least = bound if norm == "linf" else bound * (1 - _SUMMED)
    if not float(found) > least:
        return moved, found
    if norm == "linf":
        # The last value of the ball on the side to which each value moved, and where it began.
        last = _towards(origin, change.sign_().mul_(bound), moved.dtype)
        began = image.to(last)
        near = moved.to(last).clamp(last.minimum(began), last.maximum(began))
    else:
        near = _towards(origin, change * (least / found.clamp_min(_TINY)), moved.dtype)
    return near.to(moved.device), found


class Ball(ABC):
    """All images of [0, 1] within ``radius`` of a given one; to add a norm is to add a subclass.

    A ``grey`` one holds only those that differ from it alike in all colours: for a network that
    reads grey, others would differ in what it cannot see.
    """

    norm: ClassVar[str]

    def __init__(self, radius: float, grey: bool = False) -> None:
        self.radius = radius
        self.grey = grey

    @abstractmethod
    def project(self, image: Tensor, moved: Tensor) -> Tensor:
        """Return the point of the ball around ``image`` that is nearest to ``moved``, in [0, 1]."""

    @abstractmethod
    def random_start(self, image: Tensor, generator: torch.Generator) -> Tensor:
        """Return a random point of the ball around each sample.

        All samples get the same draw, so that a result does not depend on the rest of the batch.
        """

    @abstractmethod
    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the step of size 1 in this norm that gains most; zero where the gradient is."""

    def step(self, gradient: Tensor, rule: Rule, length: float) -> Tensor:
        """Return a step (N, 3, H, W) along ``gradient``, of ``length`` in this ball's norm.

        ``plain`` returns ``length`` times the gradient as it is. A zero gradient gives a zero step.
        """
        gradient = self.coloured(gradient)
        if rule == "plain":
            return length * gradient
        if rule == "steepest":
            return length * self.steepest(gradient)
        return length * self._unit(gradient.sign() if rule == "sign" else gradient)

    def coloured(self, direction: Tensor) -> Tensor:
        """Return a direction (N, 3, H, W) as this ball allows it: a ``grey`` one alike in all."""
        return alike(direction) if self.grey else direction

    def _drawn(self, image: Tensor) -> Tensor:
        """Return where to draw noise for a sample: (3, H, W), or (1, H, W) for all colours."""
        return torch.empty(1 if self.grey else image.shape[1], *image.shape[2:])

    def _unit(self, direction: Tensor) -> Tensor:
        sizes = size(self.norm, direction).clamp_min(_TINY)
        return direction / per_sample(sizes.float())


class LinfBall(Ball):
    """No value changes by more than the radius."""

    norm = "linf"

    def project(self, image: Tensor, moved: Tensor) -> Tensor:
        """Clip each value."""
        return (image + (moved - image).clamp(-self.radius, self.radius)).clamp(0, 1)

    def random_start(self, image: Tensor, generator: torch.Generator) -> Tensor:
        """Return x + U(-radius, radius), clipped to [0, 1]."""
        noise = self._drawn(image).uniform_(-self.radius, self.radius, generator=generator)
        return (image + noise.to(image.device)).clamp(0, 1)

    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the sign."""
        return gradient.sign()


class L2Ball(Ball):
    """The root of the sum of squared changes is at most the radius."""

    norm = "l2"

    def project(self, image: Tensor, moved: Tensor) -> Tensor:
        """Shorten the perturbation, then clip, which shortens it further."""
        perturbation = moved - image
        factor = (self.radius / size("l2", perturbation).clamp_min(_TINY)).clamp_max(1)
        return (image + perturbation * per_sample(factor.float()).to(image.device)).clamp(0, 1)

    def random_start(self, image: Tensor, generator: torch.Generator) -> Tensor:
        """Return a point uniform in the ball: with 150 528 values, all but on its surface."""
        noise = self._drawn(image).normal_(generator=generator)
        reach = torch.rand((), generator=generator) ** (1 / noise.numel())
        noise = noise.expand(image.shape[1:])
        noise = noise * (self.radius * reach / noise.norm().clamp_min(_TINY))
        return self.project(image, image + noise.to(image.device))

    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the gradient, scaled to size 1."""
        return self._unit(gradient)


class L1Ball(Ball):
    """The sum of all changes is at most the radius: a few values may change much."""

    norm = "l1"

    def project(self, image: Tensor, moved: Tensor) -> Tensor:
        """Return the nearest point of the ball and of [0, 1] at once.

        One after the other would give away budget: Croce and Hein 2021, Mind the box, section 2.
        """
        origin = _exact(image)
        wanted = (_exact(moved) - origin).flatten(1)
        room = torch.where(wanted > 0, 1 - origin.flatten(1), origin.flatten(1))
        kept = _shortened(wanted.abs(), room, self.radius) * wanted.sign()
        kept = kept.reshape(image.shape)
        return _towards(origin, kept, image.dtype).to(image.device)

    def random_start(self, image: Tensor, generator: torch.Generator) -> Tensor:
        """Return a point uniform in the ball, then projected into [0, 1].

        Exponential variables with signs, shared out over the radius, are uniform on its surface.
        """
        noise = self._drawn(image)
        sign = torch.randint(0, 2, noise.shape, generator=generator) * 2 - 1
        noise = noise.exponential_(generator=generator) * sign
        reach = torch.rand((), generator=generator) ** (1 / noise.numel())
        noise = noise.expand(image.shape[1:])
        noise = noise * (self.radius * reach / noise.abs().sum().clamp_min(_TINY))
        return self.project(image, image + noise.to(image.device))

    def steepest(self, gradient: Tensor) -> Tensor:
        """Return equal steps along the hundredth of the values with the largest gradient.

        The single largest one would be the steepest, and need as many steps as there are values:
        Tramèr and Boneh 2019, Adversarial Training and Robustness for Multiple Perturbations.
        """
        flat = gradient.flatten(1)
        count = max(1, int(_SPARSE * flat.shape[1]))
        largest = flat.abs().topk(count, dim=1).indices
        step = torch.zeros_like(flat).scatter(1, largest, flat.sign().gather(1, largest))
        return self._unit(step.reshape(gradient.shape))


def ball(norm: str, radius: float, grey: bool = False) -> Ball:
    """Return the ball of a norm."""
    kinds: dict[str, type[Ball]] = {kind.norm: kind for kind in (LinfBall, L2Ball, L1Ball)}
    return kinds[norm](radius, grey)


def alike(direction: Tensor) -> Tensor:
    """Return a direction (N, 3, H, W) that changes all colours alike, their mean."""
    return direction.mean(1, keepdim=True).expand_as(direction)


def _shortened(size: Tensor, room: Tensor, radius: float) -> Tensor:
    """Return min(max(size - t, 0), room) (N, D), the least t >= 0 that gives each sum <= radius.

    That is the projection's optimality condition; t is found by halving, to the last bit.
    """
    low = torch.zeros_like(size[:, :1])
    high = size.amax(1, keepdim=True)
    if bool((size.minimum(room).sum(1) <= radius).all()):
        return size.minimum(room)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        fits = (size - middle).clamp_min(0).minimum(room).sum(1, keepdim=True) <= radius
        low, high = torch.where(fits, low, middle), torch.where(fits, middle, high)
    inside = size.minimum(room).sum(1, keepdim=True) <= radius
    return (size - torch.where(inside, 0.0, high)).clamp_min(0).minimum(room)


def _towards(origin: Tensor, change: Tensor, dtype: torch.dtype) -> Tensor:
    """Return ``origin + change``, both float64, rounded towards ``origin``.

    Rounded away from it, 150 528 values would add up to more than a radius.
    """
    near = (origin + change).to(dtype)
    beyond = near.double().sub_(origin).abs_() > change.abs()
    return torch.where(beyond, torch.nextafter(near, origin.to(dtype)), near)


def _exact(values: Tensor) -> Tensor:
    """Return float64, on the CPU where the device knows none."""
    values = values.detach()
    return (values.cpu() if values.device.type == "mps" else values).double()


def per_sample(values: Tensor) -> Tensor:
    """Return values (N,) as (N, 1, 1, 1), to go with images."""
    return values.reshape(-1, 1, 1, 1)
