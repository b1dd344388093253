"""Requests for files: what is not there yet is made first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnnviz_gui.core import adversarial_file, carried, run_attack
from cnnviz_gui.core.adversarial_file import Purpose
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.files import save_npy, save_npz, save_png
from cnnviz_gui.core.film_file import save_gif
from cnnviz_gui.core.heatmap_results import SavedFigure
from cnnviz_gui.core.request import SaveAdversarial
from cnnviz_gui.core.result import SavedPicture, frozen
from cnnviz_gui.core.result_files import check_destination
from cnnviz_gui.core.save_results import Drawn
from cnnviz_gui.core.save_work import (
    CopyDrawing,
    Deferred,
    DeferredArrays,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
)
from cnnviz_gui.core.session import Session


def adversarial(request: SaveAdversarial, session: Session, ctx: Context) -> SavedPicture:
    """Write the image that an attack returns; raises as ``adversarial_file.save_adversarial``."""
    result = run_attack.run(request.attack, session, ctx)
    classifier = session.classifier(request.attack.model, ctx)
    told = carried.of(request.attack, session, ctx)
    return adversarial_file.save_adversarial(
        result, request.path, classifier, ctx, repair=request.repair, carried=told
    )


def step(request: SaveStep, session: Session, ctx: Context) -> SavedPicture:
    """Write an image on the way of an attack and judge the file; raises as ``film``."""
    told = carried.of(request.step.of, session, ctx)
    written = _drawn(request.path, request.step.drawing, told, ctx)
    classifier = session.classifier(request.step.of.attack.model, ctx)  # which may take its time
    way, fooled = request.step.way, bool(request.step.way.success[request.step.at])
    return adversarial_file.judged(written, Purpose.on_way(way), fooled, classifier, ctx)


def film(request: SaveFilm, session: Session, ctx: Context) -> SavedFigure:
    """Write an animation.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    check_destination(request.path)
    return SavedFigure(path=str(save_gif(request.path, request.film, ctx)))


def drawing(request: SaveDrawing, session: Session, ctx: Context) -> SavedFigure:
    """Draw a picture and write it; raises as ``film``."""
    told = request.carried
    if request.of is not None and request.replayable:
        told = carried.of(request.of, session, ctx)
    return SavedFigure(path=str(_drawn(request.path, request.drawing, told, ctx)))


def _drawn(path: str, drawing: Deferred, told: bytes, ctx: Context) -> Path:
    check_destination(path, ".png")
    drawn = drawing.make()
    ctx.check()
    return save_png(path, drawn, told)


def copy(request: CopyDrawing, session: Session, ctx: Context) -> Drawn:
    """Draw a picture and return it."""
    drawn = request.drawing.make()
    ctx.check()
    return Drawn(picture=frozen(drawn))


def numbers(request: SaveNumbers, session: Session, ctx: Context) -> SavedFigure:
    """Compute numbers and write them, in an archive with what they are; raises as ``film``."""
    check_destination(request.path)
    made = request.numbers.make()
    ctx.check()
    several = isinstance(request.numbers, DeferredArrays)
    if not several and not request.path.lower().endswith(".npz"):
        return SavedFigure(path=str(save_npy(request.path, made)))
    told = np.array(carried.of(request.of, session, ctx).decode())
    arrays = made if several else {"values": made}
    return SavedFigure(path=str(save_npz(request.path, {**arrays, "request": told})))
