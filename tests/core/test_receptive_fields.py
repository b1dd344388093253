"""Receptive fields of every row of ten networks against the pixels that gradients reach.

The networks stand in with one channel, weights that are all positive, and averages for maxima: the
geometry is the same, nothing is hidden by a zero, and a pass costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.models import embedded, layers
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.places import at_places
from cnnviz_gui.core.models.trace import trace

# side of the picture, rows with a field, all rows; of an even side SqueezeNet leaves a pixel unread
LISTED = {
    "alexnet": (224, 15, 24),
    "convnext_tiny": (224, 233, 238),
    "densenet121": (224, 494, 497),
    "efficientnet_b0": (224, 8, 355),  # from the first squeeze on, every cell sees everything
    "efficientnet_lite0": (224, 205, 210),
    "googlenet": (224, 286, 290),
    "mobilenet_v2": (224, 219, 224),
    "resnet50": (224, 196, 199),
    "squeezenet1_1": (223, 73, 76),
    "vgg16": (224, 33, 42),
}


class One(nn.Module):
    """A convolution that sums its channels and gives one."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        make = embedded.SameConv2d if isinstance(conv, embedded.SameConv2d) else nn.Conv2d
        self.conv = make(
            1,
            1,
            conv.kernel_size,
            conv.stride,
            0 if make is not nn.Conv2d else conv.padding,
            conv.dilation,
            bias=False,
        )
        nn.init.constant_(self.conv.weight, 1 / self.conv.weight.numel())

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.sum(1, keepdim=True))


class Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(-1, keepdim=True)


def thin(network: nn.Module) -> nn.Module:
    """Return the network with one channel; its code, and so all that is no module, stays."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            instead: nn.Module | None = None
            if isinstance(child, nn.Conv2d):
                instead = One(child)
            elif isinstance(child, nn.Linear):
                instead = Mean()
            elif isinstance(child, nn.MaxPool2d):
                instead = nn.AvgPool2d(
                    child.kernel_size, child.stride, child.padding, ceil_mode=child.ceil_mode
                )
            elif type(child).__module__ == "torch.nn.modules.activation" or isinstance(
                child, nn.BatchNorm2d | nn.LayerNorm
            ):
                instead = nn.Identity()
            if instead is not None:
                setattr(parent, name, instead)
        for name, parameter in list(parent.named_parameters(recurse=False)):
            if name == "layer_scale":
                setattr(parent, name, nn.Parameter(torch.ones_like(parameter[:1], device="cpu")))
    return network.double().eval()


def known(name: str, side: int) -> tuple[nn.Module, list[tuple[LayerFacts, Place]]]:
    """The thin network, and what is said of the full one."""
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        if name == "efficientnet_lite0":
            network: nn.Module = embedded.EfficientNetLite()
        else:
            network = models.get_model(name, weights=None, **options)
    rows, places = layers.table(trace(network.eval(), side))
    with torch.device("cpu"):
        return thin(network), [(row, places[row.name]) for row in rows]


def keeper(kept: dict[str, Tensor], name: str) -> Callable[[Tensor], None]:
    def keep(output: Tensor) -> None:
        kept[name] = output.clone()  # what follows may overwrite it

    return keep


def reached(gradient: Tensor) -> tuple[int, int, int, int]:
    """First and last row, first and last column that are not zero."""
    seen = gradient.abs().sum((0, 1))
    rows, columns = seen.sum(1).nonzero().flatten(), seen.sum(0).nonzero().flatten()
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def promised(row: LayerFacts, side: int, down: int, across: int) -> tuple[int, int, int, int]:
    assert row.receptive_field is not None and row.jump is not None and row.offset is not None
    ends = []
    for cell in (down, across):
        first = row.offset + cell * row.jump - (row.receptive_field - 1) / 2
        assert first == int(first)
        ends += [max(0, int(first)), min(side - 1, int(first) + row.receptive_field - 1)]
    return ends[0], ends[1], ends[2], ends[3]


@pytest.mark.parametrize("name", LISTED)
def test_every_field_is_what_gradients_reach(name: str) -> None:
    side, fields, count = LISTED[name]
    network, rows = known(name, side)
    kept: dict[str, Tensor] = {}
    x = torch.full((1, 3, side, side), 0.01, dtype=torch.float64, requires_grad=True)
    with at_places(network, {place: keeper(kept, row.name) for row, place in rows}):
        network(x)
    checked = 0
    for row, place in rows:
        if row.receptive_field is None:
            continue
        output = kept[row.name]
        maps = output.permute(0, 3, 1, 2) if place.channels_end else output
        assert maps.shape[2:] == row.output_shape[1:]
        last = maps.shape[-1] - 1
        cells = [(0, last)] if checked % 5 else [(0, last), (last // 2, last // 2)]
        for down, across in cells:  # a corner shows the far end of even the largest fields
            cell = maps[0, :, down, across].sum()
            (gradient,) = torch.autograd.grad(cell, x, retain_graph=True)
            assert reached(gradient) == promised(row, side, down, across), (row.name, down)
        checked += 1
    assert (checked, len(rows)) == (fields, count)
