"""What came once does not come again, and only the whole, right file gets its name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz_gui.core import web
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models.download_failures import Wanted

DATA = np.random.default_rng(0).bytes(3_000_000)


def named(data: bytes) -> str:
    return f"net-{hashlib.sha256(data).hexdigest()[:8]}.pth"


def test_a_file_is_fetched_with_progress_and_nothing_else_is_left(
    wanted: Wanted, does: Any, get: Any, watcher: Any
) -> None:
    ctx = watcher()
    assert get(wanted, ctx) == len(DATA)
    assert wanted.target.read_bytes() == DATA
    assert [path.name for path in wanted.target.parent.iterdir()] == [wanted.target.name]
    assert ctx.steps[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in ctx.steps] == sorted(done for done, _ in ctx.steps)
    assert does.asked == [(None, None)]


def test_a_file_that_is_here_is_not_fetched_again(wanted: Wanted, does: Any, get: Any) -> None:
    get(wanted)
    web.set_offline(True)
    assert get(wanted) == len(DATA) and len(does.asked) == 1


def test_offline_chosen_meanwhile_stops_what_is_on_its_way(
    wanted: Wanted, does: Any, get: Any, watcher: Any
) -> None:
    ctx = watcher()
    told = ctx.step

    def step(done: int, total: int) -> None:
        told(done, total)
        web.set_offline(done > 0)

    ctx.step = step
    with pytest.raises(ModelError, match="offline"):
        get(wanted, ctx)
    assert not wanted.target.exists()


def test_a_damaged_file_is_replaced_only_by_the_whole_new_one(
    wanted: Wanted, does: Any, get: Any
) -> None:
    wanted.target.parent.mkdir()
    wanted.target.write_bytes(b"damaged")
    does.status = 503
    with pytest.raises(ModelError):
        get(wanted)
    assert wanted.target.read_bytes() == b"damaged"
    does.status = 0
    get(wanted)
    assert wanted.target.read_bytes() == DATA


def test_a_connection_that_breaks_is_gone_on_with(wanted: Wanted, does: Any, get: Any) -> None:
    does.cuts = [700_000, 900_000]
    get(wanted)
    assert wanted.target.read_bytes() == DATA and does.served == len(DATA)
    assert does.asked == [
        (None, None),
        ("bytes=700000-", '"one"'),
        ("bytes=1600000-", '"one"'),
    ]


def test_progress_between_breaks_earns_new_tries(wanted: Wanted, does: Any, get: Any) -> None:
    does.cuts = [1_100_000, 10, 1_100_000, 10]
    get(wanted)
    assert wanted.target.read_bytes() == DATA


def test_a_server_that_ignores_ranges_sends_the_whole_anew(
    wanted: Wanted, does: Any, get: Any
) -> None:
    does.ranges, does.cuts = False, [700_000]
    get(wanted)
    assert wanted.target.read_bytes() == DATA
    assert does.served == 700_000 + len(DATA)


def test_a_file_that_changed_in_between_is_fetched_anew(
    wanted: Wanted, does: Any, get: Any, part: Path
) -> None:
    wanted.target.parent.mkdir()
    old = np.random.default_rng(1).bytes(len(DATA))
    part.write_bytes(old[:1_000_000])
    get(wanted)
    assert wanted.target.read_bytes() == DATA
    assert [asked for asked, _ in does.asked] == ["bytes=1000000-", None]


def test_a_file_whose_size_changed_during_the_download_is_fetched_anew(
    wanted: Wanted, does: Any, get: Any
) -> None:
    does.tag, does.cuts, does.range_total = "", [700_000], 5_000_000
    get(wanted)
    assert wanted.target.read_bytes() == DATA
    assert [asked for asked, _ in does.asked] == [None, "bytes=700000-", None]


def test_a_file_that_is_newer_than_its_tag_is_fetched_anew(
    wanted: Wanted, does: Any, get: Any, watcher: Any
) -> None:
    does.cuts = [700_000]

    def change(done: int) -> bool:
        if done == 700_000:
            does.tag = '"two"'
        return False

    get(wanted, watcher(stop_when=change))
    assert wanted.target.read_bytes() == DATA
    assert does.served == 700_000 + len(DATA)


def test_more_than_the_file_has_is_fetched_anew(
    wanted: Wanted, does: Any, get: Any, part: Path
) -> None:
    wanted.target.parent.mkdir()
    part.write_bytes(DATA + b"more")
    get(wanted)
    assert wanted.target.read_bytes() == DATA


def test_a_part_that_is_whole_is_only_renamed(
    wanted: Wanted, does: Any, get: Any, part: Path
) -> None:
    wanted.target.parent.mkdir()
    part.write_bytes(DATA)
    get(wanted)
    assert wanted.target.read_bytes() == DATA and not does.asked


def test_a_part_as_long_as_the_file_but_wrong_is_not_taken_for_it(
    wanted: Wanted, does: Any, get: Any, part: Path
) -> None:
    wanted.target.parent.mkdir()
    part.write_bytes(DATA[:-1] + b"?")
    get(wanted)
    assert wanted.target.read_bytes() == DATA
    assert [asked for asked, _ in does.asked] == [f"bytes={len(DATA)}-", None]


def test_a_body_without_a_length(wanted: Wanted, does: Any, get: Any) -> None:
    does.announce = False
    get(wanted)
    assert wanted.target.read_bytes() == DATA


def test_a_body_without_a_length_that_breaks_off(wanted: Wanted, does: Any, get: Any) -> None:
    does.announce, does.cuts = False, [700_000]
    known = Wanted(wanted.title, wanted.url, wanted.target, expected=len(DATA))
    get(known)
    assert wanted.target.read_bytes() == DATA and does.served == len(DATA)
