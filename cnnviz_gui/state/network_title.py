"""What a network is called, also before the catalogue is there."""

from __future__ import annotations

from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state.app_state import Shared
from cnnviz_gui.texts import tr

OWN = {"efficientnet_lite0": "EfficientNet-Lite0", "lenet5": "LeNet-5"}
"""The embedded networks: the first is opened before the catalogue, with torch, is there."""


def title_of(name: str, shared: Shared) -> str:
    """Return the title of a network of the catalogue, its name where no title is known."""
    titles = (entry.title for entry in shared.catalogue if entry.name == name)
    return next(titles, OWN.get(name, name))


def title_while_opening(model: ModelRef, shared: Shared) -> str:
    """Return what a network is called before its own facts tell."""
    return tr("Your module") if model.given else title_of(model.name, shared)
