"""The convolution microscope: what is written out is what the network computes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models
from torchvision.models.convnext import LayerNorm2d
from torchvision.ops import Conv2dNormActivation

from cnnviz_gui.core import microscope
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, LayerError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import ExamineCell
from cnnviz_gui.core.layer_results import CellArithmetic
from cnnviz_gui.core.models import conv_steps
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.embedded import EfficientNetLite
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ChannelEdit, ImageRef, InspectLayer, ModelRef
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32
Make = Callable[..., Classifier]


def asked(layer: str, channel: int, row: int, column: int) -> ExamineCell:
    nobody, nothing = ModelRef(name=""), ImageRef(path="")
    return ExamineCell(
        model=nobody, image=nothing, layer=layer, channel=channel, row=row, column=column
    )


def noise(side: int) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(2))


def scale(cell: CellArithmetic) -> float:
    """How large the numbers are that are summed; rounding is relative to it."""
    size = float(np.abs(cell.patch.astype(float) * cell.kernel).sum()) + abs(cell.bias or 0.0)
    if cell.norm is not None:
        gain = abs(cell.norm.weight) / math.sqrt(cell.norm.variance + cell.norm.eps)
        size = (size + abs(cell.norm.mean)) * gain + abs(cell.norm.bias)
    return max(size, 1e-6)


def examine(classifier: Classifier, x: Tensor, layer: str) -> list[CellArithmetic]:
    """Examine corners, a cell within, the least and the greatest of a layer, against its maps."""
    steps = conv_steps.watch(classifier, x, layer, QUIET)
    maps = classifier.feature_maps(x, [layer])[layer][0]
    channels, high, wide = maps.shape
    places = [
        (0, 0, 0),
        (channels - 1, high - 1, wide - 1),
        (channels // 2, high // 2, wide // 3),
        *(np.unravel_index(int(end), maps.shape) for end in (maps.argmin(), maps.argmax())),
    ]
    cells = []
    for place in places:
        channel, row, column = (int(index) for index in place)
        cell = microscope.examine(steps, asked(layer, channel, row, column), "")
        assert cell.shown == float(maps[channel, row, column])
        assert cell.value == pytest.approx(cell.shown, abs=2e-6 * scale(cell), rel=1e-5)
        assert cell.patch.shape == cell.kernel.shape
        cells.append(cell)
    return cells


NETWORKS = {
    "alexnet": (models.alexnet, 96),
    "googlenet": (lambda: models.googlenet(init_weights=False, aux_logits=False), 64),
    "resnext50_32x4d": (models.resnext50_32x4d, 64),
    "squeezenet1_1": (models.squeezenet1_1, 64),
    "mobilenet_v3_small": (models.mobilenet_v3_small, 64),
    "shufflenet_v2_x0_5": (models.shufflenet_v2_x0_5, 64),
    "convnext_tiny": (models.convnext_tiny, 64),
    "efficientnet_lite0": (EfficientNetLite, 65),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_convolution_of_a_network_is_written_out_exactly(
    make_classifier: Make, name: str
) -> None:
    make, side = NETWORKS[name]
    torch.manual_seed(0)
    network = make()
    for module in network.modules():  # no norm does nothing
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
    classifier = make_classifier(network, side)
    x = noise(side)
    rows = [row for row in classifier.facts.layers if classifier.place(row.name).conv]
    assert len(rows) >= 3
    assert not any(row.role in ("conv", "depthwise") and row not in rows for row in rows)
    for row in rows:
        examine(classifier, x, row.name)


def test_patches_are_cut_from_what_the_convolution_reads(small: Classifier) -> None:
    """At every cell, against the maps of the layer before with zeros around them."""
    x = noise(SIDE)
    before = small.feature_maps(x, ["act"])["act"][0]
    laid = functional.pad(before, (1, 1, 1, 1)).numpy()
    steps = conv_steps.watch(small, x, "conv", QUIET)
    for row in range(before.shape[1]):
        for column in range(before.shape[2]):
            cell = microscope.examine(steps, asked("conv", 5, row, column), "")
            assert cell.corner == (row - 1, column - 1)
            assert np.array_equal(cell.patch, laid[:, row : row + 3, column : column + 3])


CONVOLUTIONS = {
    "plain": nn.Conv2d(3, 6, 3),
    "stride": nn.Conv2d(3, 6, 3, stride=2, padding=1),
    "oblong": nn.Conv2d(3, 6, (1, 5), stride=(2, 1), padding=(0, 2)),
    "dilated": nn.Conv2d(3, 6, 3, padding=4, dilation=(2, 4)),
    "depthwise": nn.Conv2d(3, 6, 5, padding=2, groups=3),
    "no bias": nn.Conv2d(3, 6, 3, bias=False),
    "same, odd": nn.Conv2d(3, 6, 3, padding="same"),
    "same, even": nn.Conv2d(3, 6, (4, 2), padding="same", dilation=(1, 3)),
    "valid": nn.Conv2d(3, 6, 3, padding="valid"),
    "reflect": nn.Conv2d(3, 6, 5, padding=2, padding_mode="reflect"),
    "replicate": nn.Conv2d(3, 6, 5, padding=(2, 1), padding_mode="replicate"),
    "circular": nn.Conv2d(3, 6, 5, padding=2, padding_mode="circular"),
    "same, circular": nn.Conv2d(3, 6, 4, padding="same", padding_mode="circular"),
}


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("kind", CONVOLUTIONS)
def test_every_kind_of_padding_stride_and_group(make_classifier: Make, kind: str) -> None:
    network = nn.Sequential()
    network.add_module("conv", CONVOLUTIONS[kind])
    network.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    classifier = make_classifier(network)
    x = noise(SIDE)
    first = examine(classifier, x, "conv")[0]
    picture = np.concatenate([(x[0].numpy() - MEAN) / STD])
    for (line, column), value in np.ndenumerate(first.patch[0]):
        row = first.corner[0] + line * first.dilation[0]
        at = first.corner[1] + column * first.dilation[1]
        if 0 <= row < SIDE and 0 <= at < SIDE:  # beyond the edge each kind has its own
            assert value == pytest.approx(picture[first.first_channel, row, at], abs=1e-6)


MEAN = np.array([0.485, 0.456, 0.406])[:, None, None]
STD = np.array([0.229, 0.224, 0.225])[:, None, None]


def test_a_grouped_convolution_reads_the_channels_of_its_group(make_classifier: Make) -> None:
    network = nn.Sequential()
    network.add_module("stem", nn.Conv2d(3, 8, 3))
    network.add_module("conv", nn.Conv2d(8, 12, 3, groups=4))
    network.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    classifier = make_classifier(network)
    x = noise(SIDE)
    before = classifier.feature_maps(x, ["stem"])["stem"][0].numpy()
    steps = conv_steps.watch(classifier, x, "conv", QUIET)
    for channel, first in ((0, 0), (2, 0), (3, 2), (11, 6)):
        cell = microscope.examine(steps, asked("conv", channel, 4, 7), "")
        assert cell.first_channel == first
        assert np.array_equal(cell.patch, before[first : first + 2, 4:7, 7:10])


ACTIVATIONS = {
    "ReLU": nn.ReLU(inplace=True),
    "ReLU6": nn.ReLU6(inplace=True),
    "Hardtanh": nn.Hardtanh(-0.2, 0.3),
    "SiLU": nn.SiLU(inplace=True),
    "Hardswish": nn.Hardswish(inplace=True),
    "Hardsigmoid": nn.Hardsigmoid(),
    "Sigmoid": nn.Sigmoid(),
    "Tanh": nn.Tanh(),
    "GELU": nn.GELU(approximate="tanh"),
    "ELU": nn.ELU(0.7, inplace=True),
    "SELU": nn.SELU(),
    "CELU": nn.CELU(0.3),
    "Mish": nn.Mish(),
    "Softplus": nn.Softplus(2.0, 15.0),
    "LeakyReLU": nn.LeakyReLU(0.3, inplace=True),
    "PReLU": nn.PReLU(6, init=0.4),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_activation_of_a_unit_is_named_and_applied(make_classifier: Make, name: str) -> None:
    activation = ACTIVATIONS[name]
    if isinstance(activation, nn.PReLU):
        activation.weight.data.uniform_(-1, 1)
    cells = examine(make_classifier(unit(nn.BatchNorm2d(6), activation)), noise(SIDE), "unit")
    assert all(cell.activation == name for cell in cells)
    assert any(cell.value != cell.norm.value for cell in cells if cell.norm is not None)


NORMS = {
    "batch": nn.BatchNorm2d(6, eps=1e-2),
    "batch without weights": nn.BatchNorm2d(6, affine=False),
    "group": nn.GroupNorm(3, 6),
    "layer": LayerNorm2d((6,), eps=1e-3),
}


@pytest.mark.parametrize("name", NORMS)
def test_the_norm_of_a_unit_is_written_out(make_classifier: Make, name: str) -> None:
    norm = NORMS[name]
    for parameter in norm.parameters():
        parameter.data.normal_(1, 0.3)
    if isinstance(norm, nn.BatchNorm2d):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    for cell in examine(make_classifier(unit(norm, nn.ReLU())), noise(SIDE), "unit"):
        given, norm = cell.norm, None
        assert given is not None
        before = cell.sum + (cell.bias or 0.0)
        scaled = (before - given.mean) / math.sqrt(given.variance + given.eps)
        assert given.value == pytest.approx(scaled * given.weight + given.bias)


def unit(*rest: nn.Module) -> nn.Sequential:
    network = nn.Sequential()
    network.add_module("unit", nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), *rest))
    network.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    return network


class _Functional(nn.Module):
    """A unit as GoogLeNet has it: its activation is no module, and overwrites the norm's output."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.norm = nn.BatchNorm2d(6)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(x)), inplace=True)


