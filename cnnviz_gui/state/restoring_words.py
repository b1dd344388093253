"""A request in words, for who is offered to restore it."""

from __future__ import annotations

from pathlib import PurePath

from cnnviz_gui.core.named_files import files
from cnnviz_gui.core.request import (
    Request,
)


def told(request: Request, title: str, network: str, labels: tuple[str, ...]) -> str:
    """Return what a request is, in words: ``Grad-CAM of chelsea.png, ResNet-18, layer4, cat``.

    Parameters
    ----------
    title
        What is done.
    network
        As it is called.
    labels
        Of its classes, none where they are not known.
    """
    named = next((PurePath(one.path).name for one in files(request) if _content(one)), "")
    held = next((one for one in _inner(request) if hasattr(one, "target")), request)
    target, layer = getattr(held, "target", None), getattr(held, "layer", "")
    of_class = ""
    if isinstance(target, int):
        of_class = labels[target] if 0 <= target < len(labels) else f"class {target}"
    at = f"layer {layer}" if isinstance(layer, str) and layer else ""
    of = f"{title} of {named}" if named else title
    return ", ".join(filter(None, (of, network, at, of_class)))


def _inner(request: object) -> list[object]:
    found = [request]
    for name in ("heatmap", "plane", "attack"):
        one = getattr(found[-1], name, None)
        if one is not None:
            found.append(one)
    return found


def _content(file: object) -> bool:
    return type(file).__name__ in ("ImageRef", "FolderRef")
