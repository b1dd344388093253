"""How far around a picture a vote of noisy copies is certain to stay as it is."""

from __future__ import annotations

import math
from statistics import NormalDist

import torch

from cnnviz_gui.core.defence_results import Certificate

ALPHA = 0.001
"""How often a certificate may be wrong."""
_HALVINGS = 200
_SELECT = 8
"""One of so many copies selects the class, the others are counted."""


def certify(winners: list[int], sigma: float) -> Certificate:
    """Return the certificate of a vote; ``winners`` are the classes of noisy copies, in order.

    Which class it is and how often it occurs are taken from different copies, as the bound needs.

    Source: Cohen et al. 2019, arXiv:1902.02918, algorithm CERTIFY.
    """
    few = max(1, len(winners) // _SELECT)
    selecting, rest = winners[:few], winners[few:]
    index = max(sorted(set(selecting)), key=selecting.count)
    votes = rest.count(index)
    bound = lower_bound(votes, len(rest)) if rest else 0.0
    radius = sigma * NormalDist().inv_cdf(bound) if bound > 0.5 else 0.0
    return Certificate(index, votes, len(rest), bound, radius)


def lower_bound(successes: int, trials: int, alpha: float = ALPHA) -> float:
    """Return the exact lower bound of Clopper and Pearson for a probability, in [0, 1).

    It is the p at which so many successes or more have the probability ``alpha``; below it the
    true value lies in a share of at most ``alpha`` of all experiments.

    Source: Clopper and Pearson 1934, Biometrika 26.
    """
    if successes == 0:
        return 0.0
    low, high = 0.0, successes / trials
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _tail(successes, trials, middle) < alpha:
            low = middle
        else:
            high = middle
    return low


def _tail(successes: int, trials: int, p: float) -> float:
    """Return the probability of so many successes or more, of ``trials`` with probability p."""
    counts = torch.arange(successes, trials + 1, dtype=torch.float64)
    total = torch.tensor(float(trials), dtype=torch.float64)
    ways = (total + 1).lgamma() - (counts + 1).lgamma() - (total - counts + 1).lgamma()
    chances = ways + counts * math.log(p) + (total - counts) * math.log1p(-p)
    return float(chances.logsumexp(0).exp())
