"""Gradients past rectifiers that are shut or at their ceiling."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.features.redirect import has_ceiling, redirected, without_ceiling


def redirection(kind: nn.Module, values: list[float], weights: list[float]) -> list[float]:
    """Return the gradients of a picture's values under a sum with these weights."""
    rectifier = nn.Sequential(kind)
    before = torch.tensor(values)[None].requires_grad_()
    with redirected(rectifier):
        answered: Tensor = (rectifier(before) * torch.tensor(weights)).sum()
    (found,) = torch.autograd.grad(answered, before)
    return found[0].tolist()


def test_at_a_ceiling_what_lowers_a_value_goes_on_and_what_raises_it_does_not() -> None:
    """As far as six is the ReLU's own affair; beyond it only the way back helps."""
    values, weights = [9.0, 9.0, 6.0, 6.0, -1.0, -1.0], [2.0, -2.0, 3.0, -3.0, 4.0, -4.0]
    assert redirection(nn.ReLU6(), values, weights) == [0.0, -2.0, 0.0, -3.0, 4.0, 0.0]


def test_a_relu_without_a_ceiling_passes_what_is_large() -> None:
    values, weights = [9.0, 9.0, -1.0], [2.0, -2.0, 4.0]
    assert redirection(nn.ReLU(), values, weights) == [2.0, -2.0, 0.0], "something is left of it"
    assert redirection(nn.ReLU(), [0.0, -1.0], [2.0, -2.0]) == [2.0, 0.0], "shut, at zero too"
    assert redirection(nn.ReLU(), [0.0, -1.0], [-2.0, 2.0]) == [0.0, 2.0]


def test_with_a_gradient_left_nothing_passes_a_ceiling() -> None:
    values, weights = [9.0, 3.0, -1.0], [-2.0, 1.0, 4.0]
    assert redirection(nn.ReLU6(), values, weights) == [0.0, 1.0, 0.0]


def test_a_gradient_whose_sum_is_nought_is_still_one() -> None:
    assert redirection(nn.ReLU(), [3.0, 3.0, -1.0], [2.0, -2.0, 4.0]) == [2.0, -2.0, 0.0]


def test_of_two_pictures_the_silent_one_alone_is_helped() -> None:
    rectifier = nn.Sequential(nn.ReLU())
    before = torch.tensor([[-1.0, -2.0], [1.0, -2.0]], requires_grad=True)
    with redirected(rectifier):
        answered = (rectifier(before) * 3).sum()
    (found,) = torch.autograd.grad(answered, before)
    assert found.tolist() == [[3.0, 3.0], [3.0, 0.0]]


@pytest.mark.parametrize("failing", [False, True])
def test_only_the_last_ceiling_is_lifted_and_it_comes_back(failing: bool) -> None:
    inner, last = nn.ReLU6(), nn.ReLU6()
    block = nn.Sequential(inner, nn.Sequential(nn.Identity(), last))
    assert has_ceiling(block) and not has_ceiling(nn.Sequential(inner, nn.ReLU()))
    try:
        with without_ceiling(block):
            assert last(torch.tensor(8.0)) == 8 and inner(torch.tensor(8.0)) == 6
            if failing:
                raise ArithmeticError
    except ArithmeticError:
        pass
    assert last(torch.tensor(8.0)) == 6
