"""From what a person writes to a class."""

from __future__ import annotations

import pytest

from cnnviz_gui.core.errors import TargetError
from cnnviz_gui.core.labels import resolve

LABELS = ("tabby", "tiger cat", "Egyptian cat", "crane", "missile", "crane")


@pytest.mark.parametrize(
    ("text", "index"),
    [("1", 1), (" 5 ", 5), ("tiger cat", 1), ("EGYPTIAN  CAT", 2), ("Tabby", 0)],
)
def test_index_or_name(text: str, index: int) -> None:
    assert resolve(LABELS, text) == index


@pytest.mark.parametrize("text", ["6", "-1", "+6", "99999999999999999999999"])
def test_index_out_of_range(text: str) -> None:
    with pytest.raises(TargetError, match="from 0 to 5"):
        resolve(LABELS, text)


def test_ambiguous_name_lists_the_indices() -> None:
    with pytest.raises(TargetError, match="3, 5"):
        resolve(LABELS, "crane")


@pytest.mark.parametrize(("text", "near"), [("cat", "tiger cat"), ("misile", "missile")])
def test_unknown_name_lists_near_ones(text: str, near: str) -> None:
    with pytest.raises(TargetError, match=f"no class '{text}'.*{near}"):
        resolve(LABELS, text)


@pytest.mark.parametrize("text", ["", "  ", "zzzzzz", "²"])
def test_hopeless_text_says_what_is_expected(text: str) -> None:
    with pytest.raises(TargetError, match="index or a class name"):
        resolve(LABELS, text)
