"""What is worked out of a result, once, and forgotten with it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, ref

from cnnviz_gui.core.result import Result

R = TypeVar("R", bound=Result)
P = ParamSpec("P")
T = TypeVar("T")


def once(compute: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
    """Keep what a function returns for a result, and hashable arguments more.

    No result is kept alive by it, as ``lru_cache`` would: the maps of one layer can be 13 MB. What
    is returned must not hold one either. GUI thread only.
    """
    known: WeakKeyDictionary[R, dict[Hashable, T]] = WeakKeyDictionary()

    @functools.wraps(compute)
    def recalled(result: R, /, *more: P.args, **named: P.kwargs) -> T:
        values = known.setdefault(result, {})
        further = (*more, *named.items())
        key = tuple(ref(each) if isinstance(each, Result) else each for each in further)
        if key not in values:
            values[key] = compute(result, *more, **named)
        return values[key]

    return recalled
