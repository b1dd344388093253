"""The grammar of ``cnnviz heatmaps``."""

from __future__ import annotations

import argparse

from cnnviz_gui.cli.grammar import (
    Parser,
    Subparsers,
    add_image,
    add_json,
    add_model,
    add_request,
    subcommand,
    whole,
)
from cnnviz_gui.core import params
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.registry import Kind, Method, method, methods


def add(commands: Subparsers[Parser], *, asked: bool) -> Parser:
    """Add the command; its flags only where it is asked for, for they name the methods."""
    parser = subcommand(
        commands, "heatmaps", "Show a picture's heat maps side by side: methods against classes."
    )
    if not asked:
        return parser
    known = ", ".join(one.name for one in methods("heatmap"))
    add_image(parser)
    add_words(
        parser,
        "--methods",
        "A,B",
        f"a row each (default: all that are quick and that the network can do): {known}",
    )
    add_words(
        parser,
        "--targets",
        "X,Y",
        "a column each: classes, by index or by name without a comma (default: the predicted)",
    )
    parser.add_argument(
        "--top",
        type=whole(1, 100),
        default=3,
        metavar="N",
        help="how many predicted classes where none is named (default 3)",
    )
    parser.add_argument(
        "--against", metavar="CLASS", help="explain why each class rather than this one"
    )
    add_words(
        parser,
        "--layers",
        "L,M",
        "layers to look at; of several each class has a column at each (default: the recommended)",
    )
    add_model(parser)
    parser.add_argument(
        "--scale",
        choices=("own", "row"),
        default="own",
        help="colour scale of each map: its own, or one for each method (default own)",
    )
    parser.add_argument("--save", metavar="OUT.png", help="write the figure with its heads (PNG)")
    parser.add_argument(
        "--arrays",
        metavar="OUT.npz",
        help="write the maps as float32 (H, W) in their own units, named as --json tells",
    )
    add_json(parser)
    add_request(parser)
    return parser


def build(parser: Parser, arguments: argparse.Namespace) -> None:
    """Look the methods up; their parameters are the usual ones, with the seed that is given."""
    arguments.uses = uses(parser, "heatmap", arguments.methods, arguments.seed)


def uses(parser: Parser, kind: Kind, names: tuple[str, ...], seed: int) -> tuple[MethodUse, ...]:
    """Return methods with their usual parameters, each once; of no such name there is an error."""
    try:
        chosen = [method(kind, name) for name in dict.fromkeys(names)]
    except MethodError as error:
        parser.error(str(error))
    return tuple(use(one, seed) for one in chosen)


def use(chosen: Method, seed: int) -> MethodUse:
    """Return a method with its usual parameters."""
    seeded = any(spec.name == "seed" for spec in chosen.specs)
    given = {"seed": seed} if seeded and seed else {}
    return MethodUse(method=chosen.name, parameters=params.build(chosen.params, given))


def add_words(parser: Parser, flag: str, metavar: str, help: str) -> None:
    """Add a flag that takes names with commas between, none by default."""
    parser.add_argument(flag, type=_words, default=(), metavar=metavar, help=help)


def _words(text: str) -> tuple[str, ...]:
    """Read names with commas between."""
    named = tuple(word.strip() for word in text.split(","))
    if not all(named):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name")
    return named
