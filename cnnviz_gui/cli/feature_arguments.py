"""The grammar of ``cnnviz feature``."""

from __future__ import annotations

import argparse

from cnnviz_gui.cli.grammar import (
    Parser,
    Subparsers,
    add_flag,
    add_json,
    add_model,
    add_request,
    add_seed,
    build_parameters,
    several,
    subcommand,
    whole,
)
from cnnviz_gui.core import params
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import PRESETS, preset

_AIMS = ("excite", "blend", "differ", "direction", "imitate")


def add(commands: Subparsers[Parser], *, asked: bool) -> Parser:
    """Add the command; its flags only where it is asked for."""
    parser = subcommand(
        commands, "feature", "Make the picture that a channel or a class dreams of."
    )
    if not asked:
        return parser
    specs = params.specs(FeatureParams)
    seed = next(spec for spec in specs if spec.name == "seed")
    goal = parser.add_mutually_exclusive_group(required=True)
    goal.add_argument("--layer", metavar="L", help="layer, as `cnnviz layers` lists it")
    goal.add_argument("--target", metavar="CLASS", help="class, an index or a name")
    parser.add_argument(
        "--channel",
        type=several(1, 4),
        metavar="N[,N]",
        help="channel of the layer, or several that are added (default: the whole layer)",
    )
    parser.add_argument(
        "--cell",
        type=_cell,
        metavar="centre|R,C",
        help="one cell of its map, instead of the mean",
    )
    parser.add_argument("--negative", action="store_true", help="what it dislikes instead")
    parser.add_argument(
        "--preset",
        choices=[one.name for one in PRESETS],
        default="fast",
        help="parameters that belong together (default fast)",
    )
    parser.add_argument(
        "--aim",
        choices=_AIMS,
        help="excite; walk from one channel to another (blend); find several pictures of one"
        " (differ); exaggerate (direction) or rebuild (imitate) what the layer sees in the picture",
    )
    parser.add_argument("--image", metavar="PHOTO", help="picture to begin with, or to follow")
    parser.add_argument(
        "--pictures", type=whole(2, 9), default=4, metavar="N", help="of blend and differ (4)"
    )
    parser.add_argument(
        "--spectrum",
        metavar="FILE",
        help="magnitudes that MACO keeps instead of those of natural images: an array (.npy) of"
        " 3 x n x (n // 2 + 1), or a picture that has them",
    )
    add_model(parser, seed=False)
    add_seed(parser, seed)
    parser.add_argument("--save", metavar="OUT.png", help="write the picture (PNG)")
    parser.add_argument("--gif", metavar="OUT.gif", help="write how it came about (GIF)")
    parser.add_argument(
        "--array", metavar="OUT.npy", help="write the pictures as float32 (N, H, W, 3) in [0, 1]"
    )
    add_json(parser)
    add_request(parser)
    flags = parser.add_argument_group(
        "single parameters", "Each stands above the preset's; the defaults are those of fast."
    )
    for spec in specs:
        if spec is not seed:
            add_flag(flags, spec, specs)
    return parser


def build(parser: Parser, arguments: argparse.Namespace) -> None:
    """Settle what the flags leave open, and refuse those that need others."""
    if arguments.aim is None:
        arguments.aim = "imitate" if arguments.preset == "rebuild" else "excite"
    chosen = preset(arguments.preset)
    assert chosen is not None
    given = chosen.parameters.values()
    follows = arguments.aim in ("direction", "imitate")
    if arguments.image is not None and not follows:
        given["start"] = "photograph"
    build_parameters(parser, arguments, FeatureParams, **given)
    if arguments.image is None and (follows or arguments.parameters.start == "photograph"):
        parser.error("a picture is needed: add --image PHOTO")
    if arguments.spectrum is not None and arguments.parameters.parameterisation != "maco":
        parser.error("--spectrum is that of MACO: add --preset maco")
    if arguments.layer is None and (arguments.channel or arguments.cell):
        parser.error("--channel and --cell are those of a --layer")
    if arguments.aim == "blend" and len(arguments.channel or ()) != 2:
        parser.error("a walk needs two channels: --channel N,N")


def _cell(text: str) -> tuple[int, int] | str:
    if text in ("centre", "center"):
        return "centre"
    row, column = several(2, 2)(text)
    return row, column
