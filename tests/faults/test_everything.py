"""All faults in one running program, in an order nobody planned; then it still explains."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from cnnviz_gui.app import incoming
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict

SEED = 20


def image_step(program, fault, folder):
    """Open a faulty file: it gets its sentence and nothing changes, or its pixels."""
    path = folder / fault.name
    path.write_bytes(fault.make())
    before = program.state.selection.image
    program.gallery.open(ImageRef(path=str(path), **dict(fault.options)))
    program.settle()
    notice = program.state.shared.notice
    if fault.error:
        assert fault.error in notice.text
        assert notice.level == "error"
        assert bool(notice.remedy) == bool(fault.offer)
        assert program.state.selection.image == before
    else:
        assert notice is None
        assert program.state.selection.image.path == str(path)


def wrong_class(program):
    program.state.select(target=10**9)
    program.settle()
    program.state.select(target=None)


def empty_clipboard(program):
    QGuiApplication.clipboard().setMimeData(QMimeData())
    program.commands.on_paste()
    assert "no picture" in program.state.shared.notice.text


def null_picture(program):
    mime = QMimeData()
    mime.setImageData(QImage())
    program.commands.take(incoming.read(mime))
    assert "no picture" in program.state.shared.notice.text


def unknown_network(program):
    before = program.state.selection.model
    program.commands.choose_network(ModelRef(name="no such network"))
    program.settle()
    assert program.state.shared.notice.level == "error"
    assert program.state.selection.model == before


def worker_exits(program):
    def fail(request, ctx):
        if isinstance(request, Predict):
            raise SystemExit(1)

    program.meddler.before = fail
    program.commands.on_compute_again()
    program.wait(lambda: program.state.finding("predict").status == "failed")
    program.settle()
    program.meddler.before = lambda request, ctx: None


def worker_gives_up(program):
    def fail(request, ctx):
        raise Cancelled

    program.meddler.before = fail
    program.commands.on_compute_again()
    program.settle()
    program.meddler.before = lambda request, ctx: None


def cancelled_at_once(program):
    program.commands.on_compute_again()
    program.commands.on_cancel_all()
    program.settle()


def refused_address(program):
    program.gallery.fetch("https://localhost/cat.png")
    program.settle()
    assert program.state.shared.notice.level == "error"


def haste(program):
    for _ in range(30):
        program.commands.on_next_picture()
    program.settle()


DESKTOP = [
    wrong_class, empty_clipboard, null_picture, unknown_network, worker_exits, worker_gives_up,
    cancelled_at_once, refused_address, haste,
]  # fmt: skip


@pytest.mark.timeout(600)
def test_after_all_faults_in_random_order_grad_cam_still_works(
    program, image_faults, tmp_path: Path
):
    first = program.state.selection.image
    clean = program.explain()
    program.state.choose_method("attack", "fgsm")  # F5 begins it: one gradient for all its places
    program.state.select(stage="attack")
    steps = [(image_step, (fault, tmp_path)) for fault in image_faults]
    steps += [(step, ()) for step in DESKTOP for _ in range(2)]
    random.Random(SEED).shuffle(steps)
    for step, arguments in steps:
        program.state.share(notice=None)
        step(program, *arguments)
        assert program.window.isVisible()
        assert program.state.shared.start_problem == ""
    program.gallery.open(first)
    program.wait(lambda: program.state.selection.image == first)
    program.settle()
    assert np.array_equal(program.explain(), clean)
