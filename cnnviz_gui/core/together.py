"""How many pictures pass a network at once: as many as are quick together and fit the memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from cnnviz_gui.core import device as device_module
from cnnviz_gui.core import shortage

if TYPE_CHECKING:
    import torch

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

_SECONDS = 0.06
"""A pass this long holds up what is more urgent no more than one picture of a large network."""
_MOST = 32


class Together:
    """Passes pictures a few at a time, and learns from each pass how many the next may have.

    A ``steady`` one does not: it passes ``most`` whatever the clock says, as is right where the
    rounding of a result must not depend on it, or a pass is long however few take part.
    """

    def __init__(self, device: torch.device, most: int = _MOST, *, steady: bool = False) -> None:
        self._device = device
        self._steady = steady
        self._most = max(1, most if steady else min(most, _MOST))
        self.count = self._most if steady else 1
        """How many to gather for the next pass."""

    def passes(
        self, items: Sequence[_Item], compute: Callable[[Sequence[_Item]], _Found]
    ) -> Iterator[tuple[Sequence[_Item], _Found]]:
        """Yield the items in order, with what ``compute`` gives of them.

        All at once if that can be; where memory runs out in halves, down to one.

        Raises
        ------
        MemoryError, RuntimeError
            ``compute`` failed for another reason, or for a single item.
        """
        waiting = [items] if items else []
        while waiting:
            part = waiting.pop(0)
            began = perf_counter()
            try:
                found = compute(part)
            except (MemoryError, RuntimeError) as error:
                if len(part) == 1 or not shortage.is_shortage(error):
                    raise
            else:
                each = (perf_counter() - began) / len(part)
                learnt = int(min(max(1, _SECONDS / max(each, 1e-9)), self._most))
                self.count = self._most if self._steady else learnt
                yield part, found
                continue
            # Here the exception has gone, and with it what the failed pass held.
            device_module.release_memory()
            self._most = self.count = len(part) // 2
            waiting[:0] = [part[: self._most], part[self._most :]]
