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
    return f"It gives all of the attack; the picture in view is {_name(step)}."


def stopped(
    request: Saving, facts: ModelFacts | None, dropped: int = 0, *, written: bool = False
) -> Notice:
    """Return what is known of a file whose writing was stopped, and how to go on.

    ``dropped`` files were to be written after it, and are not. ``written`` says that it is there.
    """
    notice = _stopped(request, facts, written=written)
    if not dropped:
        return notice
    rest = "The file" if dropped == 1 else f"The {fmt.count(dropped)} files"
    verb = "is" if dropped == 1 else "are"
    return dataclasses.replace(
        notice, text=f"{notice.text} {rest} that waited for it {verb} not written."
    )


def _stopped(request: Saving, facts: ModelFacts | None, *, written: bool) -> Notice:
    if isinstance(request, CopyDrawing):
        return Notice("The picture was not copied: drawing it was stopped.", "warning")
    name = Path(request.path).name
    if not isinstance(request, SaveAdversarial | SaveStep):
        late = " too late: the file is there" if written else ""
        return Notice(f"Saving {name} was stopped{late}.", "warning")
    repairs = isinstance(request, SaveAdversarial) and request.repair
    remedy = "Repair the file" if repairs else "Save it again"
    if written:
        text = f"{name} is there, but saving it was stopped before it was read back and classified."
    elif repairs:
        text = f"Repairing {name} was stopped; the file is as it was and no longer fools."
    else:
        text = f"Saving {name} was stopped before it was read back and classified."
    return Notice(text, "warning", remedy=remedy, remedy_ref=SaveAgain(request, facts))


def _opened(saved: SavedPicture) -> str:
    """Say what becomes of the file where it is opened as a photograph."""
    if not saved.opened:
        return ""
    best = saved.opened[0]
    return f"Opened like a photograph it is resized first: {_seen(best)}."


def _seen(score: Score) -> str:
    return f"{score.label} ({fmt.percent(score.probability)})"


def _judged(request: SaveAdversarial, saved: SavedPicture, facts: ModelFacts | None) -> Notice:
    seen = _seen(saved.top[0])
    name = Path(saved.path).name
    if saved.compressed:
        return _of_jpeg(saved, f"Saved {name}", seen)
    begin = f"Saved {name}; read back in 8 bits it"
    if saved.moved:
        many = f"{fmt.count(saved.moved)} value{'s' if saved.moved > 1 else ''}"
        return Notice(
            f"Saved {name}, repaired: {many} moved by whole 255ths, still inside the ball."
            f" Read back it is seen as {seen}."
        )
    if saved.success:
        return Notice(f"{begin} is still seen as {seen}.")
    if not saved.exact_success:
        return Notice(f"{begin} is seen as {seen}.")
    if saved.repairable:
        mended = dataclasses.replace(request, path=saved.path, repair=True)
        return Notice(
            f"{begin} no longer fools: {seen}. {_exact()}",
            "warning",
            remedy="Repair the file",
            remedy_ref=SaveAgain(mended, facts),
        )
    why = (
        "no 8-bit picture inside the ball was found that does"
        if request.repair
        else "the ball holds no other 8-bit picture"
    )
    ball = attack_bound.epsilon_of(request.attack.parameters) is not None
    return Notice(
        f"{begin} no longer fools: {seen}; {why}. {_farther() if ball else _exact()}", "warning"
    )


def _of_step(step: Step, saved: SavedPicture) -> Notice:
    seen = _seen(saved.top[0])
    begin = f"Saved {Path(saved.path).name}, {_name(step)} of the attack; read back in 8 bits it"
    if saved.success:
        return Notice(f"{begin} fools: {seen}.")
    if saved.exact_success:
        return Notice(f"{begin} no longer fools: {seen}.", "warning")
    return Notice(f"{begin} is seen as {seen}.")


def _name(step: Step) -> str:
    return attack_steps_view.step_name(step.way, step.at)


def _of_jpeg(saved: SavedPicture, begin: str, seen: str) -> Notice:
    """Warn of what compression does, whether or not the picture still fools."""
    far = fmt.of255(saved.norms.linf * 255)
    if saved.success:
        now = f"Read back it is still seen as {seen}"
    elif saved.exact_success:
        now = f"Read back it no longer fools: {seen}"
    else:
        now = f"Read back it is seen as {seen}"
    return Notice(
        f"{begin} as JPEG (quality 95, 4:4:4), which alters the picture. {now};"
        f" it differs by up to {far} from the clean one. Save as PNG to stay in the ball.",
        "warning",
    )


def _exact() -> str:
    return f"Save the array{KEYS.hint('save_array')} to keep it exact."


def _farther() -> str:
    """Return the same where the ball itself has too little room for an 8-bit picture."""
    array = KEYS.hint("save_array")
    return f"Raise epsilon a little and attack again, or save the array{array}."
