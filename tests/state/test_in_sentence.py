from __future__ import annotations

import pytest

from cnnviz_gui import texts
from cnnviz_gui.state.in_sentence import small


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Step size", "step size"),
        ("L2 weight", "L2 weight"),
        ("TV weight", "TV weight"),
        ("", ""),
    ],
)
def test_a_title_begins_small_inside_an_english_sentence(title: str, inside: str):
    assert small(title) == inside


def test_a_title_keeps_its_capital_where_nouns_are_written_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(texts, "_language", "de")
    assert small("Schrittweite") == "Schrittweite"
