"""What the checks for masked gradients find, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.texts import tr


def zeros(share: float) -> str:
    """Return for which share of the values, in [0, 1], the gradient is zero."""
    if not share:
        return tr("It is zero for no value at all.")
    if share == 1:
        return tr("It is exactly zero for all of the values.")
    return tr("It is exactly zero for {share} of the values.", share=fmt.percent(share))


def confident(missing: float, *, rounded: bool) -> str:
    """Return how far below 1 the winner's probability is; ``rounded``: so little that it is 1."""
    amount = fmt.significant(missing)
    if rounded and missing:
        return tr(
            "The winner's probability is {amount} below 1: rounded, its cross-entropy is 0 at this"
            " picture.",
            amount=amount,
        )
    if rounded:
        return tr(
            "The winner's probability is nothing below 1: rounded, its cross-entropy is 0 at this"
            " picture."
        )
    return tr("The winner's probability is {amount} below 1.", amount=amount)


def steps(count: int, many: bool, single: bool, *, left: tuple[float, float]) -> str:
    """Return how ``count`` steps end beside one.

    Parameters
    ----------
    many, single
        Whether these succeed, and whether the one does.
    left
        What is left to the border in logits, of the many and of the one.
    """
    if many and single:
        return tr("PGD succeeds with {count} steps as with one.", count=count)
    if many:
        return tr("PGD succeeds with {count} steps and fails with one.", count=count)
    if single:
        return tr("PGD fails with {count} steps and succeeds with one.", count=count)
    return tr(
        "PGD fails with {count} steps as with one: they come within {many} of the border, in"
        " logits, the one within {one}.",
        count=count,
        many=fmt.significant(left[0]),
        one=fmt.significant(left[1]),
    )


def epsilons(where: Sequence[str], first: int, lost: str) -> str:
    """Return at which epsilons an attack succeeds.

    Parameters
    ----------
    where
        Those tried, the smallest first.
    first
        Place of the first that is enough; ``len(where)`` for none.
    lost
        A larger one that is not enough; empty for none.
    """
    if first == len(where):
        return tr(
            "PGD fails at every epsilon from {first} to {last}.", first=where[0], last=where[-1]
        )
    if lost:
        return tr(
            "PGD succeeds at {epsilon} and fails at {larger}.", epsilon=where[first], larger=lost
        )
    if first == len(where) - 1:
        return tr("PGD succeeds at {epsilon}, the largest epsilon tried.", epsilon=where[first])
    return tr(
        "PGD succeeds at {epsilon} and at all that was tried up to {last}.",
        epsilon=where[first],
        last=where[-1],
    )


def black_box(queries: int, *, success: bool) -> str:
    """Return how Square ends where an attack fails."""
    allowed = fmt.count(queries)
    if success:
        return tr(
            "Square, allowed {queries} queries, succeeds where this attack fails.", queries=allowed
        )
    return tr("Square, allowed {queries} queries, fails as well.", queries=allowed)


def unbounded(steps: int, size: float | None) -> str:
    """Return how an ascent without a bound ends; ``size`` in 255ths, None where it fails."""
    if size is None:
        return tr("An ascent of {steps} steps that nothing holds back fails too.", steps=steps)
    return tr(
        "An ascent of {steps} steps that nothing holds back reaches its aim with changes of up to"
        " {size}.",
        steps=steps,
        size=fmt.of255(size),
    )
