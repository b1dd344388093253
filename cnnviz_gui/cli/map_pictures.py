"""How `cnnviz heatmap` draws its map, and the files it draws it into."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnviz_gui.cli.desk import Desk
    from cnnviz_gui.core.heatmap_results import HeatmapResult
    from cnnviz_gui.core.look import Look
    from cnnviz_gui.core.request import Heatmap


def add(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the pictures of a map."""
    parser.add_argument(
        "--figure",
        metavar="OUT.png",
        help="write photograph, map, colour bar and caption, at the photograph's resolution (PNG)",
    )
    parser.add_argument(
        "--photograph",
        choices=("colour", "grey", "none"),
        help="what lies under the map (default: grey under a map with two signs, else colour)",
    )
    parser.add_argument(
        "--colours",
        action="store_true",
        help="for guided-backprop, deconvnet and guided-grad-cam: write what came back to red,"
        " green and blue, around grey, and as float32 (3, H, W)",
    )


def look(arguments: argparse.Namespace) -> Look:
    """Return how the map is to be drawn."""
    import dataclasses

    from cnnviz_gui.core.result_files import OVERLAY  # numpy comes with it, and help needs none

    under = arguments.photograph
    drawn = dataclasses.replace(OVERLAY, in_colour=arguments.colours)
    if under is None:
        return drawn
    return dataclasses.replace(drawn, photograph=under, photograph_signed=under)


def check(arguments: argparse.Namespace, result: HeatmapResult) -> None:
    """Refuse the colours of a map that has none.

    Raises
    ------
    MethodError
        The method merges no colours.
    """
    from cnnviz_gui.core.errors import MethodError

    if arguments.colours and result.colour is None:
        raise MethodError(
            f"A map of {result.method} has no colours of its own.",
            "Leave --colours out, or take guided-backprop, deconvnet or guided-grad-cam.",
        )


def write(
    arguments: argparse.Namespace,
    asked: Heatmap,
    result: HeatmapResult,
    at: Desk,
    told: dict[str, Any],
) -> None:
    """Write the files that are asked for, and tell where they are."""
    from cnnviz_gui.core.files import save_npy, save_png
    from cnnviz_gui.core.result_files import save_overlay

    drawn = look(arguments)
    pictures = arguments.save or arguments.figure
    carried = at.told(asked) if pictures else b""
    if arguments.save:
        seen = at.session.seen(asked.model, asked.image, at.context)
        told["saved"] = {"path": str(save_overlay(result, seen, arguments.save, drawn, carried))}
    if arguments.figure:
        from cnnviz_gui.core import run_figure

        picture = run_figure.draw(asked, result, at.session, at.context, drawn)
        told["figure"] = str(save_png(arguments.figure, picture, carried))
    if arguments.array:
        colours = result.colour if arguments.colours else None
        told["array"] = str(save_npy(arguments.array, result.map if colours is None else colours))