def test_an_activation_that_is_no_module_is_seen(make_classifier: Make) -> None:
    network = nn.Sequential()
    network.add_module("unit", _Functional())
    network.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    cells = examine(make_classifier(network), noise(SIDE), "unit")
    assert {cell.activation for cell in cells} == {"ReLU"}


def test_a_module_that_runs_twice_is_examined_at_the_run_asked_for(make_classifier: Make) -> None:
    conv = Conv2dNormActivation(3, 3, 3)
    network = nn.Sequential()
    network.add_module("one", conv)
    network.add_module("two", conv)
    network.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    classifier = make_classifier(network)
    first, second = (examine(classifier, noise(SIDE), f"one#{run}") for run in (1, 2))
    assert first[2].patch.tolist() != second[2].patch.tolist()


class _Doubled(nn.Conv2d):
    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input) * 2


def test_what_cannot_be_written_out_is_said_and_leaves_nothing(make_classifier: Make) -> None:
    network = nn.Sequential()
    network.add_module("unit", nn.Sequential(_Doubled(3, 6, 3), nn.BatchNorm2d(6)))
    network.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    classifier = make_classifier(network)
    for layer in ("unit", "unit.0"):
        with pytest.raises(LayerError, match="'mul' is part of it"):
            conv_steps.watch(classifier, noise(SIDE), layer, QUIET)
    assert count_hooks(classifier.stock) == 0


