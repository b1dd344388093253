"""What comes back of the attacks on a folder: plain values. No torch, no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder.records import FileRow, FolderResult
from cnnviz_gui.core.result import Norms


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackRow(FileRow):
    """A picture's prediction, and what it takes to change it.

    Once changed counts as changed: what lies in a small ball lies in every larger one, so a picture
    that gave way is not attacked again, whether or not this attack would find the way there.
    """

    predicted: Score | None = None
    """What the network sees in the picture as it is."""
    truth: Score | None = None
    """The class that the picture's folder is named after; None where it names none."""
    flip: float | None = None
    """The smallest of the epsilons at which the attack succeeds; None where it never does."""
    after: Score | None = None
    """What the network sees in the adversarial image; None where there is none."""
    norms: Norms | None = None
    """Of that image's perturbation."""
    lasting: bool | None = None
    """The attack still succeeds once the image has 8 bits, as in a file.

    It is rounded inside its ball, and in one smaller than 1 / 255 there is but the picture.
    """
    clean: bytes = b""
    """The picture as it is, as JPEG, where ``thumbnail`` is the adversarial image."""
    note: str = ""
    """Why the picture is not attacked although it could be read, a sentence."""

    @property
    def nbytes(self) -> int:
        """About the bytes of all of it."""
        return len(self.clean) + super(AttackRow, self).nbytes

    @property
    def counts(self) -> bool:
        """Whether it was attacked, so that it belongs to the curve."""
        return self.predicted is not None and not self.problem and not self.note

    def holds(self, epsilon: float) -> bool:
        """Tell whether the attack fails up to an epsilon."""
        return self.flip is None or epsilon < self.flip

    def correct(self, epsilon: float) -> bool:
        """Tell whether it holds and the class it keeps is that of its folder.

        Of an attack without a target: one that misses its target may still change the class.
        """
        if self.truth is None or self.predicted is None:
            return False
        return self.truth.index == self.predicted.index and self.holds(epsilon)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttackFolderResult(FolderResult):
    """The rows so far."""

    method: str
    norm: str
    epsilons: tuple[float, ...]
    target: int | None = None
    """Class to reach; None where each leaves its own."""
    rows: tuple[AttackRow, ...]
