"""What is said of an adversarial picture that was saved. Pure functions."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cnnviz_gui.core import attack_bound
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.plane_requests import SavePlane
from cnnviz_gui.core.request import SaveAdversarial
from cnnviz_gui.core.result import SavedPicture
from cnnviz_gui.core.save_work import (
    CopyDrawing,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
    Step,
)
from cnnviz_gui.state import attack_steps_view, trust
from cnnviz_gui.state.app_state import Notice, SaveAgain
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import ntr, tr

Saving = (
    SaveAdversarial
    | SaveFigure
    | SavePlane
    | SaveFilm
    | SaveDrawing
    | SaveStep
    | SaveNumbers
    | CopyDrawing
)
"""What the worker writes, or draws for the clipboard."""


def said(
    request: SaveAdversarial | SaveStep, saved: SavedPicture, facts: ModelFacts | None
) -> Notice:
    """Return what the file is taken for, read back, and what can be done where it fools no more."""
    if isinstance(request, SaveStep):
        notice = _of_step(request.step, saved)
    else:
        notice = _judged(request, saved, facts)
    text = " ".join(filter(None, (notice.text, _opened(saved), trust.warning(facts))))
    return dataclasses.replace(notice, text=text)


def of_one(step: Step) -> str:
    """Say of a request that it gives more than the picture of one step."""
    return tr("It gives all of the attack; the picture in view is {step}.", step=_name(step))


def stopped(
    request: Saving, facts: ModelFacts | None, dropped: int = 0, *, written: bool = False
) -> Notice:
    """Return what is known of a file whose writing was stopped, and how to go on.

    ``dropped`` files were to be written after it, and are not. ``written`` says that it is there.
    """
    notice = _stopped(request, facts, written=written)
    if not dropped:
        return notice
    rest = ntr(
        "The file that waited for it is not written.",
        "The {count} files that waited for it are not written.",
        dropped,
        count=fmt.count(dropped),
    )
    return dataclasses.replace(notice, text=f"{notice.text} {rest}")


def _stopped(request: Saving, facts: ModelFacts | None, *, written: bool) -> Notice:
    if isinstance(request, CopyDrawing):
        return Notice(tr("The picture was not copied: drawing it was stopped."), "warning")
    name = Path(request.path).name
    if not isinstance(request, SaveAdversarial | SaveStep):
        text = tr("Saving {file} was stopped.", file=name)
        if written:
            text = tr("Saving {file} was stopped too late: the file is there.", file=name)
        return Notice(text, "warning")
    repairs = isinstance(request, SaveAdversarial) and request.repair
    remedy = tr("Repair the file") if repairs else tr("Save it again")
    if written:
        text = tr(
            "{file} is there, but saving it was stopped before it was read back and classified.",
            file=name,
        )
    elif repairs:
        text = tr(
            "Repairing {file} was stopped; the file is as it was and no longer fools.", file=name
        )
    else:
        text = tr("Saving {file} was stopped before it was read back and classified.", file=name)
    return Notice(text, "warning", remedy=remedy, remedy_ref=SaveAgain(request, facts))


def _opened(saved: SavedPicture) -> str:
    """Say what becomes of the file where it is opened as a photograph."""
    if not saved.opened:
        return ""
    best = saved.opened[0]
    return tr("Opened like a photograph it is resized first: {seen}.", seen=_seen(best))


def _seen(score: Score) -> str:
    return f"{score.label} ({fmt.percent(score.probability)})"


def _judged(request: SaveAdversarial, saved: SavedPicture, facts: ModelFacts | None) -> Notice:
    seen = _seen(saved.top[0])
    name = Path(saved.path).name
    if saved.compressed:
        return _of_jpeg(saved, name, seen)
    begin = tr("Saved {file}; read back in 8 bits", file=name)
    if saved.moved:
        repaired = ntr(
            "Saved {file}, repaired: {count} value moved by whole 255ths, still inside the ball."
            " Read back it is seen as {seen}.",
            "Saved {file}, repaired: {count} values moved by whole 255ths, still inside the ball."
            " Read back it is seen as {seen}.",
            saved.moved,
            file=name,
            count=fmt.count(saved.moved),
            seen=seen,
        )
        return Notice(repaired)
    if saved.success:
        return Notice(tr("{saved} it is still seen as {seen}.", saved=begin, seen=seen))
    if not saved.exact_success:
        return Notice(tr("{saved} it is seen as {seen}.", saved=begin, seen=seen))
    lost = tr("{saved} it no longer fools: {seen}", saved=begin, seen=seen)
    if saved.repairable:
        mended = dataclasses.replace(request, path=saved.path, repair=True)
        return Notice(
            f"{lost}. {_exact()}",
            "warning",
            remedy=tr("Repair the file"),
            remedy_ref=SaveAgain(mended, facts),
        )
    why = (
        tr("no 8-bit picture inside the ball was found that does")
        if request.repair
        else tr("the ball holds no other 8-bit picture")
    )
    ball = attack_bound.epsilon_of(request.attack.parameters) is not None
    return Notice(f"{lost}; {why}. {_farther() if ball else _exact()}", "warning")


def _of_step(step: Step, saved: SavedPicture) -> Notice:
    seen = _seen(saved.top[0])
    begin = tr(
        "Saved {file}, {step} of the attack; read back in 8 bits",
        file=Path(saved.path).name,
        step=_name(step),
    )
    if saved.success:
        return Notice(tr("{saved} it fools: {seen}.", saved=begin, seen=seen))
    if saved.exact_success:
        lost = tr("{saved} it no longer fools: {seen}", saved=begin, seen=seen)
        return Notice(f"{lost}.", "warning")
    return Notice(tr("{saved} it is seen as {seen}.", saved=begin, seen=seen))


def _name(step: Step) -> str:
    return attack_steps_view.step_name(step.way, step.at)


def _of_jpeg(saved: SavedPicture, name: str, seen: str) -> Notice:
    """Warn of what compression does, whether or not the picture still fools."""
    far = fmt.of255(saved.norms.linf * 255)
    if saved.success:
        now = tr("Read back it is still seen as {seen}", seen=seen)
    elif saved.exact_success:
        now = tr("Read back it no longer fools: {seen}", seen=seen)
    else:
        now = tr("Read back it is seen as {seen}", seen=seen)
    text = tr(
        "Saved {file} as JPEG (quality 95, 4:4:4), which alters the picture. {now};"
        " it differs by up to {far} from the clean one. Save as PNG to stay in the ball.",
        file=name,
        now=now,
        far=far,
    )
    return Notice(text, "warning")


def _exact() -> str:
    return tr("Save the array{key} to keep it exact.", key=KEYS.hint("save_array"))


def _farther() -> str:
    """Return the same where the ball itself has too little room for an 8-bit picture."""
    return tr(
        "Raise epsilon a little and attack again, or save the array{key}.",
        key=KEYS.hint("save_array"),
    )
