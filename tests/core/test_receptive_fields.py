"""Receptive fields of every row of twelve networks against the pixels that gradients reach.

The networks stand in with one channel, weights that are all positive, and averages for maxima: the
geometry is the same, nothing is hidden by a zero, and a pass costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torchvision import models

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.models import embedded, layers
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.places import at_places
from cnnviz_gui.core.models.trace import trace
from cnnviz_gui.core.receptive import field_box

# side of the picture, rows with a field, all rows; of an even side SqueezeNet leaves a pixel unread
LISTED = {
    "alexnet": (224, 15, 24),
    "convnext_tiny": (224, 233, 238),
    "densenet121": (224, 494, 497),
    "efficientnet_b0": (224, 8, 355),  # from the first squeeze on, every cell sees everything
    "efficientnet_lite0": (224, 205, 210),
    "googlenet": (224, 286, 290),
    "inception_v3": (299, 415, 419),  # 1×7 beside 7×1
    "mobilenet_v2": (224, 219, 224),
    "mobilenet_v3_large": (224, 49, 273),  # hardswish has no tag that it is pointwise
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


class Averages(TorchFunctionMode):
    """Pooling that a network calls as a function gives averages for maxima."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.max_pool2d:
            return torch.nn.functional.avg_pool2d(args[0], args[1], args[2], args[3])
        return func(*args, **(kwargs or {}))


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
    inception = name in ("googlenet", "inception_v3")
    options = {"aux_logits": False, "init_weights": False} if inception else {}
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
    box = field_box(row, down, across)
    assert box is not None and all(edge == int(edge) for edge in box)
    left, top, right, bottom = map(int, box)
    return max(0, top), min(side, bottom) - 1, max(0, left), min(side, right) - 1


@pytest.mark.parametrize("name", LISTED)
def test_every_field_is_what_gradients_reach(name: str) -> None:
    side, fields, count = LISTED[name]
    network, rows = known(name, side)
    kept: dict[str, Tensor] = {}
    x = torch.full((1, 3, side, side), 0.01, dtype=torch.float64, requires_grad=True)
    with Averages(), at_places(network, {place: keeper(kept, row.name) for row, place in rows}):
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


class Uneven(nn.Module):
    """Windows and steps that differ down and across."""

    def __init__(self) -> None:
        super().__init__()
        self.flat = nn.Conv2d(3, 1, (1, 7), padding=(0, 3), bias=False)
        self.steep = nn.Conv2d(1, 1, 3, stride=(2, 1), padding=1, bias=False)
        self.pool = nn.AvgPool2d((3, 2), (1, 2))
        for conv in (self.flat, self.steep):
            nn.init.constant_(conv.weight, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.steep(self.flat(x)))


def test_height_and_width_of_a_field_are_apart() -> None:
    network, side = Uneven().eval(), 40
    rows, places = layers.table(trace(network, side))
    assert [row.receptive_field for row in rows] == [(1, 7), (3, 9), (7, 10)]
    assert [row.jump for row in rows] == [(1, 1), (2, 1), (2, 2)]
    kept: dict[str, Tensor] = {}
    x = torch.ones(1, 3, side, side, requires_grad=True)
    with at_places(network, {places[row.name]: keeper(kept, row.name) for row in rows}):
        network(x)
    for row in rows:
        for down, across in [(0, 0), (5, 9), (row.output_shape[1] - 1, row.output_shape[2] - 1)]:
            (gradient,) = torch.autograd.grad(
                kept[row.name][0, 0, down, across], x, retain_graph=True
            )
            assert reached(gradient) == promised(row, side, down, across), (row.name, down)


