"""The operations an exported program may ask for: a fixed list, and nothing beside it.

A file names its operations by text. That text is only ever looked up in this list; it is never
resolved by attribute, imported or evaluated. The list holds pure functions of tensors: none that
reads or writes files (``aten.from_file`` does), draws random numbers, leaves memory uninitialised
or looks at memory beyond a tensor.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.texts import tr

_MAPS = """
abs.default add.Scalar add.Tensor cat.default celu.default clamp.Tensor clamp.default
clamp_max.default clamp_min.default div.Scalar div.Scalar_mode div.Tensor div.Tensor_mode
elu.default gelu.default glu.default group_norm.default hardsigmoid.default hardswish.default
hardtanh.default instance_norm.default leaky_relu.default log_sigmoid.default maximum.default
minimum.default mish.default mul.Scalar mul.Tensor native_group_norm.default pad.default
constant_pad_nd.default
pixel_shuffle.default prelu.default _prelu_kernel.default relu.default relu6.default
rsub.Scalar rsub.Tensor selu.default sigmoid.default silu.default softplus.default sub.Scalar
sub.Tensor tanh.default threshold.default upsample_bilinear2d.default upsample_bilinear2d.vec
upsample_bicubic2d.default upsample_bicubic2d.vec upsample_nearest2d.default
upsample_nearest2d.vec channel_shuffle.default dropout.default feature_dropout.default
alpha_dropout.default feature_alpha_dropout.default batch_norm.default
_native_batch_norm_legit_no_training.default conv2d.default conv2d.padding convolution.default
conv_transpose2d.input linear.default addmm.default layer_norm.default native_layer_norm.default
rms_norm.default max_pool2d.default max_pool2d_with_indices.default avg_pool2d.default
adaptive_avg_pool2d.default _adaptive_avg_pool2d.default adaptive_max_pool2d.default
flatten.using_ints
"""
"""What has a row in the layer table where it yields a tensor."""
_OTHERS = """
_log_softmax.default _softmax.default _to_copy.default _unsafe_index.Tensor
_unsafe_view.default alias.default all.default all.dim amax.default amin.default any.default
any.dim arange.default arange.start arange.start_step argmax.default argmin.default
as_strided.default
avg_pool1d.default adaptive_avg_pool1d.default baddbmm.default bitwise_and.Tensor
bitwise_not.default bitwise_or.Tensor bmm.default broadcast_tensors.default ceil.default
chunk.default clone.default concat.default contiguous.default conv1d.default cos.default
cumsum.default detach.default diff.default dot.default dropout.default einsum.default
eq.Scalar eq.Tensor erf.default exp.default expand.default expand_as.default expm1.default
fill.Scalar fill.Tensor flip.default floor.default floor_divide.Scalar floor_divide.default
fmod.Scalar fmod.Tensor full.default full_like.default gather.default ge.Scalar ge.Tensor
gt.Scalar gt.Tensor index.Tensor index_select.default isfinite.default isinf.default
isnan.default le.Scalar le.Tensor lift_fresh_copy.default linalg_norm.default
linalg_vector_norm.default linspace.default log.default log10.default log1p.default
log2.default log_softmax.int logical_and.default logical_not.default logical_or.default
logsumexp.default lt.Scalar lt.Tensor masked_fill.Scalar masked_fill.Tensor matmul.default
max.default max.dim max.other mean.default mean.dim meshgrid.default meshgrid.indexing
min.default min.dim min.other mm.default movedim.int movedim.intlist mv.default
narrow.default ne.Scalar ne.Tensor neg.default new_full.default new_ones.default
new_zeros.default norm.Scalar norm.ScalarOpt_dim norm.ScalarOpt_dim_dtype numpy_T.default
ones.default ones_like.default permute.default pow.Scalar pow.Tensor_Scalar pow.Tensor_Tensor
prod.dim_int reciprocal.default remainder.Scalar remainder.Tensor repeat.default
repeat_interleave.self_int reshape.default roll.default round.default rsqrt.default
scalar_tensor.default scaled_dot_product_attention.default select.int select_scatter.default
sign.default sin.default slice.Tensor slice_scatter.default softmax.int split.Tensor
split.sizes split_with_sizes.default sqrt.default square.default squeeze.default squeeze.dim
squeeze.dims stack.default std.correction std.dim sum.default sum.dim_IntList swapaxes.default
sym_numel.default sym_size.int t.default tensor_split.sections to.device to.dtype
to.dtype_layout to.other topk.default transpose.int tril.default triu.default
true_divide.Tensor type_as.default unbind.int unflatten.int unsqueeze.default var.correction
var.dim var_mean.correction view.default view_as.default where.self where.ScalarOther
where.ScalarSelf where.Scalar zero.default zeros.default zeros_like.default
"""
_SHOWN = frozenset(_MAPS.split())
_ALLOWED = _SHOWN | frozenset(_OTHERS.split())
_WITHOUT_EFFECT = frozenset(
    f"torch.ops.aten.{name}"
    for name in (
        "_assert_async.msg",
        "_assert_scalar.default",
        "_assert_tensor_metadata.default",
        "sym_constrain_range.default",
        "sym_constrain_range_for_size.default",
    )
)
_LARGEST = 1 << 62


def _view(self: Tensor, size: list[int]) -> Tensor:
    """Reshape: as strides differ between copies of a network, a view may have to be a copy."""
    return self.reshape(size)


def _copy(self: Tensor) -> Tensor:
    return self.clone()


def _restrided(
    self: Tensor, size: list[int], stride: list[int], storage_offset: int | None = None
) -> Tensor:
    """Return pooled maps (N, C, 1, ...) as they are: torch restrides them, which changes nothing.

    Looking at memory by any other strides is refused: it would depend on how a tensor lies there.
    """
    plain = [size[1], 1] if len(size) > 1 else []
    if list(self.shape) != size or stride[:2] != plain or storage_offset or max(size[2:]) > 1:
        raise ValueError("a tensor is looked at by raw strides")
    return self


_INSTEAD: dict[str, Callable[..., Any]] = {
    "as_strided.default": _restrided,
    "view.default": _view,
    "_unsafe_view.default": _view,
    "lift_fresh_copy.default": _copy,
}
_PREFIX = "torch.ops.aten."


def _whole(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep numbers small: squared again and again, a number alone would fill the memory."""

    def bounded(*values: Any) -> Any:
        if not all(isinstance(value, int | float) for value in values):
            raise TypeError("sizes are numbers")
        result = function(*values)
        if abs(result) > _LARGEST:
            raise OverflowError("a size is too large")
        return result

    return bounded


