"""Files of what is made first: pictures, numbers, animations."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core import carried
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, OutputError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Predict
from cnnviz_gui.core.save_work import (
    Deferred,
    DeferredArrays,
    Film,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
    Step,
)
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.tasks import TASKS

OF = Predict(model=ModelRef(name="net"), image=ImageRef(path="a.png"))
PICTURE = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
QUIET = NullContext()


class Stopped(NullContext):
    """The user stops while something is made."""

    stopped = False

    def check(self) -> None:
        if self.stopped:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        self.check()


def requests(path, make, numbers=None):
    return (
        SaveDrawing(path=f"{path}.png", drawing=Deferred(make), of=OF),
        SaveFilm(path=f"{path}.gif", film=Film((make, make)), of=OF),
        SaveNumbers(path=f"{path}.npy", numbers=Deferred(numbers or make), of=OF),
    )


@pytest.fixture(scope="module")
def session():
    return Session()


def test_what_is_made_is_in_the_file(session, tmp_path):
    for request in requests(tmp_path / "a", lambda: PICTURE):
        saved = execute(request, session, QUIET)
        assert saved.path == request.path and type(request).task not in TASKS
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), PICTURE)
    assert np.array_equal(np.load(tmp_path / "a.npy"), PICTURE)
    with Image.open(tmp_path / "a.gif") as film:
        assert film.size == (8, 6)


def test_several_arrays_are_an_archive(session, tmp_path):
    given = DeferredArrays.of({"a": PICTURE, "b": np.ones(2)})
    saved = execute(SaveNumbers(path=str(tmp_path / "a.npz"), numbers=given, of=OF), session, QUIET)
    with np.load(saved.path) as archive:
        assert set(archive) == {"a", "b", "request"}
        assert carried.read(str(archive["request"]).encode()).request == OF


def test_one_array_in_an_archive_says_what_it_is(session, tmp_path):
    wanted = SaveNumbers(path=str(tmp_path / "a.NPZ"), numbers=Deferred(lambda: PICTURE), of=OF)
    saved = execute(wanted, session, QUIET)
    assert saved.path == wanted.path
    with np.load(saved.path) as archive:
        assert np.array_equal(archive["values"], PICTURE)
        assert carried.read(str(archive["request"]).encode()).request == OF


def test_a_step_is_in_its_file_before_the_network_is_opened(session, tmp_path, monkeypatch):
    def stopped(model, ctx):
        raise Cancelled

    monkeypatch.setattr(session, "classifier", stopped)
    asked = AttackSteps(
        attack=Attack(model=OF.model, image=OF.image, method="pgd", parameters=Params())
    )
    step = Step(asked, None, 0, Deferred.of(PICTURE))
    with pytest.raises(Cancelled):
        execute(SaveStep(path=str(tmp_path / "a.png"), step=step), session, QUIET)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), PICTURE)


def test_what_cannot_be_written_is_not_made_first(session, tmp_path):
    never = lambda: pytest.fail("made")  # noqa: E731
    for request in requests(tmp_path / "gone" / "a", never):
        with pytest.raises(OutputError, match="gone is not a folder"):
            execute(request, session, QUIET)


def test_a_full_disk_is_one_sentence_and_leaves_nothing(session, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for request in requests(tmp_path / "a", lambda: PICTURE):
        with pytest.raises(OutputError, match="the disk is full") as failed:
            execute(request, session, QUIET)
        assert failed.value.advice == "Free some space, or choose another disk."
    assert list(tmp_path.iterdir()) == []


def test_what_is_stopped_while_it_is_made_leaves_nothing(session, tmp_path):
    def make():
        context.stopped = True
        return PICTURE

    for request in requests(tmp_path / "a", make):
        context = Stopped()
        with pytest.raises(Cancelled):
            execute(request, session, context)
    assert list(tmp_path.iterdir()) == []
