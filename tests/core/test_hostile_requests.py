"""Whatever stands in a stranger's request, it is read or refused in a sentence, and soon."""

from __future__ import annotations

import json
import tracemalloc
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz_gui.core import carried, request_json
from cnnviz_gui.core.errors import CnnvizError, RequestError
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.tasks import RESULTS, TASKS
from tests import hostile

MAP: dict[str, Any] = {
    "task": "heatmap",
    "model": {"name": "lenet5"},
    "image": {"path": "a.png"},
    "method": "smoothgrad",
}
FEATURE: dict[str, Any] = {"task": "feature", "model": {"name": "lenet5"}, "units": [{}]}
ROBUST: dict[str, Any] = {
    "task": "attack-folder",
    "model": {"name": "lenet5"},
    "folder": {"path": "a"},
    "method": "pgd",
    "epsilons": [1.0],
}
SWEEP = {"task": "sweep", "attack": MAP | {"task": "attack", "method": "pgd"}, "maximum": 8}


def encoded(raw: Any) -> bytes:
    """As JSON with numbers of any size, which msgspec does not write."""
    return json.dumps(raw, separators=(",", ":")).encode()


def read(raw: Any) -> Request:
    data = raw if isinstance(raw, bytes) else encoded(raw)
    return carried.read(data).request


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), damaged=st.booleans())
def test_each_task_is_read_or_refused_in_a_sentence(task: str, seed: int, damaged: bool) -> None:
    random = Random(seed)
    raw = hostile.request(TASKS[task], random)
    if damaged:
        hostile.spoilt(raw, random)
    reads = read if task in RESULTS else lambda one: request_json.from_json(encoded(one))
    try:
        request = reads(raw)
    except CnnvizError as error:
        assert 0 < len(str(error)) < 4000
    else:
        assert request_json.from_json(request.to_json()) == request


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (MAP | {"parameters": {"samples": 10**400}}, "outside its range"),
        (MAP | {"parameters": {"level": -(10**400)}}, "outside its range"),
        (MAP | {"target": 10**400}, "'target' is out of its range"),
        (MAP | {"target": -(10**7)}, "'target' is out of its range"),
        (MAP | {"edits": [{"layer": "c1", "channel": -1}]}, "'channel' is out of its range"),
        (MAP | {"edits": [{"layer": "c1", "channel": 1}] * 20_000}, "has 20000 entries"),
        (MAP | {"layer": "x" * 5000}, "too long"),
        (MAP | {"model": {"name": "lenet5", "seed": 2**64}}, "'seed' is out of its range"),
        (MAP | {"image": {"path": "a", "frame": -1}}, "'frame' is out of its range"),
        (FEATURE | {"units": []}, "has 0 entries"),
        (FEATURE | {"before": [{}] * 300_000}, "has 300000 entries"),
        (ROBUST | {"epsilons": [0] * 400_000}, "has 400000 entries"),
        (ROBUST | {"epsilons": [-1]}, "'epsilons' is out of its range"),
        (ROBUST | {"epsilons": []}, "has 0 entries"),
        (SWEEP | {"points": 10**9}, "'points' is out of its range"),
        (SWEEP | {"maximum": 1e300}, "'maximum' is out of its range"),
        ({"task": "sanity", "heatmap": MAP | {"against": 1e9}}, "'against' does not fit"),
        ({"task": "sanity", "heatmap": MAP | {"against": 10**9}}, "'against' is out of its range"),
        ({"task": "sanity", "heatmap": MAP | {"layer": 3}}, "'layer' does not fit"),
        (
            {"task": "defences-known", "attack": SWEEP["attack"], "methods": [], "draws": 10**9},
            "'draws' is out of its range",
        ),
    ],
)
def test_what_nobody_computes_with_is_refused(raw: Any, words: str) -> None:
    with pytest.raises(CnnvizError, match=words):
        read(raw)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 900_000, "-" + "9" * 5000])
def test_what_is_no_number_of_a_computer_is_refused(number: str) -> None:
    text = encoded(MAP | {"target": 12321}).replace(b"12321", number.encode())
    with pytest.raises(RequestError):
        read(text)


@pytest.mark.parametrize(
    "raw",
    [
        {"task": "x" * 900_000},
        MAP | {"x" * 900_000: 1},
        MAP | {"method": "x" * 900_000},
        MAP | {"parameters": {"seed": "x" * 900_000}},
        MAP | {"parameters": {"x" * 900_000: 1}},
        MAP | {"image": {"path": "a", "background": "x" * 900_000}},
        MAP | {"image": {"path": "x" * 900_000}},
        MAP | {"parameters": {"seed": [[0] * 100] * 3000}},
        b'{"task": "heatmap", "attack": ' * 30_000,
        b'{"task": "heatmap", "attack": ' * 5_000 + b"1" + b"}" * 5_000,
        b'{"task": "feature", "units": [{}], "begin": ' * 900 + b"1" + b"}" * 900,
        b"[" * 999_999,
        b'{"task": [' + b"{}," * 300_000 + b"{}]}",
    ],
)
def test_a_long_or_deep_file_costs_little_and_is_told_shortly(raw: Any) -> None:
    data = raw if isinstance(raw, bytes) else encoded(raw)
    assert len(data) <= request_json.MAX_JSON_BYTES
    tracemalloc.start()
    try:
        with pytest.raises(CnnvizError) as caught:
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 4000
