"""One picture before a network, with other channels of one layer silenced each time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from torch import Tensor

from cnnviz_gui.core import scores, shortage
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import PixelNetwork
from cnnviz_gui.core.models.split import Cut
from cnnviz_gui.core.models.trunk import Trunk
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.core.together import Together

Channels = tuple[int, ...]
_NO_CONTEXT = NullContext()
_TOLERANCE = 1e-4


class Silencer:
    """Tells what the network says with channels silenced, several sets in one pass.

    From the second question on, what comes before the layer is not computed again, where the
    network proves to allow that: with every second channel silenced it must then say what it says
    when all of it runs.

    Parameters
    ----------
    image
        float32 (1, 3, S, S) in [0, 1].
    clean
        float64 (K,): the logits with nothing silenced.
    edits
        In force before and besides.
    whole
        Compute all of the network each time.
    """

    def __init__(
        self,
        classifier: Classifier,
        image: Tensor,
        clean: Tensor,
        layer: str,
        edits: Sequence[ChannelEdit] = (),
        *,
        whole: bool = False,
    ) -> None:
        self._classifier = classifier
        self._image = image
        self._clean = clean
        self._layer = layer
        self._edits = tuple(edits)
        self._together = Together(classifier.device)
        self._trunk: Trunk | None = None
        self._whole = whole
        self._questions = 0

    @property
    def count(self) -> int:
        """How many sets are quick together."""
        return self._together.count

    def logits(self, sets: Sequence[Channels], ctx: Context = _NO_CONTEXT) -> list[Tensor]:
        """Return the logits of each set, float64 (K,) on the CPU and finite."""
        if self._questions == 1 and not self._whole:
            self._trunk = self._trusted(ctx)
        self._questions += 1
        passes = self._together.passes(sets, lambda part: self._pass(part, ctx, self._trunk))
        return [scores.as_list(logits) for _, found in passes for logits in found]

    def in_whole(self, channels: Channels, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return the logits of one set, all of the network having run."""
        return scores.as_list(self._pass([channels], ctx, None))

    def cut(self, channels: Channels, ctx: Context = _NO_CONTEXT) -> Cut:
        """Return the cut at the layer with channels silenced."""
        with _kept(self._trunk, 1), self._classifier.edited(self._with(channels), ctx):
            return self._classifier.cut(self._image, self._layer, ctx)

    def _pass(self, sets: Sequence[Channels], ctx: Context, trunk: Trunk | None) -> Tensor:
        first, *others = (self._with(channels) for channels in sets)
        x = self._image.expand(len(sets), -1, -1, -1)
        with _kept(trunk, len(sets)), self._classifier.edited(first, ctx, others):
            return self._classifier.logits(x, ctx)

    def _with(self, channels: Channels) -> tuple[ChannelEdit, ...]:
        return (*self._edits, *(ChannelEdit(layer=self._layer, channel=c) for c in channels))

    def _trusted(self, ctx: Context) -> Trunk | None:
        """Return the trunk if the network says the same with it as in a whole pass."""
        row, place = self._classifier.facts.layer(self._layer), self._classifier.place(self._layer)
        network = self._classifier.fast
        if row is None or not isinstance(network, PixelNetwork):
            return None
        half = tuple(range(0, row.output_shape[0], 2))
        whole = self.in_whole(half, ctx)
        try:
            trunk = Trunk(network, place, self._image, ctx)
            found = self._pass([(), half], ctx, trunk)
        except Exception as error:  # a network holds any code
            if shortage.is_shortage(error):
                raise
            return None
        first, second = (logits.double().cpu() for logits in found)
        return trunk if _close(first, self._clean) and _close(second, whole) else None


def _kept(trunk: Trunk | None, count: int) -> AbstractContextManager[None]:
    # Only for the length of a pass: between two a more urgent job may ask something else.
    return nullcontext() if trunk is None else trunk.kept(count)


def _close(first: Tensor, second: Tensor) -> bool:
    if first.shape != second.shape:
        return False
    # What is not a number compares false.
    return float((first - second).abs().max()) <= _TOLERANCE * float(second.abs().max())
