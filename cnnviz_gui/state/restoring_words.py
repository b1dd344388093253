"""A request in words, for who is offered to restore it."""

from __future__ import annotations

from pathlib import PurePath

from cnnviz_gui.core.named_files import files, model_of
from cnnviz_gui.core.request import (
    Request,
)
from cnnviz_gui.state import edits_view
from cnnviz_gui.state.app_state import Shared
from cnnviz_gui.state.labels import describe
from cnnviz_gui.state.network_title import title_of
from cnnviz_gui.texts import tr


def told(request: Request, title: str, network: str, labels: tuple[str, ...]) -> str:
    """Return what a request is, in words: ``Grad-CAM of chelsea.png, ResNet-18, layer4, cat``.

    Of channels that are edited it says how many: ``with 1 channel silenced``.

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
        of_class = (
            labels[target] if 0 <= target < len(labels) else tr("class {number}", number=target)
        )
    at = ""
    if isinstance(layer, str) and layer and layer not in title:  # else the title says it
        at = tr("layer {layer}", layer=layer)
    whole = title
    if named and named not in title:
        whole = tr("{title} of {name}", title=title, name=named)
    edits = getattr(held, "edits", ())
    altered = tr("with {edits}", edits=edits_view.words(edits)) if edits else ""
    return ", ".join(filter(None, (whole, network, at, of_class, altered)))


def _inner(request: object) -> list[object]:
    found = [request]
    for name in ("heatmap", "plane", "attack"):
        one = getattr(found[-1], name, None)
        if one is not None:
            found.append(one)
    return found


def _content(file: object) -> bool:
    return type(file).__name__ in ("ImageRef", "FolderRef")


def of(request: Request, shared: Shared, network: str) -> str:
    """Return the same for a window; ``network`` is what it was called, empty if that is unknown."""
    model, facts = model_of(request), shared.facts
    if not network and model is not None:
        network = title_of(model.name, shared)
    known = facts is not None and facts.title == network
    labels = facts.labels if facts is not None and known else ()
    return told(request, describe(request, shared), network, labels)
