"""The command line's grammar; a method's flags are generated from what it declares."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from cnnviz_gui.cli import (
    attack_arguments,
    defence_arguments,
    feature_arguments,
    grid_arguments,
    map_pictures,
    plane_arguments,
)
from cnnviz_gui.cli.describe import method_description, methods_epilog
from cnnviz_gui.cli.folder_arguments import add_epsilons, add_folder, add_folder_files
from cnnviz_gui.cli.grammar import (
    STATUS,
    Parser,
    Subparsers,
    add_flag,
    add_image,
    add_json,
    add_model,
    add_request,
    add_seed,
    build_parameters,
    built,
    subcommand,
    whole,
)
from cnnviz_gui.core import params
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.params import Spec
from cnnviz_gui.core.place_requests import SHARE
from cnnviz_gui.core.registry import Kind, Method, method, methods
from cnnviz_gui.core.trust_requests import TrustParams


class _PrintVersion(argparse.Action):
    """Looks the version up only when it is asked for; that takes longer than all else here."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and leave")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print the version."""
        import cnnviz_gui

        print(f"cnnviz {cnnviz_gui.__version__}")
        parser.exit()


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments after the program's name.

    Returns
    -------
    argparse.Namespace
        ``command`` and its options; for methods and ``feature`` also
        ``parameters``, checked; for ``trust`` its ``settings`` too.

    Raises
    ------
    SystemExit
        After help (0) or wrong usage (2), with the text printed.
    """
    command = next((word for word in argv if not word.startswith("-")), "")
    parser = Parser(
        prog="cnnviz",
        description="See, explain and attack a convolutional image classifier.",
        epilog=STATUS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_PrintVersion)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_plain_commands(commands)
    makers = {
        name: _add_method_command(commands, name, argv if command == name else None)
        for name in _METHOD_COMMANDS
    }
    feature = feature_arguments.add(commands, asked=command == "feature")
    grid = grid_arguments.add(commands, asked=command == "heatmaps")
    borders = attack_arguments.add_borders(commands, asked=command == "borders")
    race = attack_arguments.add_race(commands, asked=command == "race")
    _add_run(commands)
    arguments = parser.parse_args(argv)
    if arguments.command in makers:
        kind, _ = _METHOD_COMMANDS[arguments.command]
        chosen: Method = method(kind, arguments.method)
        if arguments.command == "trust":
            arguments.settings = built(makers["trust"], arguments, TrustParams)
        elif arguments.command == "plane":
            plane_arguments.build(makers["plane"], arguments)
        elif arguments.command == "defences":
            defence_arguments.build(makers["defences"], arguments)
        elif arguments.command == "attack":
            attack_arguments.build_attack(makers["attack"], arguments)
        build_parameters(makers[arguments.command], arguments, chosen.params)
    elif arguments.command == "feature":
        feature_arguments.build(feature, arguments)
    elif arguments.command == "heatmaps":
        grid_arguments.build(grid, arguments)
    elif arguments.command == "borders":
        attack_arguments.build_borders(borders, arguments)
    elif arguments.command == "race":
        attack_arguments.build_race(race, arguments)
    return arguments


def _add_plain_commands(commands: Subparsers[Parser]) -> None:
    models = subcommand(commands, "models", "List the networks that can be chosen.")
    add_json(models)
    download = subcommand(commands, "download", "Fetch the published weights of a network.")
    download.add_argument("name", metavar="NAME", help="as `cnnviz models` lists it")
    add_json(download)
    inspect = subcommand(
        commands, "inspect", "Tell what a file of weights holds and of which network it is."
    )
    inspect.add_argument("file", metavar="FILE", help="safetensors, or a state dict of PyTorch")
    add_json(inspect)
    layers = subcommand(commands, "layers", "List the layers of a network in order of execution.")
    add_model(layers)
    forms = layers.add_mutually_exclusive_group()
    add_json(forms)
    forms.add_argument(
        "--form",
        choices=("csv", "markdown", "lecture"),
        help="print the table for a spreadsheet, for a document, or as papers print it: "
        '"type, patch size/stride, output size, depth, params, ops"',
    )
    predict = subcommand(commands, "predict", "Tell which classes a network sees in a picture.")
    add_image(predict)
    add_model(predict)
    predict.add_argument(
        "--top",
        type=whole(1, 100_000),
        default=5,
        metavar="N",
        help="how many classes (default 5)",
    )
    add_json(predict)
    add_request(predict)
    _add_embed(commands)


def _add_embed(commands: Subparsers[Parser]) -> None:
    embed = subcommand(commands, "embed", "Give the vector before the classifier.")
    add_image(embed)
    add_model(embed)
    embed.add_argument("--array", metavar="OUT.npy", help="write the vector as float32 (D,)")
    embed.add_argument(
        "--nearest", metavar="FOLDER", help="list the pictures of a folder most like this one"
    )
    embed.add_argument(
        "--count",
        type=whole(1, 1000),
        default=10,
        metavar="N",
        help="how many of them (default 10)",
    )
    add_json(embed)
    add_request(embed)


