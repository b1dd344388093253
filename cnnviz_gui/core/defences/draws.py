"""Random draws of a defence: named by seed and number, so that any of them can be made again."""

from __future__ import annotations

import hashlib
from typing import Any

import torch

from cnnviz_gui.core.params import number
from cnnviz_gui.texts import tr

_BYTES = 4  # the generator of the CPU looks at no more of a seed


def generator(seed: int, view: int) -> torch.Generator:
    """Return the generator of view ``view``; those of other views and seeds are unlike it."""
    digest = hashlib.blake2b(f"{seed} {view}".encode(), digest_size=_BYTES).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big"))


def seed() -> Any:
    """Declare the seed of a defence's draws."""
    return number(
        0,
        0,
        2**31 - 1,
        role="seed",
        label=tr("Seed"),
        help=tr("Of the draws; an attack never knows these very ones."),
    )
