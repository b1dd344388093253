from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from cnnviz_gui.panels import theme


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """Dark, without motion: what is set is what is drawn."""
    theme.set_reduced_motion(True)
    if theme.scheme() != "dark":
        theme.apply(qapp, "dark")
    yield
    theme.set_reduced_motion(False)
