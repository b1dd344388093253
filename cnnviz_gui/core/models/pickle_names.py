"""What the names mean that a pickle asks for, and the sentence that refuses them."""

from __future__ import annotations

from collections.abc import Iterable

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.files import display_name
from cnnviz_gui.texts import tr

SAVE_AGAIN = tr(
    "Ask its author for a .safetensors file, or, where the network was made, save"
    ' its weights alone: torch.save(model.state_dict(), "weights.pth")'
)
_PLAIN = frozenset(
    {
        "_codecs.encode",  # bytes; its argument is checked in the outline
        "builtins.complex",
        "builtins.set",
        "collections.Counter",
        "collections.OrderedDict",
        "torch.Size",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch.device",
    }
)
_NUMBERS = frozenset(
    {
        *("float64", "float32", "float16", "bfloat16", "complex64", "complex128", "bool"),
        *("int64", "int32", "int16", "int8", "uint8"),
    }
)
# Of these roots the names in a checkpoint are settings and statistics, saved without ill will.
_SETTINGS = (
    *("argparse.Namespace", "types.SimpleNamespace", "collections.", "datetime.", "pathlib."),
    *("numpy.core.multiarray.", "numpy._core.multiarray.", "numpy.dtype", "numpy.ndarray"),
    *("omegaconf.", "yacs.", "easydict.", "addict.", "mmengine.", "mmcv.", "enum.", "typing."),
    *("pytorch_lightning.", "lightning.", "lightning_fabric.", "lightning_utilities."),
    *("torch.optim.", "torch._utils.", "torch._tensor.", "torch.nn.parameter.", "torch.dtype"),
    *("torch.serialization._get_layout",),
    *("copyreg._reconstructor", "builtins.object", "builtins.dict", "builtins.list"),
    *("builtins.frozenset", "builtins.slice", "builtins.range", "builtins.bytearray"),
)
_NETWORKS = ("torch.nn.modules.", "torchvision.models.", "timm.", "transformers.", "fastai.")
_CODE = (
    *("os.", "posix.", "nt.", "sys.", "subprocess.", "builtins.", "runpy.", "importlib.", "pty."),
    *("socket.", "shutil.", "ctypes.", "pickle.", "marshal.", "codecs.", "_codecs", "operator."),
    *("functools.", "webbrowser.", "platform.", "timeit.", "code.", "pdb.", "torch.hub."),
    *("torch.jit.", "torch.serialization.", "torch.utils.", "torch._C", "torch.storage."),
)


def is_plain(asked: str) -> bool:
    """Tell whether a name belongs to a plain tensor, or to a plain container of some."""
    module, _, last = asked.rpartition(".")
    storage = last.endswith("Storage") and module in ("torch", "torch.storage", "torch.cuda")
    return asked in _PLAIN or storage or (module == "torch" and last in _NUMBERS)


def refusal(name: str, asked: Iterable[str]) -> CheckpointError:
    """Return why a file that asks for these names, some of them not plain, is refused."""
    beyond = [one for one in asked if not is_plain(one)]
    code = [asked for asked in beyond if asked.startswith(_CODE) and not _is_setting(asked)]
    if code:
        return _code_inside(name, code)
    if any(asked.startswith(_NETWORKS) for asked in beyond):
        return CheckpointError(
            tr(
                "{name} holds a whole network saved with its code, not its weights alone; it"
                " was refused, and nothing in it was run.",
                name=name,
            ),
            SAVE_AGAIN,
        )
    if all(_is_setting(asked) for asked in beyond):
        return CheckpointError(
            tr(
                "{name} holds {listed} beside its weights, which only code could restore; it"
                " was refused.",
                name=name,
                listed=_listed(beyond),
            ),
            SAVE_AGAIN,
        )
    return _code_inside(name, [asked for asked in beyond if not _is_setting(asked)])


def _is_setting(asked: str) -> bool:
    return asked.startswith(_SETTINGS)


def _listed(asked: Iterable[str]) -> str:
    names = [display_name(text) for text in asked]
    listed = ", ".join(names[:3])
    if len(names) <= 3:
        return listed
    return tr("{listed} and {count} more", listed=listed, count=len(names) - 3)


def _code_inside(name: str, asked: Iterable[str]) -> CheckpointError:
    return CheckpointError(
        tr(
            "{name} contains code ({listed}) and was refused; nothing in it was run.",
            name=name,
            listed=_listed(asked),
        ),
        SAVE_AGAIN,
    )
