"""What this is, in a box."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from cnnviz_gui.panels import question
from cnnviz_gui.texts import tr


def show_about(window: QWidget) -> None:
    """Say what this is, with its licences."""
    from cnnviz_gui import __version__  # looks it up, which takes a while

    box = QMessageBox(window)
    box.setWindowTitle(tr("About"))
    question.add_refusal(box, tr("Close"))
    box.setText(f"cnnviz-gui {__version__}")
    box.setInformativeText(
        tr(
            "One live window onto a convolutional image classifier: see its layers, explain"
            " what it says, attack it. MIT licence. The embedded network is"
            " EfficientNet-Lite0 with ImageNet weights (Apache 2.0); photographs CC0;"
            " typeface Inter (OFL)."
        )
    )
    box.exec()
