"""The flags of ``cnnviz defences``."""

from __future__ import annotations

import argparse

from cnnviz_gui.cli.grammar import Parser, add_flag, built, number
from cnnviz_gui.core import params
from cnnviz_gui.core.defence_requests import KnowingParams
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.registry import method, methods


def add(parser: Parser) -> None:
    """Add which defences are tried, and what the attack is to know."""
    flags = parser.add_argument_group("flags of the defences")
    flags.add_argument(
        "--defence",
        action="append",
        metavar="NAME[:P=V,...]",
        help="a defence, perhaps with parameters, as in jpeg:quality=50; may be given again"
        " (default: augmentation, bit-depth, blur, jpeg, median, resize-pad, smoothing)",
    )
    flags.add_argument(
        "--know",
        action="store_true",
        help="also attack each defended network with an attack that knows the defence",
    )
    for spec in params.specs(KnowingParams):
        add_flag(flags, spec, params.specs(KnowingParams))
    flags.add_argument(
        "--check",
        action="store_true",
        help="also look for signs that the network masks its gradients",
    )


def build(parser: Parser, arguments: argparse.Namespace) -> None:
    """Read the defences; all with their usual parameters where none is named."""
    named = arguments.defence or [one.name for one in methods("defence")]
    try:
        arguments.uses = tuple(_read(text) for text in named)
    except CnnvizError as error:
        parser.error(str(error))
    if len({use.method for use in arguments.uses}) < len(arguments.uses):
        parser.error("a defence is named twice")
    arguments.draws = built(parser, arguments, KnowingParams).draws


def _read(text: str) -> MethodUse:
    name, _, rest = text.partition(":")
    chosen = method("defence", name)
    kinds = {spec.name.replace("_", "-"): spec for spec in chosen.specs}
    given: dict[str, object] = {}
    for pair in filter(None, rest.split(",")):
        parameter, _, value = pair.partition("=")
        spec = kinds.get(parameter.replace("_", "-"))
        read = number(value) if spec is not None and spec.kind in ("int", "float") else value
        given[parameter if spec is None else spec.name] = read
    return MethodUse(method=name, parameters=params.build(chosen.params, given))
