"""The controls of which the panels are made."""

from cnnviz_gui.panels.controls.bars import ProbabilityBar
from cnnviz_gui.panels.controls.buttons import Button, IconButton, Segmented, Toggle
from cnnviz_gui.panels.controls.inputs import ComboBox, SearchBox, Slider
from cnnviz_gui.panels.controls.labels import (
    Card,
    Chip,
    DockHeader,
    ElidedLabel,
    KeyValueRows,
    Label,
    SectionHeader,
)
from cnnviz_gui.panels.controls.lists import TabBar, Tree, paint_row
from cnnviz_gui.panels.controls.number_box import NumberBox
from cnnviz_gui.panels.controls.states import BusyArc, EmptyState, FailureCard, IconLabel, Notice

__all__ = [
    "BusyArc",
    "Button",
    "Card",
    "Chip",
    "ComboBox",
    "DockHeader",
    "ElidedLabel",
    "EmptyState",
    "FailureCard",
    "IconButton",
    "IconLabel",
    "KeyValueRows",
    "Label",
    "Notice",
    "NumberBox",
    "ProbabilityBar",
    "SearchBox",
    "SectionHeader",
    "Segmented",
    "Slider",
    "TabBar",
    "Toggle",
    "Tree",
    "paint_row",
]
