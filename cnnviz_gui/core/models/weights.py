"""Weight files: checked against the hash in their name, read without code, fitted strictly."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models.checksum import Check


def read(path: Path, title: str, ctx: Context, check: Check | None = None) -> dict[str, Tensor]:
    """Read tensors by name; the file's SHA-256 is compared with its name.

    Parameters
    ----------
    check
        Where it was begun before; it goes on while the file is read.
    """
    check = check or Check(path)
    state, unreadable = None, None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        unreadable = error
    except OSError as error:
        raise _not_read(path, title, error) from error
    try:
        right = check.right(ctx)
    except OSError as error:
        raise _not_read(path, title, error) from error
    if not right:
        raise ModelError(
            f"The weights of {title} are damaged or altered: {path.name} does not have the "
            "checksum that its name promises.",
            f"Delete {path} and fetch it anew.",
        )
    if not isinstance(state, dict):
        raise ModelError(
            f"The weights of {title} are not a file of plain tensors.",
            f"Delete {path} and fetch it anew.",
        ) from unreadable
    return dict(state)


def _not_read(path: Path, title: str, error: OSError) -> ModelError:
    return ModelError(
        f"The weights of {title} cannot be read: {error.strerror}.", f"The file is {path}."
    )


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