_ON_SIZES: dict[str, Callable[..., Any]] = {
    **{
        f"_operator.{name}": _whole(getattr(operator, name))
        for name in (
            "add",
            "and_",
            "eq",
            "floordiv",
            "ge",
            "gt",
            "le",
            "lt",
            "mod",
            "mul",
            "ne",
            "neg",
            "or_",
            "pos",
            "sub",
            "truediv",
        )
    },
    "math.trunc": _whole(math.trunc),
    "math.ceil": _whole(math.ceil),
    "math.floor": _whole(math.floor),
    "torch.sym_max": _whole(max),
    "torch.sym_min": _whole(min),
    "torch.sym_int": _whole(int),
    "torch.sym_float": _whole(float),
    "torch.sym_not": _whole(operator.not_),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """An operation of the list."""

    name: str
    """Such as ``add``, without overload and underscore."""
    run: Callable[..., Any]
    arguments: tuple[str, ...]
    """Names in the order of the schema; empty for arithmetic on sizes, which goes by place."""
    kinds: dict[str, str]
    """Types of the arguments in the words of torch's schemas, ``Optional[int]``."""
    called: dict[str, str]
    """Arguments that the file may call otherwise."""
    defaults: dict[str, Any]
    in_place: Callable[..., Any] | None
    """What the file names, where that changes its first argument; ``run`` does not."""
    shown: bool
    """Has a row in the layer table."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Operator:
        return self


def resolve(target: str) -> Operator | None:
    """Return the operation that a program names; None for a check, which has no effect.

    Raises
    ------
    CheckpointError
        It is not on the list.
    """
    if target in _WITHOUT_EFFECT:
        return None
    if target in _ON_SIZES:
        return Operator(target, _ON_SIZES[target], (), {}, {}, {}, None, False)
    name = target.removeprefix(_PREFIX)
    packet, _, variant = name.partition(".")
    plain = f"{packet.removesuffix('_')}.{variant}"
    if not target.startswith(_PREFIX) or plain not in _ALLOWED:
        raise CheckpointError(
            tr(
                "The program asks for {name}, which is not among the operations that are"
                " opened from a file.",
                name=_quoted(target),
            ),
            tr(
                "Where you trust it, open it from Python with"
                " cnnviz_gui.show(torch.export.load(path))."
            ),
        )
    operation = _overload(plain)
    arguments = operation._schema.arguments
    twin = _overload(name) if packet.endswith("_") else None
    names = tuple(argument.name for argument in arguments)
    # one pair in torch differs in the names of the arguments
    other = names if twin is None else tuple(a.name for a in twin._schema.arguments)
    return Operator(
        name=plain.partition(".")[0],
        run=_INSTEAD.get(plain, operation),
        arguments=names,
        kinds={argument.name: str(argument.real_type) for argument in arguments},
        called={old: new for old, new in zip(other, names, strict=False) if old != new},
        defaults={a.name: a.default_value for a in arguments if a.has_default_value()},
        in_place=twin if other == names else operation,
        shown=plain in _SHOWN,
    )


def _overload(name: str) -> Any:
    """Return an operation whose name, without an underscore at its end, is on the list."""
    packet, _, overload = name.partition(".")
    try:
        return getattr(getattr(torch.ops.aten, packet), overload)
    except AttributeError as error:
        raise CheckpointError(
            tr(
                "This torch ({version}) has no operation {name!r}.",
                version=torch.__version__,
                name=name,
            ),
            tr("Export the program anew with the torch that is installed here."),
        ) from error


def _quoted(text: str, longest: int = 80) -> str:
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return repr(shown)
