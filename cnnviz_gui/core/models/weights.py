"""Weight files: checked against the hash in their name, read without code, fitted strictly."""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_gui.core.background import Background
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models import checksum
from cnnviz_gui.texts import tr

_UNREADABLE = (RuntimeError, TypeError, ValueError, EOFError, KeyError, pickle.UnpicklingError)


class Reading:
    """Tensors by name on their way out of a file, whose SHA-256 is compared with its name.

    Both happen on threads of their own, so that the network can be built meanwhile.
    """

    def __init__(self, path: Path, title: str) -> None:
        self._path = path
        self._title = title
        self._right = checksum.check(path)
        self._state = Background(self._load)

    def state(self, ctx: Context) -> dict[str, Tensor]:
        """Wait for the tensors.

        Raises
        ------
        ModelError
            The file cannot be read, is altered, or is not one of plain tensors.
        """
        try:
            if not self._right.result(ctx):
                raise ModelError(
                    tr(
                        "The weights of {title} are damaged or altered: {name} does not have the"
                        " checksum that its name promises.",
                        title=self._title,
                        name=self._path.name,
                    ),
                    tr("Delete {path} and fetch it anew.", path=self._path),
                )
            return dict(self._state.result(ctx))
        except OSError as error:
            raise ModelError(
                tr(
                    "The weights of {title} cannot be read: {reason}.",
                    title=self._title,
                    reason=error.strerror,
                ),
                tr("The file is {path}.", path=self._path),
            ) from error
        except _UNREADABLE as error:
            raise ModelError(
                tr("The weights of {title} are not a file of plain tensors.", title=self._title),
                tr("Delete {path} and fetch it anew.", path=self._path),
            ) from error

    def _load(self, unwanted: threading.Event) -> Any:
        return torch.load(self._path, map_location="cpu", weights_only=True)


def read(path: Path, title: str, ctx: Context) -> dict[str, Tensor]:
    """Read tensors by name; raises as ``Reading.state``."""
    return Reading(path, title).state(ctx)


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
            tr(
                "The weights in {name} do not fit {title}: {count} tensors differ, "
                "first {first!r}.",
                name=path.name,
                title=title,
                count=len(wrong),
                first=wrong[0],
            ),
            tr("Delete the file and fetch it anew."),
        )
    # names and shapes are those of this version of the network, which MNASNet wants to be told
    fitting = OrderedDict(state)
    fitting._metadata = own._metadata  # type: ignore[attr-defined]  # where torch keeps it
    network.load_state_dict(fitting, assign=True)
