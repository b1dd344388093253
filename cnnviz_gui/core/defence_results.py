"""What comes back of defences: read-only arrays, plain values."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.result import ByteArray, Norms, Result


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a vote of noisy copies allows to be said of every picture near this one."""

    index: int
    """The class that the copies which select are most often said to be."""
    votes: int
    """For it, among the others."""
    counted: int
    bound: float
    """What its probability under noise is at least, 99.9 % sure; 0 without a vote."""
    radius: float
    """In L2, in units of [0, 1]: no smaller change lets another class win. 0: nothing is certain.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class DefendedScore:
    """What a network behind a defence says of one picture."""

    score: Score
    """The class decided for; the mean of its probability over the views, and that one's logarithm.
    """
    label_probability: float
    """Of the clean image's winner without a defence."""
    distance: float
    """L1 distance, in [0, 2], between the probabilities with and without the defence."""
    votes: int
    """Views that by themselves are of the class decided for."""
    views: int
    certificate: Certificate | None = None
    """Of a defence that lets noisy copies vote."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DefenceRow:
    """One defence before the clean and the adversarial image of an attack that knows of none."""

    use: MethodUse
    clean: DefendedScore
    adversarial: DefendedScore
    kept: bool
    """The clean image has the class it had."""
    change: float
    """Of the probability of that class on the clean image, in [-1, 1]."""
    recovered: bool
    """The attack had changed the class, and the defence gives back the clean image's."""
    seen: ByteArray
    """uint8 (h, w, 3): the adversarial image as the defence first shows it, made small."""
    forwards: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DefencesResult(Result):
    """A row for each defence; a partial result has fewer than ``expected``."""

    clean: Score
    """The winner without a defence."""
    adversarial: Score
    success: bool
    """The attack succeeds where there is no defence."""
    rows: tuple[DefenceRow, ...]
    expected: int
    forwards: int

    @property
    def joint(self) -> tuple[float, float]:
        """The largest distance of any defence, for the clean and for the adversarial image."""
        clean = max((row.clean.distance for row in self.rows), default=0.0)
        return clean, max((row.adversarial.distance for row in self.rows), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdaptiveRow:
    """The attack against a network behind a defence that it knows."""

    use: MethodUse
    clean: DefendedScore
    """What the defended network says of the clean image."""
    adversarial: DefendedScore
    """What the defended network says of its image, with draws that the attack did not know."""
    undefended: Score
    """What the network says of it without the defence."""
    success: bool
    """The defended network reaches the target or, untargeted, leaves the clean winner."""
    moot: bool
    """It does so on the clean image: the attack has nothing to do, does not run and is no success.
    """
    norms: Norms
    seen: ByteArray
    """As in ``DefenceRow``."""
    forwards: int
    backwards: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattacked:
    """A defence behind which the attack cannot work."""

    use: MethodUse
    problem: str
    """Why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdaptiveResult(Result):
    """A row for each defence; those of a partial result are fewer than ``expected``, all told."""

    epsilon: float | None
    """As in ``AttackResult``."""
    norm: str
    rows: tuple[AdaptiveRow, ...]
    expected: int
    unattacked: tuple[Unattacked, ...] = ()
