"""Choosing several of what there is."""

from __future__ import annotations

from typing import TypeVar

_T = TypeVar("_T")


def toggled(before: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    """Return what is chosen with one more, or without it; the last one stays."""
    after = tuple(other for other in before if other != one)
    return (after or before) if one in before else (*before, one)
