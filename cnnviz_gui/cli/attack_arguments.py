"""The grammar of what goes with attacks: ``borders``, ``race``, and what ``attack`` writes."""

from __future__ import annotations

import argparse
import math

from cnnviz_gui.cli.grammar import (
    Parser,
    Subparsers,
    add_flag,
    add_image,
    add_json,
    add_model,
    add_request,
    built,
    subcommand,
    whole,
)
from cnnviz_gui.cli.grid_arguments import add_words, uses
from cnnviz_gui.core import params
from cnnviz_gui.core.border_requests import RUNS, knows
from cnnviz_gui.core.picture_names import is_jpeg
from cnnviz_gui.core.race_requests import NORMS, RaceParams
from cnnviz_gui.core.registry import method, methods

_TARGET = "class to reach, an index or a name (default: leave the predicted one)"


def add_attack(parser: Parser) -> None:
    """Add what else ``attack`` can write."""
    parser.set_defaults(lossy=True)
    parser.add_argument(
        "--scale",
        type=float,
        metavar="X",
        help="add the perturbation found so many times (default: once, as it is found)",
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="with --save: where rounding undoes the attack, move values by whole 255ths inside the"
        " ball until it holds",
    )
    parser.add_argument(
        "--steps-table",
        metavar="OUT.csv",
        help="write a line for each step: loss, probabilities, norms (UTF-8)",
    )


def build_attack(parser: Parser, arguments: argparse.Namespace) -> None:
    """Refuse a repair of nothing, and of what compression alters anew; and a scale of nothing."""
    if arguments.scale is not None and not 0 <= arguments.scale < math.inf:
        parser.error("--scale is 0 or a positive number.")
    if arguments.scale is not None and arguments.steps_table:
        parser.error("--steps-table is of the attack itself, which has no --scale.")
    if arguments.repair and not arguments.save:
        parser.error("--repair goes with --save.")
    if arguments.repair and is_jpeg(arguments.save):
        parser.error("What compression does to a JPEG cannot be repaired: save as PNG.")


def add_borders(commands: Subparsers[Parser], *, asked: bool) -> Parser:
    """Add ``borders``; its flags only where it is asked for, for they name the attacks."""
    parser = subcommand(
        commands, "borders", "Tell how near the borders to other classes are, by bisection."
    )
    if not asked:
        return parser
    known = ", ".join(one.name for one in methods("attack"))
    add_image(parser)
    parser.add_argument(
        "--attack",
        default="pgd",
        metavar="NAME",
        help=f"the attack that is driven towards each class (default pgd): {known}",
    )
    parser.add_argument(
        "--classes",
        type=whole(1, 50),
        default=5,
        metavar="N",
        help=f"how many of the likeliest classes, at most {RUNS} runs each (default 5)",
    )
    said = "compare these attacks instead of the classes, a row each"
    add_words(parser, "--attacks", "A,B", said)
    parser.add_argument("--target", metavar="CLASS", help=f"with --attacks: {_TARGET}")
    parser.add_argument(
        "--norm", choices=tuple(NORMS), default="linf", help="how size is measured (default linf)"
    )
    add_model(parser)
    add_json(parser)
    add_request(parser)
    return parser


def build_borders(parser: Parser, arguments: argparse.Namespace) -> None:
    """Look the attacks up; their parameters are the usual ones, with the seed that is given."""
    if arguments.target is not None and not arguments.attacks:
        parser.error("--target goes with --attacks: without them each class is a target.")
    names = arguments.attacks or (arguments.attack,)
    arguments.uses = uses(parser, "attack", names, arguments.seed)
    for given in arguments.uses:
        chosen = method("attack", given.method)
        if not knows(chosen, arguments.norm):
            parser.error(f"{chosen.title} does not know {NORMS[arguments.norm]}.")


def add_race(commands: Subparsers[Parser], *, asked: bool) -> Parser:
    """Add ``race``; its flags only where it is asked for, for they name the attacks."""
    parser = subcommand(
        commands, "race", "Let several attacks run under one budget and compare them."
    )
    if not asked:
        return parser
    known = ", ".join(one.name for one in methods("attack"))
    add_image(parser)
    said = f"a row each (default: all that know the norm): {known}"
    add_words(parser, "--attacks", "A,B", said)
    parser.add_argument("--target", metavar="CLASS", help=_TARGET)
    add_model(parser)
    budget = parser.add_argument_group("the budget of each attack")
    for spec in params.specs(RaceParams):
        add_flag(budget, spec, params.specs(RaceParams))
    parser.add_argument("--csv", metavar="OUT.csv", help="write a line for each attack (UTF-8)")
    add_json(parser)
    add_request(parser)
    return parser


def build_race(parser: Parser, arguments: argparse.Namespace) -> None:
    """Look the attacks up and check the budget."""
    arguments.parameters = built(parser, arguments, RaceParams)
    norm = arguments.parameters.norm
    names = arguments.attacks or tuple(
        one.name
        for one in methods("attack")
        if knows(one, norm) and (arguments.target is None or one.targets)
    )
    arguments.uses = uses(parser, "attack", names, arguments.seed)
