"""Weight files: checked against the hash in their name, read without code, fitted strictly."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ModelError

_CHUNK = 1 << 22


def read(path: Path, title: str, ctx: Context) -> dict[str, Tensor]:
    """Read tensors by name after the file's SHA-256 has been compared with its name."""
    expected = path.stem.rpartition("-")[2]
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                ctx.check()
                digest.update(chunk)
    except OSError as error:
        raise ModelError(
            f"The weights of {title} cannot be read: {error.strerror}.", f"The file is {path}."
        ) from error
    if not digest.hexdigest().startswith(expected):
        raise ModelError(
            f"The weights of {title} are damaged or altered: {path.name} does not have the "
            "checksum that its name promises.",
            f"Delete {path} and fetch it anew.",
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise ModelError(
            f"The weights of {title} are not a file of plain tensors.",
            f"Delete {path} and fetch it anew.",
        ) from error
    return dict(state)


def fill(network: nn.Module, state: dict[str, Tensor], title: str, path: Path) -> None:
    """Give ``network`` the tensors of ``state``; names and shapes must fit exactly."""
    own = network.state_dict()
    # checkpoints from before this counter existed lack it, and in eval mode nothing reads it
    for name in own.keys() - state.keys():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.zeros_like(own[name], device="cpu")
    wrong = sorted(own.keys() ^ state.keys())
    wrong += [name for name in own if name in state and own[name].shape != state[name].shape]
    if wrong:
        raise ModelError(
            f"The weights in {path.name} do not fit {title}: {len(wrong)} tensors differ, first "
            f"{wrong[0]!r}.",
            "Delete the file and fetch it anew.",
        )
    network.load_state_dict(state, assign=True)
