"""The columns of a table of heat maps."""

from __future__ import annotations

from cnnviz_gui.core.folder.table import Column
from cnnviz_gui.core.map_folder_results import MapRow

_SIDES = ("left", "top", "right", "bottom")


def _edge(place: int) -> Column[MapRow]:
    return Column(
        f"box {_SIDES[place]} (px of the network's view)",
        lambda row: None if row.box is None else row.box[place],
    )


COLUMNS: tuple[Column[MapRow], ...] = (
    Column("class", lambda row: row.predicted.label if row.predicted else None),
    Column("class index", lambda row: row.predicted.index if row.predicted else None),
    Column(
        "probability (0 to 1)", lambda row: row.predicted.probability if row.predicted else None
    ),
    Column("target", lambda row: row.target.label if row.target else None),
    Column("target index", lambda row: row.target.index if row.target else None),
    Column(
        "target probability (0 to 1)", lambda row: row.target.probability if row.target else None
    ),
    Column("largest value (units of the map)", lambda row: row.peak),
    Column("marked (share of pixels)", lambda row: row.marked),
    *(_edge(place) for place in range(4)),
    Column("inside the box (share of evidence)", lambda row: row.inside),
    Column("spread (share of pixels)", lambda row: row.spread),
    Column("likeness to the centre (rank correlation)", lambda row: row.centre),
    Column("deletion (area)", lambda row: row.deletion),
    Column("insertion (area)", lambda row: row.insertion),
    Column("note", lambda row: row.note),
)
"""Beside the file, its size, and why it could not be read."""
