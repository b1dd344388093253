"""The worker's memory: networks, pictures and results that are likely to be asked for again."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cnnviz_gui.core import device as device_module
from cnnviz_gui.core import garbage, images, preprocess
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.memory import ByteCache
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.result import DeviceInUse
from cnnviz_gui.core.stopwatch import Stopwatch

if TYPE_CHECKING:
    from cnnviz_gui.core.images import Picture
    from cnnviz_gui.core.models.classifier import Classifier

_NO_CONTEXT = NullContext()


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Marks the keys of ``remember``."""

    key: Hashable


class Session:
    """What the worker keeps between jobs; only the worker's thread touches it.

    Whatever fails or is cancelled leaves the session as it was. What is forgotten here stays valid
    for whoever still uses it.

    Parameters
    ----------
    max_bytes
        Bound of all that is kept: half for networks (the newest is kept whatever its size), a
        quarter for pictures and remembered values, a quarter for the cuts, two a network in use
        (the newest is kept whatever its size). What is set aside comes on top of it.
    device
        Where to compute; None for the best there is.
    half
        Compute in half precision inside ``forward_only``, where that pays.

    Attributes
    ----------
    cuts
        The last cuts of the network asked for last, or of the two compared, and of no other.
    stopwatch
        Measures the jobs of this session.
    forgotten
        How many times results were forgotten: work begun before the last is not to be kept.
    """

    def __init__(
        self,
        max_bytes: int = 1 << 30,
        device: torch.device | None = None,
        *,
        half: bool = False,
    ) -> None:
        self.device = device or device_module.choose()[0]
        self.half = half and not device_module.half_problem(self.device)
        self._networks: ByteCache[Classifier] = ByteCache(max_bytes // 2, keep_last=True)
        self._values: ByteCache[Any] = ByteCache(max_bytes // 4)
        self._aside: dict[ModelRef, tuple[Hashable, Any, int]] = {}
        self._together: tuple[ModelRef, ...] = ()
        self.cuts = CutMemory(max_bytes=max_bytes // 4)
        self.stopwatch = Stopwatch()
        self.forgotten = 0

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept; those of the cuts are an estimate."""
        aside = sum(nbytes for _, _, nbytes in self._aside.values())
        return self._networks.nbytes + self._values.nbytes + self.cuts.nbytes + aside

    def classifier(self, ref: ModelRef, ctx: Context = _NO_CONTEXT) -> Classifier:
        """Return a network, built where it is not kept; raises as ``zoo.build``."""
        beside = self._beside(ref)  # before, so that the one asked for counts as used last
        found = self._networks.get(ref)
        if found is None:
            found = zoo.build(ref, ctx, self.device)
            before = len(self._networks)
            self._networks.put(ref, found, found.nbytes)
            if len(self._networks) <= before:  # another one had to go: hundreds of megabytes
                device_module.release_memory()
        self.cuts.serve(*beside, found)
        return found

    def at_hand(self, ref: ModelRef) -> Classifier | None:
        """Return a network that is kept, None where it would have to be built."""
        return self._networks.get(ref)

    def open(
        self, ref: ModelRef, beside: ModelRef | None, ctx: Context = _NO_CONTEXT
    ) -> Classifier:
        """Return the network to use from now on, alone or compared with another one.

        Two that are compared stay, with their cuts, whatever room they take: each would push the
        other out, and every job build its network anew.
        """
        kept = self._together
        wanted = () if beside is None else (ref, beside)
        self._keep((*kept, *wanted))
        try:
            found = self.classifier(ref, ctx)
            kept = wanted
        finally:
            self._keep(kept)
        self.cuts.serve(*self._beside(ref), found)
        return found

    def _keep(self, refs: tuple[ModelRef, ...]) -> None:
        self._together = refs
        self._networks.hold(refs)

    def _beside(self, ref: ModelRef) -> list[Classifier]:
        """Return the networks that ``ref`` is compared with, as far as they are here."""
        if ref not in self._together:
            return []
        kept = (self._networks.get(other) for other in self._together if other != ref)
        return [network for network in kept if network is not None]

    def picture(self, ref: ImageRef, ctx: Context = _NO_CONTEXT) -> Picture:
        """Return a picture, read anew when the file has changed; raises as ``images.load``."""
        kept = self.kept_picture(ref)
        if kept is not None:
            return kept
        state = state_of(ref.path)
        read = images.load(ref, ctx)
        self._values.put(("picture", ref, state), read, read.pixels.nbytes)
        return read

    def kept_picture(self, ref: ImageRef) -> Picture | None:
        """Return a picture that was read before and whose file has not changed since."""
        kept = self._values.get(("picture", ref, state_of(ref.path)))
        return kept if isinstance(kept, images.Picture) else None

    def seen(
        self, model: ModelRef, image: ImageRef, ctx: Context = _NO_CONTEXT
    ) -> npt.NDArray[np.uint8]:
        """Return the picture as the network sees it, uint8 (S, S, 3), read-only."""
        facts = self.classifier(model, ctx).facts
        picture = self.picture(image, ctx)
        key = (
            "seen",
            picture.sha256,
            image,
            facts.input_size,
            facts.resize_size,
            facts.interpolation,
            facts.channels == 1,
        )
        kept = self._values.get(key)
        if isinstance(kept, np.ndarray):
            return kept
        view = preprocess.network_view(picture, facts)
        view.setflags(write=False)
        self._values.put(key, view, view.nbytes)
        return view

    def input(self, model: ModelRef, image: ImageRef, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return the same as a new float32 (1, 3, S, S) in [0, 1] on the session's device."""
        pixels = torch.tensor(self.seen(model, image, ctx), device=self.device)
        return pixels.permute(2, 0, 1)[None].contiguous().to(torch.float32) / 255

    def forward_only(self) -> AbstractContextManager[object]:
        """Compute inside the ``with`` as precisely as jobs without gradients need it."""
        return device_module.half_precision(self.device, self.half)

    def use(self, device: torch.device, *, half: bool = False) -> None:
        """Compute elsewhere, or as precisely as ``half`` says, from here on.

        Networks and results of before are dropped; pictures, which belong to no device, stay.
        """
        self.forget_results()
        if device != self.device:
            self.cuts.clear()
            self._networks.clear()
            device_module.release_memory()
        self.device = device
        self.half = half and not device_module.half_problem(device)

    def device_in_use(self, note: str = "") -> DeviceInUse:
        """Return where jobs are computed, and where they could be."""
        return DeviceInUse(
            description=device_module.describe(self.device),
            device=str(self.device),
            devices=device_module.found(),
            note=note,
            half=self.half,
            half_problem=device_module.half_problem(self.device),
        )

    def recover(self) -> None:
        """Make room after a job that found too little; go to the CPU where the device is lost."""
        if device_module.is_lost(self.device):
            self.device, self.half = torch.device("cpu"), False
        garbage.collect()  # hooks and graphs of a failed job may hold each other
        self.forget()

    def remember(self, key: Hashable, value: Any, nbytes: int) -> None:
        """Keep a value of ``nbytes`` while there is room; one larger than the room is not kept."""
        self._values.put(_Remembered(key), value, nbytes)

    def set_aside(self, ref: ModelRef, key: Hashable, value: Any, nbytes: int) -> None:
        """Keep work of a network whatever its size, for it to be gone on with.

        Of each network in use there is one; the work before it is remembered as other values are.
        """
        in_use = {ref, *(self._together if ref in self._together else ())}
        for model, former in list(self._aside.items()):
            if model == ref or model not in in_use:
                del self._aside[model]
                if former[0] != key:
                    self.remember(*former)
        self._values.drop(_Remembered(key))
        self._aside[ref] = (key, value, nbytes)

    def recall(self, key: Hashable) -> Any | None:
        """Return what was remembered or set aside, or None."""
        for kept, value, _ in self._aside.values():
            if kept == key:
                return value
        return self._values.get(_Remembered(key))

    def forget_results(self) -> None:
        """Drop what was remembered and the cuts; networks and pictures stay."""
        self.forgotten += 1
        self._values.drop_if(lambda key: isinstance(key, _Remembered))
        self._aside.clear()
        self.cuts.drop()

    def forget(self) -> None:
        """Drop everything and give freed memory back to the system."""
        self.cuts.clear()
        self._networks.clear()
        self._values.clear()
        self._aside.clear()
        device_module.release_memory()


def state_of(path: str) -> Hashable:
    """Return what changes when a file does; None where there is none."""
    try:
        state = Path(path).stat()
    except (OSError, ValueError):  # what is wrong with it, loading will say
        return None
    return state.st_size, state.st_mtime_ns, state.st_ino