_METHOD_COMMANDS: dict[str, tuple[Kind, str]] = {
    "heatmap": ("heatmap", "Show where in a picture the evidence for a class lies."),
    "heatmap-folder": ("heatmap", "Show the same of every picture of a folder, with figures."),
    "attack": ("attack", "Change a picture a little so that the network says something else."),
    "attack-folder": ("attack", "Tell how many pictures of a folder withstand such changes."),
    "plane": ("attack", "Tell what the network says around a picture, along an attack."),
    "defences": ("attack", "Tell which defences undo an attack, and which fall once it knows."),
    "trust": ("heatmap", "Tell how far a heat map is to be trusted."),
}
"""By name: of which kind the methods are, and what is done with one."""
_OF_FOLDERS = ("heatmap-folder", "attack-folder")
"""Those that are about a folder of pictures, in place of one."""


def _add_method_command(
    commands: Subparsers[Parser], name: str, argv: Sequence[str] | None
) -> Parser:
    """Add a command about a method; only with ``argv`` are methods, and so torch, imported."""
    kind, summary = _METHOD_COMMANDS[name]
    parser = subcommand(commands, name, summary)
    known = methods(kind) if argv is not None else ()
    by_name = {m.name: m for m in known}
    chosen = by_name.get(next((word for word in argv or () if word in by_name), ""))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = methods_epilog(name, known) if chosen is None else STATUS
    parser.add_argument(
        "method",
        metavar="METHOD",
        type=_method_name(kind),
        help="see below" if chosen is None else chosen.title,
    )
    if name in _OF_FOLDERS:
        add_folder(parser)
    else:
        add_image(parser)
    add_model(parser, seed=False)
    seed = None if chosen is None else next((s for s in chosen.specs if s.name == "seed"), None)
    settings = params.specs(TrustParams) if name == "trust" else ()
    add_seed(parser, seed or next((s for s in settings if s.name == "seed"), None))
    _add_about(parser, kind)
    if name == "trust":
        _add_tests(parser, settings)
    elif name == "plane":
        plane_arguments.add(parser)
    elif name == "defences":
        defence_arguments.add(parser)
    elif name == "heatmap-folder":
        _add_figures(parser)
        add_folder_files(parser, "each map over its picture")
    elif name == "attack-folder":
        add_epsilons(parser)
        add_folder_files(parser, "each adversarial picture, in 8 bits,")
    else:
        _add_files(parser, kind)
    add_json(parser)
    add_request(parser)
    if chosen is not None:
        about = "FOLDER" if name in _OF_FOLDERS else "IMAGE"
        parser.usage = f"cnnviz {name} {chosen.name} {about} [options]"
        parser.description = method_description(chosen)
        flags = parser.add_argument_group("flags of this method")
        for spec in chosen.specs:
            if spec is not seed:
                add_flag(flags, spec, chosen.specs)
    return parser


def _add_about(parser: Parser, kind: Kind) -> None:
    goal = "class to explain" if kind == "heatmap" else "class to reach"
    without = "the predicted one" if kind == "heatmap" else "leave the predicted one"
    parser.add_argument(
        "--target", metavar="CLASS", help=f"{goal}, an index or a name (default: {without})"
    )
    if kind == "heatmap":
        parser.add_argument(
            "--against",
            metavar="CLASS",
            help="class to set the target against: why the one and not the other",
        )
        parser.add_argument(
            "--layer", default="", metavar="L", help="layer to look at (default: the recommended)"
        )


def _add_figures(parser: Parser) -> None:
    parser.add_argument(
        "--share",
        type=float,
        default=SHARE,
        metavar="X",
        help=f"of a map's maximum: what is at least so high is marked (default {SHARE:g})",
    )
    parser.add_argument(
        "--curves",
        action="store_true",
        help="also measure deletion and insertion, which takes long",
    )


def _add_tests(parser: Parser, settings: Sequence[Spec]) -> None:
    parser.add_argument(
        "--sanity",
        action="store_true",
        help="also compare it with its maps while the weights become random",
    )
    flags = parser.add_argument_group("flags of the test")
    for spec in settings:
        if spec.name != "seed":
            add_flag(flags, spec, settings)


def _add_files(parser: Parser, kind: Kind) -> None:
    picture = (
        "write the map over the picture"
        if kind == "heatmap"
        else "write the adversarial picture in 8 bits, read it back and classify it again"
    )
    shape = "(H, W) in its own units" if kind == "heatmap" else "(3, H, W) in [0, 1]"
    also = ", or JPEG with a warning" if kind == "attack" else ""
    parser.add_argument("--save", metavar="OUT.png", help=f"{picture} (PNG{also})")
    parser.add_argument("--array", metavar="OUT.npy", help=f"write the result as float32 {shape}")
    if kind == "heatmap":
        map_pictures.add(parser)
    if kind == "attack":
        attack_arguments.add_attack(parser)
        parser.add_argument(
            "--transfer", metavar="M", help="also tell whether it fools this network; as --model"
        )


def _add_run(commands: Subparsers[Parser]) -> None:
    run = subcommand(commands, "run", "Replay a request and write all of its result into a folder.")
    run.add_argument(
        "request_file",
        metavar="REQUEST.json|PICTURE.png",
        help="as written by --request, - for standard input; or a picture that was saved (PNG), of"
        " whose files those beside it are taken",
    )
    run.add_argument("--out", required=True, metavar="DIR", help="folder; made if there is none")
    add_json(run)


def _method_name(kind: Kind) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            return method(kind, text).name
        except MethodError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read
