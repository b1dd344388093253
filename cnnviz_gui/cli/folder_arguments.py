"""What every command about a folder of pictures takes."""

from __future__ import annotations

import argparse
import itertools

from cnnviz_gui.cli.grammar import Parser


def add_folder(parser: Parser) -> None:
    """Add the folder and how it is looked through."""
    parser.add_argument("folder", metavar="FOLDER", help="folder of pictures")
    parser.add_argument(
        "--nested", action="store_true", help="also the pictures in the folders in it"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="take over what was found of files that have not changed since",
    )


def add_folder_files(parser: Parser, picture: str) -> None:
    """Add what is written of a folder; ``picture`` says what of each file."""
    parser.add_argument("--csv", metavar="OUT.csv", help="write a line for each picture (UTF-8)")
    parser.add_argument(
        "--sheet", metavar="OUT.png", help="write the small pictures on one page (PNG)"
    )
    parser.add_argument(
        "--save",
        "--save-pictures",
        metavar="DIR",
        help=f"write {picture} into a folder (PNG)",
    )


def add_epsilons(parser: Parser) -> None:
    """Add where the robustness of a folder's pictures is measured."""
    parser.add_argument(
        "--epsilons",
        type=_rising,
        metavar="X,Y,…",
        help="where to measure how many pictures hold, the smallest first, as --epsilon; for an"
        " attack without one in L2 (default: parts of --epsilon, and twice of it)",
    )


def _rising(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are not numbers with commas between") from None
    if any(a >= b for a, b in itertools.pairwise(numbers)) or not numbers[0] >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} does not rise from 0 or above it")
    return numbers
