"""What every command works with: the worker's memory, the network, the files it writes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cnnviz_gui.cli import checkpoints, request_files
from cnnviz_gui.cli.request_files import Asked
from cnnviz_gui.core.files import save_npy
from cnnviz_gui.core.request import ModelRef, Request
from cnnviz_gui.core.result import Result

if TYPE_CHECKING:
    from cnnviz_gui.cli.progress import TerminalContext
    from cnnviz_gui.core.models.classifier import Classifier
    from cnnviz_gui.core.session import Session

R = TypeVar("R", bound=Result)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with: the worker's memory, and how to report and to stop."""

    session: Session
    context: TerminalContext

    def told(self, asked: Request) -> bytes:
        """Return what a picture that answers a request is to carry."""
        from cnnviz_gui.core import carried

        return carried.of(asked, self.session, self.context)


def execute(at: Desk, asked: Request, kind: type[R], title: str, *, fetches: bool = False) -> R:
    """Compute what is asked for; ``title`` stands before the progress."""
    from cnnviz_gui.core import execute as door

    at.context.begin(title, fetches=fetches)
    result = door.execute(asked, at.session, at.context)
    at.context.clear()
    if not isinstance(result, kind):
        raise TypeError(f"{asked.task} gave {type(result).__name__}, not {kind.__name__}")
    return result


def model_of(arguments: argparse.Namespace, at: Desk) -> ModelRef:
    """Return the network that is asked for; its file is read for that only once."""
    known = getattr(arguments, "network", None)
    if known is None:
        known = arguments.network = checkpoints.network(arguments, at.context)
    return cast(ModelRef, known)


def open_network(arguments: argparse.Namespace, at: Desk) -> Classifier:
    """Open the network apart from the computation, whose seconds then are its own."""
    at.context.begin(f"Opening {arguments.model}")
    model = model_of(arguments, at)
    return at.session.classifier(model, at.context)


def write_array(arguments: argparse.Namespace, array: Any, report: dict[str, Any]) -> None:
    """Write the array that is asked for, and tell where."""
    if arguments.array:
        report["array"] = str(save_npy(arguments.array, array))


def write_request(arguments: argparse.Namespace, asked: Asked, at: Desk) -> None:
    """Write the request where that is asked for."""
    if arguments.request:
        request_files.write(arguments.request, asked, at.session, at.context)
