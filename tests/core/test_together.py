"""How many pictures pass at once, and what happens where that is too many."""

from __future__ import annotations

import pytest
import torch

from cnnviz_gui.core import together
from cnnviz_gui.core.together import Together

CPU = torch.device("cpu")
FULL = "CUDA out of memory. Tried to allocate 2.00 GiB."


class Device:
    """Takes so many numbers at once, and no more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.tried: list[int] = []

    def double(self, numbers):
        self.tried.append(len(numbers))
        if len(numbers) > self.room:
            raise torch.OutOfMemoryError(FULL)
        return [2 * number for number in numbers]


def test_all_pass_at_once_where_there_is_room():
    device = Device(room=100)
    assert list(Together(CPU).passes(range(10), device.double)) == [
        (range(10), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
    ]
    assert device.tried == [10]


@pytest.mark.parametrize("room", [1, 2, 3, 9])
def test_halves_pass_where_there_is_not_and_none_is_lost_or_out_of_order(room):
    device = Device(room)
    passes = list(Together(CPU).passes(range(10), device.double))
    assert [number for part, _ in passes for number in part] == list(range(10))
    assert [number for _, found in passes for number in found] == [2 * n for n in range(10)]
    assert max(len(part) for part, _ in passes) <= room


def test_what_was_too_many_is_not_tried_again(monkeypatch):
    device, several = Device(room=2), Together(CPU)
    list(several.passes(range(8), device.double))
    assert several.count <= 2
    device.tried.clear()
    for start in range(0, 8, several.count):
        list(several.passes(range(start, start + several.count), device.double))
    assert max(device.tried) <= 2


def test_one_that_is_too_many_alone_fails():
    with pytest.raises(torch.OutOfMemoryError):
        list(Together(CPU).passes(range(4), Device(room=0).double))


def test_other_failures_are_not_tried_again():
    tried = []

    def broken(numbers):
        tried.append(len(numbers))
        raise RuntimeError("expected 3 channels")

    with pytest.raises(RuntimeError, match="3 channels"):
        list(Together(CPU).passes(range(4), broken))
    assert tried == [4]


def test_memory_that_is_held_is_given_back_before_the_next_try(monkeypatch):
    device, released = Device(room=2), []
    monkeypatch.setattr(
        together.device_module, "release_memory", lambda: released.append(len(device.tried))
    )
    list(Together(CPU).passes(range(4), device.double))
    assert released == [1]


@pytest.mark.parametrize(("seconds", "most", "count"), [(0.001, 32, 32), (0.001, 5, 5), (1, 32, 1)])
def test_as_many_as_are_quick_and_allowed(monkeypatch, seconds, most, count):
    clock = iter([0.0, seconds])
    monkeypatch.setattr(together, "perf_counter", lambda: next(clock))
    several = Together(CPU, most)
    assert several.count == 1
    list(several.passes([1], Device(room=1).double))
    assert several.count == count


def test_nothing_passes_of_nothing():
    assert list(Together(CPU).passes([], Device(room=1).double)) == []
