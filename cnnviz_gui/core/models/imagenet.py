"""What networks trained on ImageNet have in common: their classes and their normalisation."""

from __future__ import annotations

from functools import lru_cache

from cnnviz_gui import resources

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""Of its photographs, per colour channel, values in [0, 1]."""


@lru_cache(maxsize=1)
def labels() -> tuple[str, ...]:
    """Return the names of the 1000 classes, as torchvision has them.

    They are read from a file of our own: the import of torchvision takes seconds.
    """
    text = resources.path("networks/imagenet-classes.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())
