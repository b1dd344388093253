"""What is said of the pictures of a layer's channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.texts import tr

DEAD = tr("does not react")
BEYOND = tr("before ReLU6 caps it")


class Answers(Sequence[str]):
    """What stands under the tiles: the answers of the channels that have one."""

    def __init__(self, answers: Mapping[int, float], count: int) -> None:
        numbers = np.zeros(count, np.float32)
        numbers[list(answers)] = list(answers.values())
        self._written = Captions(numbers)
        self._answers = answers

    def __len__(self) -> int:
        return len(self._written)

    def __getitem__(self, channel: Any) -> Any:
        written = self._written[channel]
        return written if channel in self._answers else ""


def told(counted: str, *, unbounded: bool) -> tuple[str, ...]:
    """Return how many tiles there are with what stands below each, then ever less of it."""
    said = tr("{count} · its answer below each", count=counted)
    return (f"{said}, {BEYOND}", said, counted) if unbounded else (said, counted)
