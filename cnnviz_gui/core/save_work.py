"""What is made of values in hand and then written: work for the worker, and no requests.

It holds what is on screen, as functions and arrays. A request says how to come by what it asks for,
in words that a file can hold; nobody could replay this, and nothing is remembered of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.request import Request, Work

if TYPE_CHECKING:
    from cnnviz_gui.core.attack_step_results import AttackTrajectory
    from cnnviz_gui.core.result import ByteArray


@dataclass(frozen=True, slots=True, eq=False)
class Deferred:
    """A picture, or an array, made when it is wanted and on whichever thread wants it."""

    make: Callable[[], Any]
    """A function of values that nothing changes: it gives uint8 (H, W), (H, W, 3) or (H, W, 4) for
    a picture, and for numbers an array of any shape that holds no Python objects. It raises
    ``OutputError`` where they hold nothing that can be written.
    """

    @classmethod
    def of(cls, made: Any) -> Self:
        """Return what is there already."""
        return cls(functools.partial(_itself, made))


@dataclass(frozen=True, slots=True, eq=False)
class DeferredArrays(Deferred):
    """Several arrays: ``make`` gives a dict, each by its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """Pictures of one size, one after the other, each drawn when it is wanted."""

    shots: tuple[Callable[[], ByteArray], ...]
    """Functions of values that nothing changes: any thread calls them. Each gives (H, W, 3)."""
    said: str = ""
    """What is to be known of it once it is written."""

    @classmethod
    def of(cls, pictures: ByteArray, said: str = "") -> Film:
        """Return the film of pictures that are there, uint8 (F, H, W, 3)."""
        return cls(tuple(functools.partial(_itself, shot) for shot in pictures), said)


def _itself(made: Any) -> Any:
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFilm(Work):
    """Write an animation, as GIF."""

    task: ClassVar[str] = "save-film"
    path: str
    """``.gif`` is added where it is missing."""
    film: Film
    of: Request
    """What it shows the answer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDrawing(Work):
    """Write a picture, drawn first where it is not there yet, as PNG."""

    task: ClassVar[str] = "save-drawing"
    path: str
    """``.png`` is added where it is missing; another picture format is refused."""
    drawing: Deferred
    of: Request | None = None
    """What it shows the answer to; None for a picture by itself."""
    replayable: bool = True
    """Whether ``of`` gives just this picture, which carries it then."""
    carried: bytes = b""
    """What a picture by itself tells of where it comes from, as ``carried.written`` gives it."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """An image on the way of an attack."""

    of: AttackSteps
    way: AttackTrajectory
    at: int
    """Its place in what was recorded."""
    drawing: Deferred
    """What makes it in 8 bits, inside the ball of the attack: uint8 (H, W, 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveStep(Work):
    """Write an image on the way of an attack, as PNG, read it back and classify what is in it."""

    task: ClassVar[str] = "save-attack-step"
    path: str
    """``.png`` is added where it is missing; another picture format is refused."""
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveNumbers(Work):
    """Write numbers, computed first where they are not there yet, as a NumPy array or archive."""

    task: ClassVar[str] = "save-numbers"
    path: str
    """``.npy`` is added where it is missing, ``.npz`` for several arrays.

    An archive, ``.npz``, holds a single array as ``values``; and as ``request``, a text, what a
    picture of the same carries.
    """
    numbers: Deferred
    """``DeferredArrays`` for several."""
    of: Request
    """What they are the answer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyDrawing(Work):
    """Draw a picture that is to be in the clipboard."""

    task: ClassVar[str] = "copy-drawing"
    drawing: Deferred
