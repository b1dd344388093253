"""Attacks on all pictures of a folder: at which epsilon each gives way, with a small picture."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import torch
from torch import Tensor

from cnnviz_gui.core import labels as class_labels
from cnnviz_gui.core import run_attack, scores, shortage
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.errors import MethodError, ModelError, RequestError, TargetError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.files import in_levels
from cnnviz_gui.core.folder import kept, passage, walk
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.walk import Seen
from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.result import ByteArray, ListedImages
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import require
from cnnviz_gui.core.together import Together
from cnnviz_gui.texts import tr

_ROOM = 2 << 30
"""Bytes of the graphs of the pictures that pass together."""
_TINY_WORK = 32e6
"""Multiply-adds of a pass on the CPU: beyond it several pictures take as long as one by one.

Ten steps of PGD for each picture, one at a time and 16 at once: LeNet-5 33 and 4 ms,
EfficientNet-Lite0 734 and 725 ms.
"""
_MOST_EPSILONS = 100
_VERSION = 2
"""Of what a row tells of a question: rows of other versions on disk answer something else."""
_ALREADY = tr("It is the target class to the network already, so there is nothing to attack.")
Keep = Callable[[str, ByteArray], None]


def run(
    request: AttackFolder, session: Session, ctx: Context, keep: Keep | None = None
) -> AttackFolderResult:
    """Return a row for each picture; those of before cost nothing where the file is as it was.

    A picture is attacked at one epsilon after the other until it gives way, so that what it tells
    is what ``Attack`` tells of it alone, but for the rounding of pictures that pass together. All
    samples of an attack get the same draws. Rows stream as they come. ``keep`` is given path and
    adversarial picture, uint8 (S, S, 3), of each that gives way.

    Raises
    ------
    CnnvizError
        The folder holds no picture, or the attack cannot be done on this network or so far.
    """
    maker = _Maker(request, session, ctx, keep)
    # A module given from Python has no name that another process would know it by.
    rows = name_of(request, maker.facts), AttackRow, not request.model.given
    return passage.go_through(request.folder, maker, rows, session, ctx)


def name_of(request: AttackFolder, facts: ModelFacts) -> str:
    """Return what names the rows of a question.

    How deep the folder is looked into is no part of it, nor an epsilon that has no meaning.
    """
    plain = dataclasses.replace(
        request,
        parameters=request.at(request.epsilons[-1]),
        folder=dataclasses.replace(request.folder, nested=False),
    )
    return kept.name_of((_VERSION, passage.name_of(plain, facts)))


def require_epsilons(request: AttackFolder) -> None:
    """Refuse epsilons at which nothing can be measured.

    Raises
    ------
    RequestError
        There are none, too many, or they do not rise from 0 or above it.
    ParameterError
        One is beyond the range of the attack.
    """
    epsilons = request.epsilons
    if not 1 <= len(epsilons) <= _MOST_EPSILONS:
        raise RequestError(
            tr("Robustness cannot be measured at {n} epsilons.", n=len(epsilons)),
            tr("Choose from 1 to {most}.", most=_MOST_EPSILONS),
        )
    rising = all(a < b for a, b in itertools.pairwise(epsilons))
    if not rising or not all(0 <= one < math.inf for one in epsilons):
        raise RequestError(
            tr("The epsilons do not rise."), tr("Give numbers of at least 0, the smallest first.")
        )
    for epsilon in epsilons:
        request.at(epsilon)


@dataclass(slots=True, eq=False)
class _Found:
    """What became of one picture of a batch."""

    image: Tensor | None = None
    """float32 (3, S, S), of the attack that succeeded."""
    logits: Tensor | None = None
    """float64 (K,), of that image."""
    flip: float | None = None
    problem: str = ""


class _Maker:
    """Makes rows of pictures."""

    def __init__(
        self, request: AttackFolder, session: Session, ctx: Context, keep: Keep | None
    ) -> None:
        require_epsilons(request)
        self._request = request
        self._keep = keep
        self._chosen = method("attack", request.method)
        self._classifier: Classifier = session.classifier(request.model, ctx)
        self.facts = self._classifier.facts
        require(self.facts, self._chosen, request.parameters, request.target)
        self._named: dict[str, int | None] = {}

    def together(self) -> Together:
        """Return how many pass at once: by the network's size, so that rounding stays the same."""
        device = self._classifier.device
        count = at_once(self._classifier)
        if device.type == "cpu":
            count = int(min(count, max(1, _TINY_WORK // max(1, self.facts.macs))))
        each = max(1, shortage.graph_bytes(self.facts.layers))
        return Together(device, min(count, _ROOM // each), steady=True)

    def result(self, rows: tuple[AttackRow, ...], listed: ListedImages) -> AttackFolderResult:
        """Return what is shown of rows."""
        return AttackFolderResult(
            folder=self._request.folder,
            rows=rows,
            total=len(listed.paths),
            truncated=listed.truncated,
            method=self._request.method,
            norm=self._request.norm,
            epsilons=self._request.epsilons,
            target=self._request.target,
        )

    def rows(self, pictures: Sequence[Seen], ctx: Context) -> list[AttackRow]:
        """Return the rows of pictures that are attacked together."""
        x = passage.batch(pictures, self._classifier.device)
        network = Asked(self._classifier, x, None, CutMemory())
        clean: dict[int, Tensor] = {}
        rows = [AttackRow(path=p.path, width=p.width, height=p.height) for p in pictures]
        for number, logits in enumerate(network.logits(x, ctx)):
            try:
                clean[number] = scores.as_list(logits)
            except ModelError as error:
                rows[number] = dataclasses.replace(rows[number], problem=error.message)
            else:
                rows[number] = self._about(rows[number], clean[number])
        numbers = [number for number in clean if not rows[number].note]
        found = {number: _Found() for number in numbers}
        _Siege(self._request, network, x, clean, found, Part(ctx)).go()
        for number, one in found.items():
            rows[number] = self._told(rows[number], pictures[number], one, network, ctx)
        for number in clean.keys() - found.keys():
            small = walk.thumbnail(pictures[number].view)
            rows[number] = dataclasses.replace(rows[number], thumbnail=small)
        return rows

    def _about(self, row: AttackRow, logits: Tensor) -> AttackRow:
        """Add what the network says of the picture, and what its folder says."""
        labels, winner = self.facts.labels, scores.best(logits, 1)[0]
        truth = self._truth(row.path)
        return dataclasses.replace(
            row,
            predicted=scores.scores(logits, [winner], labels)[0],
            truth=None if truth is None else scores.scores(logits, [truth], labels)[0],
            note=_ALREADY if winner == self._request.target else "",
        )

    def _truth(self, path: str) -> int | None:
        """Return the class that the innermost folder with a class's name or index tells.

        Only of those below the folder that was opened, whose name may be anything.
        """
        inside = PurePath(relative(path, self._request.folder))
        names = () if inside.is_absolute() else inside.parts[:-1]
        for name in reversed(names):
            if name not in self._named:
                self._named[name] = _class_of(name, self.facts.labels)
            if self._named[name] is not None:
                return self._named[name]
        return None

    def _told(
        self, row: AttackRow, picture: Seen, found: _Found, network: Asked, ctx: Context
    ) -> AttackRow:
        """Add what became of a picture that was attacked."""
        before = walk.thumbnail(picture.view)
        if found.image is None or found.logits is None:
            return dataclasses.replace(row, thumbnail=before, problem=found.problem)
        own = passage.batch([picture], found.image.device)
        epsilon = found.flip if self._request.budgeted else None
        view = in_levels(
            found.image.cpu().numpy(), own[0].cpu().numpy(), self._request.norm, epsilon
        )
        filed = passage.batch([dataclasses.replace(picture, view=view)], found.image.device)
        again = scores.best(network.logits(filed, ctx)[0], 1)[0]
        target = self._request.target
        assert row.predicted is not None
        if self._keep is not None and found.flip is not None:
            self._keep(row.path, view)
        after = scores.best(found.logits, 1)
        return dataclasses.replace(
            row,
            flip=found.flip,
            after=scores.scores(found.logits, after, self.facts.labels)[0],
            norms=run_attack.norms(own, found.image[None]),
            lasting=again != row.predicted.index if target is None else again == target,
            thumbnail=walk.thumbnail(view),
            clean=before,
        )


class _Siege:
    """Attacks on a batch, at one epsilon after the other, of those that still hold."""

    def __init__(
        self,
        request: AttackFolder,
        network: Asked,
        x: Tensor,
        clean: dict[int, Tensor],
        found: dict[int, _Found],
        ctx: Context,
    ) -> None:
        self._request, self._network, self._x = request, network, x
        self._found, self._ctx = found, ctx
        self._chosen = method("attack", request.method)
        self._winners = {number: scores.best(clean[number], 1)[0] for number in found}

    def go(self) -> None:
        """Attack until all have given way or the epsilons are at their end."""
        if not self._request.budgeted:
            self._attack(list(self._found), None)
            return
        for epsilon in self._request.epsilons:
            holding = [n for n, one in self._found.items() if one.flip is None and not one.problem]
            if holding and epsilon > 0:  # nothing changes at 0
                self._attack(holding, epsilon)

    def _attack(self, numbers: Sequence[int], epsilon: float | None) -> None:
        """Attack some together; where that cannot be for one of them, each by itself."""
        if not numbers:
            return
        try:
            self._strike(numbers, epsilon)
        except MethodError as error:
            if len(numbers) == 1:
                self._found[numbers[0]].problem = error.message
                return
            for number in numbers:
                self._attack([number], epsilon)

    def _strike(self, numbers: Sequence[int], epsilon: float | None) -> None:
        request, network = self._request, self._network
        asked = request.alone("", 0.0 if epsilon is None else epsilon)
        images = self._x[list(numbers)]
        label = torch.tensor([self._winners[n] for n in numbers], device=images.device)
        target = None if request.target is None else torch.full_like(label, request.target)
        adversarial = self._chosen.run(
            network, images, label, target, asked.parameters, self._ctx
        ).detach()
        adversarial = run_attack.inside(adversarial, images, [asked])
        # Judged anew: what the method believes of its result does not count.
        logits = network.logits(adversarial, self._ctx)
        sizes = balls.sizes(images, adversarial)[request.norm].tolist()
        reached = Aim(label, target).reached(logits).tolist()
        for place, number in enumerate(numbers):
            if not reached[place]:
                continue
            one = self._found[number]
            one.image, one.logits = adversarial[place].clone(), _exact(logits[place])
            one.flip = epsilon if epsilon is not None else self._least(sizes[place])

    def _least(self, size: float) -> float | None:
        """Return the smallest epsilon that a perturbation found without one fits in."""
        return next((one for one in self._request.epsilons if size <= one), None)


def _exact(logits: Tensor) -> Tensor:
    try:
        return scores.as_list(logits)
    except ModelError as error:
        raise MethodError(error.message, error.advice) from None


def _class_of(name: str, labels: Sequence[str]) -> int | None:
    """Return the class of a folder's name; None where it names none, or several."""
    for text in (name, name.replace("_", " ")):
        try:
            return class_labels.resolve(labels, text)
        except TargetError:
            continue
    return None
