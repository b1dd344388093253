"""Shapes told without a call are those that torch tells."""

import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models import own, shapes, trace, zoo
from cnnviz_gui.core.request import CheckpointRef, ModelRef

aten = torch.ops.aten


def meta(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device="meta")


def convolved(x, kernel, stride, padding, dilation, groups, bias):
    weight = meta(8, x.shape[1] // groups, *kernel)
    return x, weight, bias, stride, padding, dilation, False, [0, 0], groups


CONVOLVED = None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1
X = meta(2, 6, 17, 14)
CALLS = [
    (aten.relu.default, (X,)),
    (aten.hardtanh.default, (X, 0.0, 6.0)),
    (aten.silu.default, (X,)),
    (aten.sigmoid.default, (X,)),
    (aten.native_batch_norm.default, (X, *[meta(6)] * 4, False, 0.1, 1e-3)),
    (aten.constant_pad_nd.default, (X, [1, 2], 0.0)),
    (aten.constant_pad_nd.default, (X, [0, 1, 2, 0], 0.0)),
    (aten.constant_pad_nd.default, (X, [-1, 0, 3, -2, 1, 1, 0, 2])),
    (aten.convolution.default, convolved(X, [3, 3], [1, 1], [1, 1], [1, 1], 1, None)),
    (aten.convolution.default, convolved(X, [5, 3], [2, 3], [0, 2], [2, 1], 2, meta(8))),
    (aten.convolution.default, convolved(X, [1, 1], [2, 2], [0, 0], [1, 1], 1, None)),
    (aten.add.Tensor, (X, X)),
    (aten.mean.dim, (X, [2, 3], True)),
    (aten.mean.dim, (X, [-1, -2])),
    (aten.addmm.default, (meta(5), meta(3, 4), meta(4, 5))),
]


@pytest.mark.parametrize(("func", "args"), CALLS, ids=lambda one: str(one)[:24])
def test_shape_and_type_are_those_of_torch(func, args):
    def looks(out):
        several = out if isinstance(out, tuple) else (out,)
        return [(one.shape, one.dtype, one.device) for one in several]

    told = shapes.known(func, args, None)
    assert told is not None
    assert looks(told) == looks(func(*args))


@pytest.mark.parametrize(
    ("func", "args", "kwargs"),
    [
        (aten.add.Tensor, (X, meta(6, 1, 1)), None),
        (aten.add.Tensor, (X, 1.0), None),
        (aten.add.Tensor, (X, meta(2, 6, 17, 14, dtype=torch.float64)), None),
        (aten.add.Tensor, (X, X), {"alpha": 2}),
        (aten.mean.dim, (X, [1]), {"dtype": torch.float64}),
        (aten.mean.default, (X,), None),
        (aten.mean.dim, (X, [4]), None),
        (aten.mean.dim, (X, [1, -3]), None),
        (aten.mean.dim, (X.permute(0, 2, 3, 1), [1, 2]), None),
        (aten.relu.default, (meta(2, 3, dtype=torch.int64),), None),
        (aten.gelu.default, (X.permute(0, 2, 3, 1),), None),
        (aten.add.Tensor, (X, meta(2, 17, 6, 14).transpose(1, 2)), None),
        (aten.constant_pad_nd.default, (X, [1, 1, 1]), None),
        (aten.constant_pad_nd.default, (X, [-8, -8]), None),
        (aten.native_batch_norm.default, (X, *[meta(5)] * 4, False, 0.1, 1e-3), None),
        (aten.addmm.default, (meta(5), meta(3, 4), meta(3, 5)), None),
        (aten.addmm.default, (meta(1), meta(3, 4), meta(4, 5)), None),
        (aten.convolution.default, convolved(X, [3, 3], [1], [1], [1], 1, None), None),
        (aten.convolution.default, (X, meta(8, 5, 3, 3), *CONVOLVED), None),
        (aten.relu.default, (torch.zeros(3),), None),
        (aten.softmax.int, (X, 1), None),
        (
            aten.convolution.default,
            (X, meta(6, 8, 3, 3), None, [2, 2], [1, 1], [1, 1], True, [0, 0], 1),
            None,
        ),
        (  # a kernel larger than the picture: torch says what is wrong
            aten.convolution.default,
            (X, meta(8, 6, 19, 3), *CONVOLVED),
            None,
        ),
    ],
    ids=str,
)
def test_what_is_not_known_for_certain_is_left_to_torch(func, args, kwargs):
    assert shapes.known(func, args, kwargs) is None


def test_the_embedded_network_is_there_without_torchvision_and_without_a_compiler():
    code = (
        "import sys; from cnnviz_gui.core.models import zoo;"
        "from cnnviz_gui.core.request import ModelRef;"
        "network = zoo.build(ModelRef(name='efficientnet_lite0'));"
        "assert network.facts.labels[282] == 'tiger cat';"
        "heavy = {'torchvision', 'torch._dynamo', 'torch._inductor', 'sympy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert ran.stdout.strip() == "[]", ran.stderr[-2000:]


def test_a_size_that_the_network_does_not_take_is_refused():
    path = own.find("lenet5").weights_path()
    for side in (64, 128):
        with pytest.raises(ModelError, match="32 × 32"):
            zoo.build(
                ModelRef(name="lenet5", checkpoint=CheckpointRef(path=str(path), input_size=side))
            )


def test_a_module_that_moves_its_axes_needs_no_values():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = nn.Conv2d(3, 8, 3, padding=1)

        def forward(self, x):
            y = functional.gelu(self.convolution(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
            return (y + y).view(y.shape[0], -1)

    traced = trace.trace(Block(), 16)
    assert traced.root.output.shape == (1, 8 * 16 * 16)
