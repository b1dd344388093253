"""Where published weights are kept: torch's own cache, or the folder that the user chose."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


def folder() -> Path:
    """Return the folder of the weights; it need not exist."""
    import torch.hub

    return Path(torch.hub.get_dir(), "checkpoints")


def use(directory: str) -> None:
    """Keep weights in ``checkpoints`` inside a directory from here on, as ``torch.hub.set_dir``.

    Parameters
    ----------
    directory
        ``~`` is understood; empty for torch's own, which the variable ``TORCH_HOME`` moves.
    """
    import torch.hub

    usual = _usual()
    torch.hub.set_dir(str(Path(directory).expanduser().absolute()) if directory else usual)


@lru_cache(maxsize=1)
def _usual() -> str:
    import torch.hub

    return torch.hub.get_dir()
