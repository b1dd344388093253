"""The command line's grammar; a method's flags are generated from what it declares."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from cnnviz_gui.cli import checkpoints
from cnnviz_gui.cli.describe import method_description, methods_epilog, parameter_help
from cnnviz_gui.core import params
from cnnviz_gui.core.errors import MethodError, ParameterError
from cnnviz_gui.core.params import Spec
from cnnviz_gui.core.registry import Kind, Method, method, methods

DEFAULT_MODEL = "efficientnet_lite0"
_LARGEST_SEED = 2**31 - 1
_PARAMETER = "parameter_"
_STATUS = (
    "Exit status: 0; 1 after a failure, with one sentence on standard error;"
    " 2 after wrong usage, a value out of range included."
)

Subparsers = argparse._SubParsersAction  # the only name argparse has for it


class Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments, and where to read more."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and leave with status 2."""
        sentence = message[:1].upper() + message[1:]
        if not sentence.endswith("."):
            sentence += "."
        self.exit(2, f'{self.prog}: {sentence}\nTry "{self.prog} --help".\n')


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
        ``command`` and its options; for ``heatmap`` and ``attack`` also ``parameters``, checked.

    Raises
    ------
    SystemExit
        After help (0) or wrong usage (2), with the text printed.
    """
    command = next((word for word in argv if not word.startswith("-")), "")
    parser = Parser(
        prog="cnnviz",
        description="See, explain and attack a convolutional image classifier.",
        epilog=_STATUS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_PrintVersion)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_plain_commands(commands)
    makers = {
        kind: _add_method_command(commands, kind, argv if command == kind else None)
        for kind in _METHOD_COMMANDS
    }
    _add_run(commands)
    arguments = parser.parse_args(argv)
    if arguments.command in makers:
        _build_parameters(makers[arguments.command], arguments)
    return arguments


def _add_plain_commands(commands: Subparsers[Parser]) -> None:
    models = _command(commands, "models", "List the networks that can be chosen.")
    _add_json(models)
    download = _command(commands, "download", "Fetch the published weights of a network.")
    download.add_argument("name", metavar="NAME", help="as `cnnviz models` lists it")
    _add_json(download)
    inspect = _command(
        commands, "inspect", "Tell what a file of weights holds and of which network it is."
    )
    inspect.add_argument("file", metavar="FILE", help="safetensors, or a state dict of PyTorch")
    _add_json(inspect)
    layers = _command(commands, "layers", "List the layers of a network in order of execution.")
    _add_model(layers)
    forms = layers.add_mutually_exclusive_group()
    _add_json(forms)
    forms.add_argument(
        "--form",
        choices=("csv", "markdown", "lecture"),
        help="print the table for a spreadsheet, for a document, or as papers print it: "
        '"type, patch size/stride, output size, depth, params, ops"',
    )
    predict = _command(commands, "predict", "Tell which classes a network sees in a picture.")
    _add_image(predict)
    _add_model(predict)
    predict.add_argument(
        "--top",
        type=_whole(1, 100_000),
        default=5,
        metavar="N",
        help="how many classes (default 5)",
    )
    _add_json(predict)
    _add_request(predict)
    _add_embed(commands)


def _add_embed(commands: Subparsers[Parser]) -> None:
    embed = _command(commands, "embed", "Give the vector before the classifier.")
    _add_image(embed)
    _add_model(embed)
    embed.add_argument("--array", metavar="OUT.npy", help="write the vector as float32 (D,)")
    embed.add_argument(
        "--nearest", metavar="FOLDER", help="list the pictures of a folder most like this one"
    )
    embed.add_argument(
        "--count",
        type=_whole(1, 1000),
        default=10,
        metavar="N",
        help="how many of them (default 10)",
    )
    _add_json(embed)
    _add_request(embed)


_METHOD_COMMANDS: dict[Kind, str] = {
    "heatmap": "Show where in a picture the evidence for a class lies.",
    "attack": "Change a picture a little so that the network says something else.",
}


def _add_method_command(
    commands: Subparsers[Parser], kind: Kind, argv: Sequence[str] | None
) -> Parser:
    """Add ``heatmap`` or ``attack``; only with ``argv`` are methods, and so torch, imported."""
    parser = _command(commands, kind, _METHOD_COMMANDS[kind])
    known = methods(kind) if argv is not None else ()
    by_name = {m.name: m for m in known}
    chosen = by_name.get(next((word for word in argv or () if word in by_name), ""))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = methods_epilog(kind, known) if chosen is None else _STATUS
    parser.add_argument(
        "method",
        metavar="METHOD",
        type=_method_name(kind),
        help="see below" if chosen is None else chosen.title,
    )
    _add_image(parser)
    _add_model(parser, seed=False)
    seed = None if chosen is None else next((s for s in chosen.specs if s.name == "seed"), None)
    _add_seed(parser, seed)
    _add_outputs(parser, kind)
    if chosen is not None:
        parser.usage = f"cnnviz {kind} {chosen.name} IMAGE [options]"
        parser.description = method_description(chosen)
        flags = parser.add_argument_group("flags of this method")
        for spec in chosen.specs:
            if spec is not seed:
                _add_flag(flags, spec, chosen)
    return parser


def _add_outputs(parser: Parser, kind: Kind) -> None:
    goal = "class to explain" if kind == "heatmap" else "class to reach"
    without = "the predicted one" if kind == "heatmap" else "leave the predicted one"
    parser.add_argument(
        "--target", metavar="CLASS", help=f"{goal}, an index or a name (default: {without})"
    )
    if kind == "heatmap":
        parser.add_argument(
            "--layer", default="", metavar="L", help="layer to look at (default: the recommended)"
        )
    picture = (
        "write the map over the picture"
        if kind == "heatmap"
        else "write the adversarial picture in 8 bits, read it back and classify it again"
    )
    shape = "(H, W) in its own units" if kind == "heatmap" else "(3, H, W) in [0, 1]"
    parser.add_argument("--save", metavar="OUT.png", help=f"{picture} (PNG)")
    parser.add_argument("--array", metavar="OUT.npy", help=f"write the result as float32 {shape}")
    if kind == "attack":
        parser.add_argument(
            "--transfer", metavar="M", help="also tell whether it fools this network; as --model"
        )
    _add_json(parser)
    _add_request(parser)


def _add_flag(group: argparse._ArgumentGroup, spec: Spec, owner: Method) -> None:
    name, text = _PARAMETER + spec.name, parameter_help(spec, owner)
    if spec.kind == "bool":
        group.add_argument(
            spec.flag, dest=name, action=argparse.BooleanOptionalAction, default=None, help=text
        )
        return
    shown = "{" + ",".join(value for value, _ in spec.choices) + "}" if spec.choices else "N"
    group.add_argument(spec.flag, dest=name, metavar=shown, help=text)


def _build_parameters(parser: Parser, arguments: argparse.Namespace) -> None:
    chosen: Method = method(arguments.command, arguments.method)
    given: dict[str, object] = {}
    for spec in chosen.specs:
        name = "seed" if spec.name == "seed" else _PARAMETER + spec.name
        value = getattr(arguments, name)
        if value is not None:
            given[spec.name] = _number(value) if spec.kind in ("int", "float") else value
    try:
        arguments.parameters = params.build(chosen.params, given)
    except ParameterError as error:
        parser.error(str(error))
    arguments.seed = arguments.seed or 0


def _number(text: object) -> object:
    """Return the number that ``text`` spells, or ``text`` itself for the range check to refuse."""
    for kind in (int, float):
        try:
            return kind(str(text))
        except ValueError:
            continue
    return text


def _command(commands: Subparsers[Parser], name: str, summary: str) -> Parser:
    return commands.add_parser(
        name, help=summary, description=summary, epilog=_STATUS, allow_abbrev=False
    )


def _add_image(parser: Parser) -> None:
    parser.add_argument("image", metavar="IMAGE", help="picture file")


def _add_model(parser: Parser, *, seed: bool = True) -> None:
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="M",
        help=f"NAME, NAME:untrained for random weights, the PATH of a file of weights, or NAME@PATH"
        f" (default {DEFAULT_MODEL})",
    )
    if seed:
        _add_seed(parser, None)
    checkpoints.add_flags(parser)


def _add_seed(parser: Parser, of_method: Spec | None) -> None:
    uses = "of NAME:untrained" if of_method is None else "of the method and of NAME:untrained"
    parser.add_argument(
        "--seed",
        type=_whole(0, _LARGEST_SEED),
        default=0 if of_method is None else None,
        metavar="N",
        help=f"seed of all that is random: {uses} (default 0)",
    )


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object and nothing else"
    )


def _add_request(parser: Parser) -> None:
    parser.add_argument(
        "--request", metavar="OUT.json", help='write the request for a replay by "cnnviz run"'
    )


def _add_run(commands: Subparsers[Parser]) -> None:
    run = _command(commands, "run", "Replay a request and write all of its result into a folder.")
    run.add_argument("request_file", metavar="REQUEST.json", help="as written by --request")
    run.add_argument("--out", required=True, metavar="DIR", help="folder; made if there is none")
    _add_json(run)


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not minimum <= number <= maximum:
            raise argparse.ArgumentTypeError(f"{number} is not from {minimum} to {maximum}")
        return number

    return read


def _method_name(kind: Kind) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            return method(kind, text).name
        except MethodError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read
