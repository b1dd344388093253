"""The balls that bound a perturbation: size, projection, random start, steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import torch
from torch import Tensor

Rule = Literal["steepest", "sign", "gradient", "plain"]

_TINY = torch.finfo(torch.float32).tiny
NORMS = {"linf": "L∞", "l2": "L2"}


def radius(norm: str, epsilon: float) -> float:
    """Return epsilon in units of [0, 1]: for Linf it is given in 255ths."""
    return epsilon / 255 if norm == "linf" else epsilon


def size(norm: str, perturbation: Tensor) -> Tensor:
    """Return the norm of each sample of (N, 3, H, W) as float64 (N,)."""
    order = {"linf": torch.inf, "l2": 2, "l1": 1}[norm]
    flat = perturbation.detach().flatten(1)
    flat = (flat.cpu() if flat.device.type == "mps" else flat).double()  # mps knows no float64
    sizes: Tensor = torch.linalg.vector_norm(flat, order, dim=1)
    return sizes


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
        if self.grey:
            gradient = gradient.mean(1, keepdim=True).expand_as(gradient)
        if rule == "plain":
            return length * gradient
        if rule == "steepest":
            return length * self.steepest(gradient)
        return length * self._unit(gradient.sign() if rule == "sign" else gradient)

    def _drawn(self, image: Tensor) -> Tensor:
        """Return where to draw noise for a sample: (3, H, W), or (1, H, W) for all colours."""
        return torch.empty(1 if self.grey else image.shape[1], *image.shape[2:])

    def _unit(self, direction: Tensor) -> Tensor:
        sizes = size(self.norm, direction).clamp_min(_TINY)
        return direction / _per_sample(sizes)


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
        return (image + perturbation * _per_sample(factor).to(image.device)).clamp(0, 1)

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


def ball(norm: str, radius: float, grey: bool = False) -> Ball:
    """Return the ball of a norm."""
    kinds: dict[str, type[Ball]] = {kind.norm: kind for kind in (LinfBall, L2Ball)}
    return kinds[norm](radius, grey)


def _per_sample(values: Tensor) -> Tensor:
    return values.to(torch.float32).reshape(-1, 1, 1, 1)
