"""The flags of ``cnnviz plane``."""

from __future__ import annotations

import argparse

from cnnviz_gui.cli.describe import parameter_help
from cnnviz_gui.cli.grammar import Parser, add_flag, built
from cnnviz_gui.core import params
from cnnviz_gui.core.plane_requests import PlaneParams


def add(parser: Parser) -> None:
    """Add how the plane lies, and which files are written."""
    described = params.specs(PlaneParams)
    flags = parser.add_argument_group("flags of the plane")
    for spec in described:
        if spec.name == "reach":
            flags.add_argument(
                "--range",
                dest="parameter_reach",
                metavar="N",
                help=parameter_help(spec, described),
            )
        elif spec.name != "seed":
            add_flag(flags, spec, described)
    flags.add_argument(
        "--other",
        metavar="CLASS|FILE",
        help="the class, an index or a name, or the picture file that lies across"
        " (default: the likeliest class that the attack does not reach)",
    )
    parser.add_argument(
        "--save", metavar="OUT.png", help="write the plane as a figure with axes and legend (PNG)"
    )
    parser.add_argument(
        "--array", metavar="OUT.npz", help="write classes, probabilities and loss with their axes"
    )


def build(parser: Parser, arguments: argparse.Namespace) -> None:
    """Check the flags of the plane."""
    arguments.settings = built(parser, arguments, PlaneParams)
    across, other = arguments.settings.across, arguments.other
    if across == "image" and other is None:
        parser.error("--across image needs the picture: --other FILE")
    if across == "random" and other is not None:
        parser.error("--other is what lies across: add --across class or --across image")
