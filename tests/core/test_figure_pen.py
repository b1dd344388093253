"""What is written on a page fits, and is not measured letter by letter."""

from __future__ import annotations

import pytest

from cnnviz_gui.core import figure_pen

LONG = "IMG 2024, a photograph of a holiday in the mountains " * 10


class Counting:
    """A font that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._font = figure_pen.fonts()[1]

    def getlength(self, text: str) -> float:
        self.asked += 1
        return self._font.getlength(text)


@pytest.mark.parametrize("width", [0, 5, 20, 77, 160, 500, 3000])
def test_as_much_is_written_as_has_room(width: int) -> None:
    font = Counting()
    said = figure_pen.fitted(LONG, font, width)
    asked = font.asked
    fits = [end for end in range(1, len(LONG)) if font.getlength(f"{LONG[:end]}…") <= width]
    assert said == f"{LONG[: fits[-1] if fits else 0].rstrip()}…"
    assert asked < 15


def test_what_has_room_is_not_cut() -> None:
    font = figure_pen.fonts()[1]
    assert figure_pen.fitted("cat", font, 160) == "cat"
    assert figure_pen.fitted("", font, 0) == ""
