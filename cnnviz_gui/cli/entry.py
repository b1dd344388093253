"""The entry point: runs one command and turns whatever happens into an exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.cli.checkpoints import flagged
from cnnviz_gui.cli.output import complain, flush_quietly, prepare_streams
from cnnviz_gui.core.device import prepare_process
from cnnviz_gui.core.errors import Cancelled, CnnvizError

OK = 0
FAILED = 1
INTERRUPTED = 130
READER_GONE = 141
"""What a shell reports of a program that a closed pipe ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``cnnviz``.

    Parameters
    ----------
    argv
        The arguments after the program's name; those of the process by default.

    Returns
    -------
    int
        0; 1 after a failure with one sentence on standard error; 2 after wrong usage; 130 after
        Ctrl+C; 141 when the reader of standard output has gone.
    """
    prepare_streams()
    prepare_process()
    try:
        return _guarded(list(sys.argv[1:] if argv is None else argv))
    finally:
        flush_quietly()


def _guarded(argv: list[str]) -> int:
    try:
        return _run(argv)
    except CnnvizError as error:
        return _failed(flagged(error))
    except (Cancelled, KeyboardInterrupt):
        complain("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        return READER_GONE
    except MemoryError:
        return _failed(
            "There is not enough memory. Close other programs or choose a smaller network."
        )
    except Exception as error:
        said = f": {error}" if str(error) else ""
        return _failed(
            f"Something unexpected went wrong ({type(error).__name__}{said})."
            " Set CNNVIZ_DEBUG=1 to see where."
        )


def _run(argv: list[str]) -> int:
    try:
        arguments = parse(argv)
    except SystemExit as leaving:  # argparse has printed the help, or what is wrong
        return leaving.code if isinstance(leaving.code, int) else FAILED
    from cnnviz_gui.cli.commands import COMMANDS  # only now: it imports numpy

    COMMANDS[arguments.command](arguments)
    return OK


def _failed(sentence: str) -> int:
    if os.environ.get("CNNVIZ_DEBUG", "0") not in ("", "0"):
        traceback.print_exc()
    complain(sentence)
    return FAILED
