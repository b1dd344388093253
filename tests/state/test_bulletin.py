"""Observers are told at once, or later, merged and a few at a time."""

import pytest

from cnnviz_gui.state import bulletin as bulletin_module
from cnnviz_gui.state.bulletin import Bulletin


class Reader:
    def __init__(self, error=None):
        self.read = []
        self.error = error

    def on_change(self, changes):
        self.read.append(changes)
        if self.error is not None:
            raise self.error


class SlowClock:
    """Every look at it takes 20 ms."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        self.now += 0.02
        return self.now


@pytest.fixture
def bulletin():
    return Bulletin()


def later(bulletin):
    calls = []
    bulletin.later = lambda: calls.append(1)
    return calls


def test_left_alone_it_tells_before_post_returns(bulletin):
    reader = Reader()
    bulletin.observe(reader.on_change)
    bulletin.post(frozenset({"layer"}))
    assert reader.read == [{"layer"}]


def test_what_waits_is_merged(bulletin):
    reader, calls = Reader(), later(bulletin)
    bulletin.observe(reader.on_change)
    bulletin.post(frozenset({"layer"}))
    bulletin.post(frozenset({"target"}))
    assert (reader.read, len(calls)) == ([], 2)
    assert not bulletin.deliver(1.0)
    assert reader.read == [{"layer", "target"}]


def test_who_decides_sees_every_change_at_once(bulletin):
    reader = Reader()
    later(bulletin)
    bulletin.observe(reader.on_change, at_once=True)
    bulletin.post(frozenset({"layer"}))
    bulletin.post(frozenset({"target"}))
    assert reader.read == [{"layer"}, {"target"}]
    assert not bulletin.deliver(1.0)
    assert len(reader.read) == 2


def test_slow_observers_take_turns(bulletin, monkeypatch):
    monkeypatch.setattr(bulletin_module, "time", SlowClock())
    readers = [Reader() for _ in range(3)]
    later(bulletin)
    for reader in readers:
        bulletin.observe(reader.on_change)
    bulletin.post(frozenset({"layer"}))
    turns = 1
    while bulletin.deliver(0.001):
        turns += 1
    assert turns == 3
    assert all(len(reader.read) == 1 for reader in readers)


def test_who_came_last_has_a_turn_while_something_changes_all_the_time(bulletin, monkeypatch):
    monkeypatch.setattr(bulletin_module, "time", SlowClock())
    later(bulletin)
    readers = [Reader() for _ in range(3)]
    for reader in readers:
        bulletin.observe(reader.on_change)
    for _ in range(6):
        bulletin.post(frozenset({"epsilon"}))
        bulletin.deliver(0.003)
    assert [len(reader.read) for reader in readers] == [2, 2, 2]


def test_what_is_under_the_hand_is_told_each_time_and_the_others_still_take_turns(
    bulletin, monkeypatch
):
    monkeypatch.setattr(bulletin_module, "time", SlowClock())
    later(bulletin)
    others, at_hand = [Reader() for _ in range(3)], Reader()
    for reader in others:
        bulletin.observe(reader.on_change)
    bulletin.observe(at_hand.on_change, first=True)
    bulletin.post(frozenset({"epsilon"}))
    assert bulletin.deliver(0.003)
    assert [len(reader.read) for reader in (at_hand, *others)] == [1, 0, 0, 0]
    for _ in range(11):
        bulletin.post(frozenset({"epsilon"}))
        bulletin.deliver(0.003)
    assert [len(reader.read) for reader in (at_hand, *others)] == [12, 2, 2, 2]
    while bulletin.deliver(0.003):
        pass
    # The last of the others had its turn after the last post.
    assert [len(reader.read) for reader in (at_hand, *others)] == [12, 3, 3, 2]


@pytest.mark.parametrize("waits", [False, True])
def test_an_observer_that_fails_does_not_starve_the_others(bulletin, waits):
    bad, good = Reader(error=ZeroDivisionError()), Reader()
    if waits:
        later(bulletin)
    bulletin.observe(bad.on_change)
    bulletin.observe(good.on_change)
    with pytest.raises(ZeroDivisionError):
        bulletin.post(frozenset({"layer"}))
        bulletin.deliver(1.0)
    assert good.read == [{"layer"}]


def test_an_observer_that_is_gone_is_told_nothing(bulletin):
    reader = Reader()
    bulletin.observe(reader.on_change)
    del reader
    bulletin.post(frozenset({"layer"}))
    assert not bulletin.deliver(1.0)
