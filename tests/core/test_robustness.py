"""The share of pictures that withstand an attack, and its confidence interval."""

from __future__ import annotations

import math

import pytest

from cnnviz_gui.core.attack_folder_results import AttackRow
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.robustness import robustness, wilson

# Newcombe 1998, Two-Sided Confidence Intervals for the Single Proportion, table I, method 3.
PUBLISHED = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0, 0.1611),
    (1, 29): (0.0061, 0.1718),
}


@pytest.mark.parametrize(("counts", "ends"), PUBLISHED.items())
def test_the_interval_is_the_published_one(counts, ends) -> None:
    assert wilson(*counts) == pytest.approx(ends, abs=5.1e-5)


@pytest.mark.parametrize("of", [1, 2, 7, 40, 1000])
def test_each_end_is_a_share_from_which_what_was_seen_is_just_as_far(of: int) -> None:
    """Wilson's ends p solve |share - p| = z sqrt(p (1 - p) / n)."""
    for held in range(of + 1):
        low, high = wilson(held, of)
        share = held / of
        assert 0 <= low <= share <= high <= 1
        for end in (low, high):
            if end not in (0.0, 1.0):
                far = abs(share - end) / math.sqrt(end * (1 - end) / of)
                assert far == pytest.approx(1.959963984540054, rel=1e-9)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)
    assert robustness((), (0.0, 1.0), None).keeping[1].share == 0.0


def seen(index: int) -> Score:
    return Score(index=index, label=f"class {index}", probability=0.5, logit=0.0)


def row(flip: float | None = None, truth: int | None = None, **more: str) -> AttackRow:
    named = None if truth is None else seen(truth)
    return AttackRow(path="p", predicted=seen(3), truth=named, flip=flip, **more)


def test_what_gave_way_counts_as_changed_from_there_on() -> None:
    rows = (row(1.0), row(1.0), row(4.0), row())
    found = robustness(rows, (0.0, 0.5, 1.0, 2.0, 4.0), None).keeping
    assert [one.held for one in found] == [4, 4, 2, 2, 1]
    assert {one.of for one in found} == {4}
    assert (found[2].low, found[2].high) == wilson(2, 4)
    assert robustness(rows, (1.0,), None).correct == ()


def test_only_what_was_attacked_counts() -> None:
    rows = (row(), row(note="Already."), row(problem="Cannot."), AttackRow(path="q"))
    assert robustness(rows, (0.0,), None).keeping[0].of == 1


def test_with_the_class_of_the_folder_wrong_from_the_start_is_wrong_at_zero() -> None:
    rows = (row(truth=3), row(2.0, truth=3), row(truth=4), row())
    found = robustness(rows, (0.0, 2.0), None).correct
    assert [(one.held, one.of) for one in found] == [(2, 3), (1, 3)]


def test_with_a_target_nothing_is_said_of_the_class_that_is_kept() -> None:
    """What misses its target may have left its class all the same."""
    rows = (row(1.0, truth=3), row(truth=3))
    found = robustness(rows, (0.0, 2.0), 7)
    assert [one.held for one in found.keeping] == [2, 1] and found.correct == ()
