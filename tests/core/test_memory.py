"""The store bounded in bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnviz_gui.core.memory import ByteCache


def test_the_least_recently_used_goes_first() -> None:
    cache: ByteCache[str] = ByteCache(100)
    for key in "abc":
        cache.put(key, key.upper(), 33)
    assert cache.get("a") == "A"
    cache.put("d", "D", 33)
    assert "b" not in cache and "a" in cache and cache.nbytes == 99


def test_a_value_that_alone_is_too_large() -> None:
    cache: ByteCache[str] = ByteCache(10)
    cache.put("a", "A", 11)
    assert len(cache) == 0 and cache.nbytes == 0
    keeping: ByteCache[str] = ByteCache(10, keep_last=True)
    keeping.put("a", "A", 11)
    keeping.put("b", "B", 12)
    assert keeping.get("b") == "B" and len(keeping) == 1


def test_what_is_unwanted_goes_and_the_rest_stays() -> None:
    cache: ByteCache[int] = ByteCache(10)
    for key in range(4):
        cache.put(key, key, 2)
    cache.drop_if(lambda key: key in (0, 2))
    assert [key in cache for key in range(4)] == [False, True, False, True]
    assert cache.nbytes == 4


def test_replacing_counts_once() -> None:
    cache: ByteCache[int] = ByteCache(10)
    cache.put("a", 1, 6)
    cache.put("a", 2, 7)
    assert cache.get("a") == 2 and cache.nbytes == 7
    cache.clear()
    assert cache.get("a") is None and cache.nbytes == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=40))
def test_the_bound_holds_after_any_history(history: list[tuple[int, int]]) -> None:
    cache: ByteCache[int] = ByteCache(100)
    sizes: dict[int, int] = {}
    for key, size in history:
        cache.put(key, key, size)
        sizes[key] = size
        assert cache.nbytes <= 100
        assert cache.nbytes == sum(sizes[key] for key in sizes if key in cache)
        assert key in cache


def test_what_is_held_stays_whatever_room_it_takes() -> None:
    cache: ByteCache[int] = ByteCache(10, keep_last=True)
    cache.hold(["a", "b"])
    for key in "abc":
        cache.put(key, 0, 8)
    assert [key in cache for key in "abc"] == [True, True, True]
    cache.put("d", 0, 8)
    assert [key in cache for key in "abcd"] == [True, True, False, True]
    cache.hold([])
    assert [key in cache for key in "abd"] == [False, False, True]
    assert cache.nbytes == 8