@pytest.mark.parametrize("cell", [(16, 0, 0), (-1, 0, 0), (0, 16, 0), (0, 0, 16), (0, 0, -1)])
def test_a_cell_that_is_not_there_is_refused(small: Classifier, cell: tuple[int, ...]) -> None:
    steps = conv_steps.watch(small, noise(SIDE), "conv", QUIET)
    with pytest.raises(LayerError, match="16 channels of 16 rows and 16 columns"):
        microscope.examine(steps, asked("conv", *cell), "")


@pytest.mark.parametrize("layer", ["norm", "pool", "head"])
def test_what_is_no_convolution_is_refused(small: Classifier, layer: str) -> None:
    with pytest.raises(LayerError, match="is no convolution"):
        conv_steps.watch(small, noise(SIDE), layer, QUIET)


def test_the_next_cell_needs_no_further_pass(
    session: Session, network: ModelRef, picture: ImageRef
) -> None:
    def ask(row: int) -> CellArithmetic:
        request = ExamineCell(
            model=network, image=picture, layer="conv", channel=3, row=row, column=2
        )
        result = execute(request, session, QUIET)
        assert isinstance(result, CellArithmetic)
        return result

    first = ask(0)
    before = session.classifier(network).forwards
    second = ask(1)
    assert session.classifier(network).forwards == before
    assert second.patch.tolist() != first.patch.tolist()
    assert second.corner == (first.corner[0] + 1, first.corner[1])


def test_the_source_is_named(session: Session, network: ModelRef, picture: ImageRef) -> None:
    for layer, source in (("stem", ""), ("conv", "act")):
        request = ExamineCell(model=network, image=picture, layer=layer, channel=0, row=0, column=0)
        result = execute(request, session, QUIET)
        assert isinstance(result, CellArithmetic)
        assert result.source == source


def test_edits_elsewhere_change_the_patch_and_edits_here_the_shown_value(
    session: Session, network: ModelRef, picture: ImageRef
) -> None:
    def ask(*edits: ChannelEdit) -> CellArithmetic:
        request = ExamineCell(
            model=network, image=picture, layer="conv", channel=3, row=5, column=6, edits=edits
        )
        result = execute(request, session, QUIET)
        assert isinstance(result, CellArithmetic)
        shown = execute(
            InspectLayer(model=network, image=picture, layer="conv", edits=edits), session, QUIET
        )
        assert isinstance(shown, LayerMaps)
        assert result.shown == pytest.approx(float(shown.maps[3, 5, 6]), rel=1e-6)
        assert result.value * result.factor == pytest.approx(result.shown, rel=1e-4, abs=1e-5)
        return result

    clean = ask()
    silenced = ask(ChannelEdit(layer="act", channel=2))
    assert clean.patch[2].any()
    assert not silenced.patch[2].any()
    assert silenced.value != clean.value
    doubled = ask(ChannelEdit(layer="conv", channel=3, factor=2.0))
    assert (doubled.factor, doubled.value) == (2.0, clean.value)
    assert ask(ChannelEdit(layer="conv", channel=4)).factor == 1.0


@pytest.mark.parametrize("run", ["", "#2"])
def test_edits_inside_a_unit_are_refused(small: Classifier, run: str) -> None:
    row = small.facts.layers[0]
    names = {f"unit{run}": "", f"unit.0{run}": f"unit{run}", f"unit2.0{run}": ""}
    rows = [dataclasses.replace(row, name=name, parent=parent) for name, parent in names.items()]
    facts = dataclasses.replace(small.facts, layers=tuple(rows))
    unit, inside, beside = names
    with pytest.raises(LayerError, match="which is part of"):
        microscope._require_whole(unit, [ChannelEdit(layer=inside, channel=0)], facts)
    microscope._require_whole(unit, [ChannelEdit(layer=beside, channel=0)], facts)


def test_a_cancelled_examination_leaves_no_hook(small: Classifier, recorder: type) -> None:
    with pytest.raises(Cancelled):
        conv_steps.watch(small, noise(SIDE), "conv", recorder(cancel_at=2))
    assert count_hooks(small.stock) == 0