class Instance(nn.Module):
    """Its code normalises by the picture itself."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.instance_norm(x)


@pytest.mark.parametrize(
    ("norm", "everywhere"),
    [
        (nn.BatchNorm2d(4), False),
        (nn.BatchNorm2d(4, track_running_stats=False), True),
        (nn.InstanceNorm2d(4), True),
        (nn.InstanceNorm2d(4, track_running_stats=True), False),
        (nn.LocalResponseNorm(3), False),
        (nn.GroupNorm(2, 4), True),
        (Instance(), True),
    ],
)
def test_a_norm_by_what_is_in_the_picture_sees_all_of_it(norm: nn.Module, everywhere: bool) -> None:
    side = 12
    conv = nn.Conv2d(3, 4, 3, padding=1)
    network = nn.Sequential(conv, norm).eval()
    rows, _ = layers.table(trace(network, side))
    row = next(row for row in rows if row.name == "1")
    x = torch.rand(1, 3, side, side, requires_grad=True)
    network(x)[0, 0, 6, 6].backward()
    assert x.grad is not None
    assert (reached(x.grad) == (0, side - 1, 0, side - 1)) is everywhere
    assert (row.receptive_field is None) is everywhere


class Code(nn.Module):
    """A function in the code of a network."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def followed(*layers_after: nn.Module | Callable[[Tensor], Tensor]) -> LayerFacts:
    """What is said of the last of some layers behind a convolution, once it is checked."""
    torch.manual_seed(0)
    side = 24
    after = [one if isinstance(one, nn.Module) else Code(one) for one in layers_after]
    network = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), *after).eval()
    rows, _ = layers.table(trace(network, side))
    row = next(row for row in rows if row.name == str(len(after)))
    x = torch.rand(1, 3, side, side, requires_grad=True)
    output = network(x)
    if row.receptive_field is not None:
        high, wide = output.shape[-2:]
        for down, across in [(2, 2), (high - 3, 3), (high // 2, wide // 2)]:
            (gradient,) = torch.autograd.grad(
                output[0, :, down, across].sum(), x, retain_graph=True
            )
            assert reached(gradient) == promised(row, side, down, across)
    elif row.field_known:
        (gradient,) = torch.autograd.grad(output.flatten()[0], x)
        first, last, left, right = reached(gradient)
        assert first == left == 0 and min(last, right) >= side - 2
    return row


def encoder() -> nn.Module:
    return nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)


functional = nn.functional


@pytest.mark.parametrize(
    "change",
    [
        nn.ReflectionPad2d(2),
        nn.ReplicationPad2d((1, 2, 0, 1)),
        lambda x: x.mean(1, keepdim=True),
        lambda x: x.amax(1, keepdim=True),
        lambda x: x * x.softmax(1),
        lambda x: functional.normalize(x),
        lambda x: functional.hardswish(x),
        lambda x: functional.interpolate(x, scale_factor=0.5),
        lambda x: functional.interpolate(x, size=x.shape[-2:], mode="bilinear"),
        lambda x: x.chunk(2, 2)[1],
        lambda x: x.split(5, 3)[1],
        lambda x: x.roll(1, 1),
        lambda x: x.unsqueeze(1).squeeze(1),
        lambda x: functional.pixel_unshuffle(x, 2),
        nn.ConvTranspose2d(4, 4, 3, padding=1),
        nn.ConvTranspose2d(4, 4, 3, padding=2, dilation=2),
        nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(4, 4, 3)),
    ],
)
def test_what_moves_cells_moves_their_fields(
    change: nn.Module | Callable[[Tensor], Tensor],
) -> None:
    assert followed(change).receptive_field is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.flatten(1),
        lambda x: x.roll(1, 3),
        lambda x: x.roll((1, 1), (2, 3)),
        lambda x: x.flip(2),
        lambda x: x.transpose(2, 3),
        lambda x: functional.interpolate(x, scale_factor=2),
        lambda x: functional.interpolate(x, scale_factor=2, mode="bilinear"),
        lambda x: functional.adaptive_avg_pool2d(x, 5),
        lambda x: functional.pixel_shuffle(x, 2),
        lambda x: x.mean(3, keepdim=True),
        nn.CircularPad2d(1),
        nn.ConvTranspose2d(4, 4, 3, stride=2),
    ],
)
def test_what_cannot_be_followed_is_not_known(
    change: nn.Module | Callable[[Tensor], Tensor],
) -> None:
    row = followed(change)
    assert row.receptive_field is None and not row.field_known


@pytest.mark.parametrize(
    "changes",
    [
        [lambda x: x.mean((2, 3))],
        [lambda x: x.mean((2, 3), keepdim=True)],
        [lambda x: x.flatten(1), nn.Linear(576, 4)],
        [lambda x: x.flatten(2).transpose(1, 2), nn.LayerNorm(4), lambda x: x.mean(1)],
        [lambda x: functional.interpolate(x, scale_factor=2), nn.AdaptiveAvgPool2d(1)],
        [lambda x: x * x.mean((2, 3), keepdim=True).sigmoid()],
        [
            lambda x: x.flatten(2).transpose(1, 2),
            nn.TransformerEncoderLayer(4, 2, 8, batch_first=True),
        ],
    ],
)
def test_what_reads_all_cells_sees_everything(
    changes: list[nn.Module | Callable[[Tensor], Tensor]],
) -> None:
    row = followed(*changes)
    assert row.receptive_field is None and row.field_known


def test_a_transformer_sees_all_from_its_first_attention_on() -> None:
    with torch.device("meta"):
        network = models.vit_b_16().eval()
    rows, _ = layers.table(trace(network, 224))
    known = {row.name: row.field_known for row in rows}
    first = "encoder.layers.encoder_layer_0"
    assert known["conv_proj"] and not known[f"{first}.ln_1"]
    behind = list(known).index(f"{first}.self_attention")
    assert all(list(known.values())[behind:])
