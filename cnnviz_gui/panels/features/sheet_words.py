"""What is said of the pictures of a layer's channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.texts import tr

DEAD = tr("does not react")
BEYOND = tr("before ReLU6 caps it")


class Answers(Sequence[str]):
    """What stands under the tiles: the answers of the channels that have one and react."""

    def __init__(self, answers: Mapping[int, float], silent: Collection[int], count: int) -> None:
        self._answers = {at: answer for at, answer in answers.items() if at not in silent}
        numbers = np.zeros(count, np.float32)
        numbers[list(self._answers)] = list(self._answers.values())
        self._written = Captions(numbers)

    def __len__(self) -> int:
        return len(self._written)

    def __getitem__(self, channel: Any) -> Any:
        written = self._written[channel]
        return written if channel in self._answers else ""


def counted(done: int, total: int) -> str:
    """Return ``16 of 320``, or the number where all are done."""
    if done == total:
        return fmt.count(total)
    return tr("{done} of {total}", done=fmt.count(done), total=fmt.count(total))


def told(counted: str, *, unbounded: bool) -> tuple[str, ...]:
    """Return how many tiles there are with what stands below each, then ever less of it."""
    said = tr("{count} · its answer below each", count=counted)
    return (f"{said}, {BEYOND}", said, counted) if unbounded else (said, counted)
