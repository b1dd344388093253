from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

import cnnviz_gui.app.actions  # noqa: F401 (it tells which keys there are)
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.state.app_state import AppState


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """Dark, without motion: what is set is what is drawn."""
    theme.set_reduced_motion(True)
    if theme.scheme() != "dark":
        theme.apply(qapp, "dark")
    yield
    theme.set_reduced_motion(False)


@pytest.fixture
def network() -> ModelFacts:
    """A network of one convolution and two classes."""
    layer = LayerFacts(
        "stem", "Conv2d", 0, "", (3, 2, 2), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip
    return ModelFacts(
        "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (layer,), "stem", True,
    )  # fmt: skip


@pytest.fixture
def state(network: ModelFacts) -> AppState:
    """The window once a network and a picture are chosen; nothing is computed."""
    made = AppState()
    made.use_network(ModelRef(name="net"), network)
    made.select(image=ImageRef(path="a.png"))
    return made
