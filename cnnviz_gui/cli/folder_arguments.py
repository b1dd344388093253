"""What every command about a folder of pictures takes."""

from __future__ import annotations

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


def add_folder_files(parser: Parser) -> None:
    """Add what is written of a folder."""
    parser.add_argument("--csv", metavar="OUT.csv", help="write a line for each picture (UTF-8)")
    parser.add_argument(
        "--sheet", metavar="OUT.png", help="write the small pictures on one page (PNG)"
    )
    parser.add_argument(
        "--save", metavar="DIR", help="write each map over its picture into a folder (PNG)"
    )
