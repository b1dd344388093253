"""The parts that the command line's grammar is made of."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from cnnviz_gui.cli import checkpoints
from cnnviz_gui.cli.describe import parameter_help
from cnnviz_gui.core import params
from cnnviz_gui.core.errors import ParameterError
from cnnviz_gui.core.params import P, Params, Spec

DEFAULT_MODEL = "efficientnet_lite0"
STATUS = (
    "Exit status: 0; 1 after a failure, with one sentence on standard error;"
    " 2 after wrong usage, a value out of range included."
)
_LARGEST_SEED = 2**31 - 1
_PARAMETER = "parameter_"

Subparsers = argparse._SubParsersAction  # the only name argparse has for it


class Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments, and where to read more."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and leave with status 2."""
        sentence = message[:1].upper() + message[1:]
        if not sentence.endswith("."):
            sentence += "."
        self.exit(2, f'{self.prog}: {sentence}\nTry "{self.prog} --help".\n')


def subcommand(commands: Subparsers[Parser], name: str, summary: str) -> Parser:
    """Add a command."""
    return commands.add_parser(
        name, help=summary, description=summary, epilog=STATUS, allow_abbrev=False
    )


def add_image(parser: Parser) -> None:
    """Add the picture that the command is about."""
    parser.add_argument("image", metavar="IMAGE", help="picture file")


def add_model(parser: Parser, *, seed: bool = True) -> None:
    """Add the network, and what a file of weights does not say."""
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="M",
        help=f"NAME, NAME:untrained for random weights, the PATH of a file of weights, or NAME@PATH"
        f" (default {DEFAULT_MODEL})",
    )
    if seed:
        add_seed(parser, None)
    checkpoints.add_flags(parser)


def add_seed(parser: Parser, of_method: Spec | None) -> None:
    """Add the seed, of a method as it is declared or of the network alone."""
    uses = "of NAME:untrained" if of_method is None else "of the method and of NAME:untrained"
    parser.add_argument(
        "--seed",
        type=whole(0, _LARGEST_SEED),
        default=0 if of_method is None else None,
        metavar="N",
        help=f"seed of all that is random: {uses} (default 0)",
    )


def add_json(parser: argparse._ActionsContainer) -> None:
    """Add ``--json``."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object and nothing else"
    )


def add_request(parser: Parser) -> None:
    """Add ``--request``."""
    parser.add_argument(
        "--request", metavar="OUT.json", help='write the request for a replay by "cnnviz run"'
    )


def add_flag(group: argparse._ArgumentGroup, spec: Spec, among: Sequence[Spec]) -> None:
    """Add the flag of a parameter, ``among`` the others of its kind."""
    name, text = _PARAMETER + spec.name, parameter_help(spec, among)
    if spec.kind == "bool":
        group.add_argument(
            spec.flag, dest=name, action=argparse.BooleanOptionalAction, default=None, help=text
        )
        return
    shown = "{" + ",".join(value for value, _ in spec.choices) + "}" if spec.choices else "N"
    group.add_argument(spec.flag, dest=name, metavar=shown, help=text)


def build_parameters(
    parser: Parser, arguments: argparse.Namespace, kind: type[Params], **given: object
) -> None:
    """Check the flags of single parameters, laid over those that are ``given`` otherwise."""
    arguments.parameters = built(parser, arguments, kind, **given)
    arguments.seed = arguments.seed or 0


def built(parser: Parser, arguments: argparse.Namespace, kind: type[P], **given: object) -> P:
    """Return the parameters that the flags give, laid over those that are ``given`` otherwise."""
    for spec in params.specs(kind):
        name = "seed" if spec.name == "seed" else _PARAMETER + spec.name
        value = getattr(arguments, name)
        if value is not None:
            given[spec.name] = number(value) if spec.kind in ("int", "float") else value
    try:
        return params.build(kind, given)
    except ParameterError as error:
        parser.error(str(error))


def number(text: object) -> object:
    """Return the number that ``text`` spells, or ``text`` itself for the range check to refuse."""
    for kind in (int, float):
        try:
            return kind(str(text))
        except ValueError:
            continue
    return text


def whole(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return what reads a whole number in a range."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not minimum <= number <= maximum:
            raise argparse.ArgumentTypeError(f"{number} is not from {minimum} to {maximum}")
        return number

    return read


def several(fewest: int, most: int) -> Callable[[str], tuple[int, ...]]:
    """Return what reads whole numbers with commas between them."""
    number = whole(0, 1_000_000)

    def read(text: str) -> tuple[int, ...]:
        numbers = tuple(number(part) for part in text.split(","))
        if not fewest <= len(numbers) <= most:
            wanted = f"{fewest} to {most} numbers" if fewest < most else f"{most} numbers"
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return numbers

    return read
