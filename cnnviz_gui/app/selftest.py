"""``cnnviz-gui --selftest``: tries the whole program once, without a display, and says what works.

For whoever has installed or packed it: what a package left out is missed here, not by a user.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PySide6.QtGui import QImage

Step = tuple[str, Callable[[], str]]
"""What is tried, as it stands in a sentence, and what does it; returns what was found."""

_PATIENCE_MS = 240_000
_GLANCE_MS = 50
_FEWEST_COLOURS = 64
"""An empty window has one colour, a window of bare panels a dozen, a photograph thousands."""


class SelfTestError(Exception):
    """Something works, but not as it should; the message says what."""


def run(steps: Sequence[Step] = ()) -> int:
    """Take one step after the other and return the exit status.

    Each prints a line with its seconds; the first that fails ends it with one sentence.
    """
    for title, step in steps or STEPS:
        began = time.perf_counter()
        try:
            found = step()
        except Exception as error:
            reason = " ".join(str(error).split()) or "no reason is given"
            if not isinstance(error, SelfTestError):
                reason = f"{type(error).__name__}: {reason}"
            print(f"The self-test failed at {title}: {reason.rstrip('.')}.", file=sys.stderr)
            return 1
        _say(f"{title}: {found}, {time.perf_counter() - began:.1f} s")
    _say("Everything works.")
    return 0


def import_everything() -> str:
    """Import every module of the program but those that run it."""
    package = importlib.import_module("cnnviz_gui")
    names = [
        found.name
        for found in pkgutil.walk_packages(package.__path__, "cnnviz_gui.", onerror=_raise)
        if not found.name.endswith(".__main__")
    ]
    for name in names:
        importlib.import_module(name)
    if f"{__package__}.explorer" not in names:
        raise SelfTestError("the program's own modules cannot be listed")
    return f"{len(names)} modules"


def open_network() -> str:
    """Open the embedded network, whose weights must be in the package."""
    from cnnviz_gui.core.request import OpenModel
    from cnnviz_gui.state.selection import EMBEDDED

    facts = _compute(OpenModel(model=EMBEDDED)).facts
    return f"{facts.title}, {facts.parameters} parameters"


def draw_heatmap() -> str:
    """Run a Grad-CAM on a sample picture."""
    from cnnviz_gui import resources
    from cnnviz_gui.core import params, registry
    from cnnviz_gui.core.request import Heatmap, ImageRef
    from cnnviz_gui.state.selection import EMBEDDED

    parameters = params.build(registry.method("heatmap", "grad-cam").params, {})
    picture = ImageRef(path=str(resources.samples()[0]))
    result = _compute(
        Heatmap(model=EMBEDDED, image=picture, method="grad-cam", parameters=parameters)
    )
    return f"{result.target.label} at {result.layer}, {check_map(result.map)}"


def check_map(heat: np.ndarray) -> str:
    """Return the range of a map, which must be finite and not the same everywhere."""
    import numpy as np

    if heat.size == 0 or not np.isfinite(heat).all():
        raise SelfTestError("the map holds what is not a number")
    least, most = float(heat.min()), float(heat.max())
    if not most > least:
        raise SelfTestError(f"the map is {least:.3g} everywhere")
    return f"{least:.3g} to {most:.3g}"


def show_window() -> str:
    """Open the real window, wait for its heat map, and look at what is painted."""
    from PySide6.QtWidgets import QApplication

    from cnnviz_gui.app.explorer import Explorer

    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    errors: list[BaseException] = []
    before, sys.excepthook = sys.excepthook, lambda kind, error, trace: errors.append(error)
    try:
        # Settings and cache of whoever tries the program are neither read nor written.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            explorer = Explorer(Path(folder, "settings.json"), Path(folder, "cache"), guest=True)
            explorer.show()
            try:
                _wait_for(lambda: bool(errors) or _furnished(explorer))
                picture = explorer.window.grab().toImage()
            finally:
                explorer.window.close()
    finally:
        sys.excepthook = before
    problem = explorer.state.shared.start_problem
    if errors or problem:
        raise errors[0] if errors else SelfTestError(problem)
    if not explorer.stopped:
        raise SelfTestError("its work does not end when it is closed")
    explorer.window.deleteLater()
    return check_painting(picture)


def check_painting(picture: QImage) -> str:
    """Return size and number of colours of a painted picture, which must have many."""
    size = f"{picture.width()} x {picture.height()}"
    points = ((x, y) for y in range(0, picture.height(), 4) for x in range(0, picture.width(), 4))
    colours = len({picture.pixel(x, y) for x, y in points})
    if colours < _FEWEST_COLOURS:
        raise SelfTestError(f"{size} pixels have {colours} colours, as if nothing was painted")
    return f"{size} pixels, {colours} colours"


def _furnished(explorer: Any) -> bool:
    """Tell whether all pages are there and the first heat map with them, or never will be."""
    finding = explorer.state.finding("heatmap")
    if finding.problem is not None:
        raise SelfTestError(finding.problem.message)
    problem = explorer.state.shared.start_problem
    return bool(problem) or (explorer.complete and finding.status == "done")


def _wait_for(what: Callable[[], bool]) -> None:
    """Let the window live until ``what`` is true; what it raises is raised here."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, raised = QEventLoop(), list[Exception]()
    ends = time.monotonic() + _PATIENCE_MS / 1000

    def glance() -> None:
        try:
            if what():
                loop.quit()
            elif time.monotonic() > ends:
                raise SelfTestError(f"it is not ready after {_PATIENCE_MS // 1000} s")
        except Exception as error:
            raised.append(error)
            loop.quit()

    timer = QTimer()
    timer.timeout.connect(glance)
    timer.start(_GLANCE_MS)
    loop.exec()
    timer.stop()
    if raised:
        raise raised[0]


def _compute(request: Any) -> Any:
    from cnnviz_gui.core.context import NullContext
    from cnnviz_gui.core.execute import execute
    from cnnviz_gui.core.session import Session

    return execute(request, Session(), NullContext())


def _raise(name: str) -> None:
    """Raise what ``walk_packages`` met while it imported a package; it would go on."""
    raise


def _say(line: str) -> None:
    if sys.stdout is not None:  # a program for windows has no console on Windows
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


STEPS: tuple[Step, ...] = (
    ("the imports", import_everything),
    ("the network", open_network),
    ("the heat map", draw_heatmap),
    ("the window", show_window),
)
