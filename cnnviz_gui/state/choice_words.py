"""What the choices of how something is looked at are called, where they are made and elsewhere."""

from __future__ import annotations

from typing import Final

from cnnviz_gui.texts import ptr, tr

LAYER_VIEWS: Final = {
    "maps": tr("Maps"),
    "filters": tr("Filters"),
    "statistics": tr("Statistics"),
    "table": tr("Table"),
}
HEATMAP_VIEWS: Final = {
    "map": ptr("heat map", "Map"),
    "grid": tr("Grid"),
    "steps": tr("Steps"),
    "trust": tr("Trust"),
    "folder": tr("Folder"),
}
ATTACK_VIEWS: Final = {
    "picture": tr("Picture"),
    "steps": tr("Steps"),
    "borders": tr("Borders"),
    "race": tr("Race"),
    "defences": tr("Defences"),
    "folder": tr("Folder"),
}
FEATURE_VIEWS: Final = {"picture": tr("Picture"), "sheet": tr("Sheet")}
FOLDER_LOOKS: Final = {"tiles": tr("Tiles"), "table": tr("Table")}
LAYOUTS: Final = {"overlay": tr("Overlay"), "side-by-side": tr("Beside")}
PLACES: Final = {
    "off": tr("Off"),
    "contour": tr("Contour"),
    "box": tr("Box"),
    "mask": tr("Mask"),
}
PHOTOGRAPHS: Final = {
    "colour": tr("Colour"),
    "grey": tr("Grey"),
    "none": ptr("photograph", "None"),
}
COLOURS: Final = {
    "inferno": "Inferno",
    "viridis": "Viridis",
    "grey": tr("Grey"),
    "jet": tr("Jet, as in papers"),
}
MAP_COLOURS: Final = {"viridis": "Viridis", "inferno": "Inferno", "grey": tr("Grey")}
MAP_SCALES: Final = {"common": tr("One scale for all"), "own": tr("A scale for each")}
UPSAMPLINGS: Final = {"nearest": tr("Cell by cell"), "bilinear": tr("Smooth (bilinear)")}
GRID_SCALES: Final = {"own": tr("Own scale"), "row": tr("Row scale")}
BORDER_WAYS: Final = {"classes": tr("Classes"), "attacks": tr("Attacks")}
SHARES: Final = {"parameters": tr("Parameters"), "macs": tr("Multiply-adds")}
SHEET_ORDERS: Final = {"index": tr("By number"), "strength": tr("Strongest first")}

WORDS: Final = {
    "layer_view": LAYER_VIEWS,
    "heatmap_view": HEATMAP_VIEWS,
    "attack_view": ATTACK_VIEWS,
    "feature_view": FEATURE_VIEWS,
    "folder_look": FOLDER_LOOKS,
    "heatmap_layout": LAYOUTS,
    "place_view": PLACES,
    "photograph": PHOTOGRAPHS,
    "photograph_signed": PHOTOGRAPHS,
    "heatmap_colours": COLOURS,
    "map_colours": MAP_COLOURS,
    "map_scale": MAP_SCALES,
    "map_upsampling": UPSAMPLINGS,
    "grid_scale": GRID_SCALES,
    "borders_by": BORDER_WAYS,
    "layer_share": SHARES,
    "sheet_order": SHEET_ORDERS,
}
"""By field of ``Selection`` or ``Display``: the word for each of its values."""
