"""Mean and deviation piece by piece: as numpy computes them, also far from zero."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz_gui.core.moments import Moments, of_rows


@pytest.mark.parametrize("centre", [0.0, 1.0, -100.0, 1000.0])
def test_a_small_spread_far_from_zero_is_told(centre):
    generator = torch.Generator().manual_seed(0)
    pieces = [centre + 0.01 * torch.randn(6, 500, generator=generator) for _ in range(3)]
    pieces[1] += 0.02  # the means of the pieces differ
    pieces[2][4] -= 0.03  # and those of the rows
    found = Moments()
    for piece in pieces:
        sums, moments = of_rows(piece)
        np.testing.assert_allclose(sums, piece.double().sum(1), rtol=1e-6, atol=1e-4)
        found.add(moments)
    whole = torch.cat(pieces).double().numpy()
    assert found.count == whole.size
    assert found.mean == pytest.approx(whole.mean(), rel=1e-6, abs=1e-6)
    assert found.std == pytest.approx(whole.std(), rel=2e-3)


def test_what_does_not_count_is_left_out():
    rows = torch.tensor(
        [[1.0, 2.0, torch.nan], [torch.inf, -torch.inf, torch.nan], [5.0, 3.0, 1.0]]
    )
    counted = torch.isfinite(rows)
    sums, found = of_rows(rows.masked_fill(~counted, 0.0), counted)
    kept = rows[counted].double().numpy()
    assert sums.tolist() == [3.0, 0.0, 9.0]
    assert (found.count, found.mean) == (5, kept.mean())
    assert found.std == pytest.approx(kept.std())


def test_of_nothing_the_deviation_is_0():
    found = Moments()
    found.add(Moments())
    assert (found.count, found.mean, found.std) == (0, 0.0, 0.0)
