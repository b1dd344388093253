"""A file on a server of the loopback, and how the tests fetch it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_gui.core import web
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, ModelError
from cnnviz_gui.core.models import download
from cnnviz_gui.core.models.download_failures import Wanted

DATA = np.random.default_rng(0).bytes(3_000_000)
_loopback_only: dict[str, Any] = {
    "refuse": lambda url: "" if url.startswith("http://127.0.0.1:") else web.refusal(url),
    "pauses": (0.01, 0.01),
    "patience": 10.0,
}


@pytest.fixture(autouse=True)
def _plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    before = torch.hub.get_dir()
    torch.hub.set_dir(str(tmp_path / "hub"))
    yield
    torch.hub.set_dir(before)
    web.set_offline(False)


@pytest.fixture
def does(web_server: Any) -> Any:
    """The server, which tells and is told what it does."""
    web_server.data = DATA
    return web_server


@pytest.fixture
def wanted(does: Any, tmp_path: Path) -> Wanted:
    name = f"net-{hashlib.sha256(DATA).hexdigest()[:8]}.pth"
    return Wanted("ResNet-50", f"{does.address}/models/{name}", tmp_path / "cache" / name)


@pytest.fixture
def part(wanted: Wanted) -> Path:
    """Where the file grows."""
    return wanted.target.with_name(wanted.target.name + ".part")


class Watcher:
    """A context that keeps what it is told and can be stopped."""

    def __init__(self, stop_when: Callable[[int], bool] = lambda done: False) -> None:
        self.steps: list[tuple[int, int]] = []
        self.stop_when = stop_when
        self.stopped_at = 0.0

    def check(self) -> None:
        if self.stopped_at:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        if self.stop_when(done) and not self.stopped_at:
            self.stopped_at = time.monotonic()
        self.check()

    def partial(self, value: object) -> None:
        raise AssertionError("a download has no partial result")


@pytest.fixture
def watcher() -> type[Watcher]:
    return Watcher


def _get(wanted: Wanted, ctx: Any = None, **options: Any) -> int:
    return download.fetch(wanted, ctx or NullContext(), **(_loopback_only | options))


@pytest.fixture
def get() -> Callable[..., int]:
    """Fetch from the loopback, with short pauses."""
    return _get


@pytest.fixture
def failure() -> Callable[..., ModelError]:
    """Fetch in vain and return what is said of it."""

    def fail(wanted: Wanted, **options: Any) -> ModelError:
        with pytest.raises(ModelError) as caught:
            _get(wanted, **options)
        error = caught.value
        assert error.message.endswith(".") and error.advice, "a sentence, and what to do"
        assert error.message.count(". ") == 0, "one sentence"
        assert not wanted.target.exists(), "nothing bears the name that is not the file"
        return error

    return fail
