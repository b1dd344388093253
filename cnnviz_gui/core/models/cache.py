"""Where published weights are kept: torch's own cache, or the folder that the user chose."""

from __future__ import annotations

from pathlib import Path

_usual: str | None = None
"""Torch's own folder, while another one is used."""


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
    global _usual
    import torch.hub

    if directory:
        _usual = _usual or torch.hub.get_dir()
        torch.hub.set_dir(str(Path(directory).expanduser().absolute()))
    elif _usual is not None:
        torch.hub.set_dir(_usual)
        _usual = None
