"""What was found of the way of an attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import AttackResult, FloatArray, Result

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    IndexArray = npt.NDArray[np.int32]
    TruthArray = npt.NDArray[np.bool_]
    NumberArray = npt.NDArray[np.float64]
    HalfArray = npt.NDArray[np.float16]
else:
    IndexArray = TruthArray = NumberArray = HalfArray = Any

Unit = Literal["step", "query"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttackTrajectory(Result):
    """The images an attack came by, one after the other; (S,) numbers of each.

    A partial result has fewer of them, and no ``result``.
    """

    numbers: IndexArray
    """Which step of the attack it was, or after how many queries; ascending."""
    unit: Unit
    """What is counted."""
    expected: int
    """The number that the attack ends at unless it ends before."""
    loss: NumberArray
    """By ``loss_name``; that of a class in nats."""
    loss_name: str
    """``cross-entropy``, ``margin`` or ``dlr``, as in ``attacks.aim``."""
    rises: bool
    """The attack raises the loss; else it lowers it."""
    label: Score
    """The winner of the clean image, and its probability there."""
    target: Score | None
    """The class to reach, and its probability on the clean image; None for an untargeted attack."""
    label_probability: NumberArray
    other_probability: NumberArray
    """Of the target class, untargeted of the strongest class but the clean winner."""
    others: IndexArray
    """Which class that is."""
    winners: IndexArray
    """The class that wins there."""
    winner_probability: NumberArray
    names: tuple[tuple[int, str], ...]
    """Index and name of each class in ``others`` and ``winners``."""
    success: TruthArray
    """The target is reached, or, untargeted, the clean winner is left."""
    linf: NumberArray
    l2: NumberArray
    l1: NumberArray
    """Norms of the perturbation, in units of [0, 1]."""
    best: int
    """The place, in these arrays, of the image that is returned, or would be if it ended now."""
    clean_image: FloatArray
    """(3, H, W) in [0, 1]."""
    pictures: tuple[tuple[int, HalfArray], ...]
    """Place and perturbation (3, H, W) of those kept to be looked at, evenly spaced.

    In half precision: what is on screen does not tell it from the exact one.
    """
    probabilities: FloatArray
    """(P, K) of all classes, for each of the P ``pictures``."""
    clean_probabilities: FloatArray
    """(K,) the same of the clean image."""
    result: AttackResult | None = None
    """What the attack gives, and the exact image at ``best``."""

    @property
    def first_success(self) -> int | None:
        """The place of the first image that succeeds, None where none does."""
        import numpy as np

        found = np.flatnonzero(self.success)
        return int(found[0]) if found.size else None
