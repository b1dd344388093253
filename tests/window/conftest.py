"""The real program on a real screen, and the hand that uses it through the X server."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE_MS = 60_000


class Hand:
    """Mouse and keyboard as the X server sees them, and eyes that wait for what they cause."""

    def __init__(self, qtbot: Any) -> None:
        self._qtbot = qtbot
        self.drawn: Callable[[], bool] = lambda: True
        """Whether every panel shows the state as it is: they follow it in later turns."""

    def wait(self, what: Callable[[], object]) -> None:
        """Return once ``what`` is true, and seen on the screen; the program goes on meanwhile."""
        self._qtbot.waitUntil(lambda: bool(what()), timeout=PATIENCE_MS)
        self._qtbot.waitUntil(self.drawn, timeout=PATIENCE_MS)

    def rest(self, widget: Any) -> None:
        """Return once a widget stands still: nobody reaches for what is still being laid out."""

        def place() -> tuple[Any, Any]:
            return widget.mapToGlobal(widget.rect().topLeft()), widget.size()

        def still() -> bool:
            before = place()
            self._qtbot.wait(100)
            return before == place()

        self.wait(still)

    def press(self, *keys: str) -> None:
        """Press keys by their X names: ``ctrl+k``, ``Return``."""
        self._do("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "1", text)

    def click(self, widget: Any, at: Any = None, *, twice: bool = False) -> None:
        """Click into a widget, in its middle unless told where."""
        self.rest(widget)
        times = ("--repeat", "2", "--delay", "60") if twice else ()
        self._do("mousemove", *self._place(widget, at), "click", *times, "1")

    def turn(self, widget: Any, at: Any, notches: int) -> None:
        """Turn the wheel forwards over a widget."""
        self._do("mousemove", *self._place(widget, at), "click", "--repeat", str(notches), "4")

    def move(self, widget: Any, at: Any = None) -> None:
        """Point at something in a widget."""
        self.rest(widget)
        self._do("mousemove", *self._place(widget, at))

    def drag(self, widget: Any, start: Any, end: Any, steps: int = 12) -> None:
        """Take something in a widget and let go of it elsewhere."""
        self._do("mousemove", *self._place(widget, start), "mousedown", "1")
        for step in range(1, steps + 1):
            at = start + (end - start) * step / steps
            self._do("mousemove", *self._place(widget, at))
        self._do("mouseup", "1")

    def _place(self, widget: Any, at: Any) -> tuple[str, str]:
        point = widget.mapToGlobal(widget.rect().center() if at is None else at)
        ratio = widget.devicePixelRatioF()
        return str(round(point.x() * ratio)), str(round(point.y() * ratio))

    def _do(self, *command: str) -> None:
        subprocess.run(["xdotool", *command], check=True, timeout=20)
        self._qtbot.wait(1)  # what the server sent is taken from the queue before the next move


@pytest.fixture
def hand(qtbot: Any) -> Hand:
    return Hand(qtbot)


@pytest.fixture
def explorer(qtbot: Any, hand: Hand, tmp_path: Path) -> Any:
    """The program as it is after its first seconds: sample opened, explained, window in front."""
    from cnnviz_gui.app.explorer import Explorer

    made = Explorer(tmp_path / "config" / "settings.json", tmp_path / "cache")
    qtbot.addWidget(made.window)
    made.show()
    hand.drawn = lambda: not made.state.bulletin.waits
    hand.wait(lambda: made.state.finding("heatmap").status == "done")
    hand.wait(lambda: made.window.isActiveWindow())
    return made


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A picture the program does not bring along."""
    from PIL import Image

    from cnnviz_gui import resources

    path = tmp_path / "my photograph.png"
    with Image.open(resources.samples()[-1]) as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path)
    return path


@pytest.fixture
def clipboard() -> Iterator[Callable[[Path, str], None]]:
    """Put a file on the clipboard, owned by another program as it would be on a desktop."""
    owners: list[subprocess.Popen[bytes]] = []

    def put(path: Path, kind: str) -> None:
        command = ["xclip", "-quiet", "-selection", "clipboard", "-t", kind, "-i", str(path)]
        owners.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))

    yield put
    for owner in owners:
        owner.terminate()
        owner.wait(10)
