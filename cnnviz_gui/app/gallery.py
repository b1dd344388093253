"""The pictures at hand: how they come in, and which one is looked at.

A picture enters only by being read: until the worker has read it whole, the one in use stays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnviz_gui.core.request import (
    FetchImage,
    ImageRef,
    ListImages,
    OpenImage,
    Request,
    Thumbnails,
)
from cnnviz_gui.core.result import (
    FetchedImage,
    ListedImages,
    OpenedImage,
    Result,
    ThumbnailSheet,
)
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state import opened_together
from cnnviz_gui.state import pictures_at_hand as at_hand
from cnnviz_gui.state.app_state import FOLLOWS, AppState, Notice, StripEntry
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.state.labels import describe
from cnnviz_gui.texts import tr

REMEDIES: dict[str, tuple[str, Callable[[ImageRef], ImageRef]]] = {
    "partial": (tr("Open what is there"), lambda ref: dataclasses.replace(ref, partial=True)),
    "reduced": (tr("Open reduced"), lambda ref: dataclasses.replace(ref, reduced=True)),
    "reload": (tr("Reload"), lambda ref: dataclasses.replace(ref, sha256="")),
}


_REQUEST = ".json"
"""Files that end so hold a request, and no picture."""
_AT_ONCE = 16
"""So many thumbnails, about those in sight, are read before anything long goes on; a folder may
hold thousands, and the others wait until there is nothing else to do."""


class Gallery(QObject):
    """Opens pictures and keeps the strip of those at hand."""

    opened = Signal(object)
    """A picture was opened: its path, for the list of recent ones."""

    told = Signal(object)
    """What was opened last, as ``OpenedImage``, says what it was made of."""
    request_wanted = Signal(object)
    """A file that holds a request is to be opened: its path."""

    def __init__(self, state: AppState, engine: Engine, spool: Path) -> None:
        super().__init__()
        self._state = state
        self._engine = engine
        self._spool = spool
        self._choices = 0
        """How often the user chose what to look at; a slow answer to an older choice is late."""
        self.wanted = ""
        """Path of the picture that was last chosen, read or not; empty while it is being found."""
        self._listing: tuple[str, ...] = ()
        self._listed_for = self._fetched_for = 0
        self._new = ""
        """Path of the picture that came in last; what it carries is of interest once."""
        self._follows = False
        self._stepping = 0
        """Which way the user steps to ``wanted``, and on from it if it cannot be read; 0: none."""
        self._counted: tuple[ListedImages, Notice] | None = None
        """What was opened together last and what was said of it, until it is known how many of
        them can be read."""
        self._unsaid: ListedImages | None = None
        """What was opened together last, while nothing is said of it: the first is being read."""
        self._beside: Notice | None = None
        """What was said of it beside an error, until something else is opened."""

    def add(self, paths: Sequence[str], *, first: bool = False, follows: bool = False) -> None:
        """Put pictures on the strip, at its end or before all others, without opening them.

        ``follows`` where they come with another choice of the user's, such as a network.
        """
        known = {entry.ref.path for entry in self._state.shared.strip}
        new = [path for path in dict.fromkeys(paths) if path not in known]
        entries = tuple(StripEntry(ImageRef(path=path), Path(path).name) for path in new)
        strip = at_hand.doubted(self._state.shared.strip, set(paths))
        also = (FOLLOWS,) if follows else ()
        self._state.share(*also, strip=entries + strip if first else strip + entries)
        self._make_thumbnails()

    def open_paths(self, paths: Sequence[str]) -> None:
        """Open files and the pictures in folders: the first at once, the rest on the strip.

        What is a folder is found out by the worker: a drive that sleeps would stop the window.
        """
        requests = [path for path in paths if path.lower().endswith(_REQUEST)]
        paths = [path for path in paths if path not in requests]
        if requests:
            self.request_wanted.emit(requests[0])
        if paths:
            self._read_by_now()
            self._choose()
            self.wanted = ""
            self._listed_for = self._choices
            # The lane holds one job: paths that still wait are asked for again, behind the new.
            self._listing = tuple(dict.fromkeys((*paths, *self._listing)))
            self._submit("files", ListImages(paths=self._listing))

    def _read_by_now(self) -> None:
        """Take away what was said of what was opened before."""
        self._state.share(notice=None)
        if self._beside is not None:
            self._state.dismiss(self._beside)
            self._beside = None

    def _choose(self) -> None:
        """Note another choice; what was not said yet of the one before is said now."""
        self._choices += 1
        self._say_opened()

    def open(self, ref: ImageRef) -> None:
        """Open one picture because the user wishes it: what was said before is read by now."""
        self._read_by_now()
        self.bring(ref)

    def bring(self, ref: ImageRef, *, follows: bool = False) -> None:
        """Open one picture that the program chose; what is being said stays on the screen.

        ``follows`` where it comes with another choice of the user's, such as a network.
        """
        self._follows = follows
        self._stepping = 0
        self._choose()
        self.wanted = ref.path
        if ref != self._state.selection.attack_awaited:
            self._state.select(attack_awaited=None)
        self._state.share(pending_image=Path(ref.path).name)
        self._submit("image", OpenImage(image=ref))

    def put(self, ref: ImageRef) -> None:
        """Make ready for a picture that was open before: what is being read comes too late."""
        self.read_no_more()
        self.wanted = ref.path
        if all(entry.ref.path != ref.path for entry in self._state.shared.strip):
            self.add([ref.path])

    def read_no_more(self) -> None:
        """Take nothing of what is being read: it comes too late."""
        self._choose()
        self.wanted = ""
        self._engine.forget("image")
        self._state.share(pending_image="")

    def fetch(self, url: str) -> None:
        """Fetch a picture from the web and open it. Only when the user has agreed."""
        self._read_by_now()
        self._choose()
        self.wanted = ""
        self._fetched_for = self._choices
        self._submit("fetch", FetchImage(url=url, folder=str(self._spool)))

    def step(self, by: int) -> None:
        """Open the next or the previous picture of the strip that can be read."""
        strip, image = self._state.shared.strip, self._state.selection.image
        at = at_hand.place_of(strip, image)
        at = len(strip) if at < 0 and by < 0 else at
        entry = at_hand.following(strip, at, by, around=True)
        if entry is not None:
            self.open(entry.ref)
            self._stepping = by

    def _step_over(self, ref: ImageRef) -> None:
        """Go on from a picture that could not be read, if the user only came by it."""
        strip, by = self._state.shared.strip, self._stepping
        at = at_hand.place_of(strip, ref)
        if not by or ref.path != self.wanted or at < 0:
            return
        entry = at_hand.following(strip, at, by, around=True)
        image = self._state.selection.image
        if entry is not None and (image is None or entry.ref.path != image.path):
            self.bring(entry.ref)
            self._stepping = by

    def lay_out(self, refs: Sequence[ImageRef]) -> None:
        """Let the strip hold these pictures, and no others."""
        here = self._state.shared.strip
        # One that was not read when it was noted may be by now.
        known = {dataclasses.replace(e.ref, sha256=""): e for e in here} | {e.ref: e for e in here}
        entries = (known.get(ref) or StripEntry(ref, Path(ref.path).name) for ref in refs)
        self._state.share(strip=tuple(entries))
        self._make_thumbnails()

    def remove(self, ref: ImageRef) -> None:
        """Take a picture off the strip that came with a network; the file stays."""
        strip = tuple(e for e in self._state.shared.strip if e.ref.path != ref.path)
        self._state.share(FOLLOWS, strip=strip)

    def on_partial(self, request: Request, value: Result) -> None:
        """Take thumbnails as they come."""
        if isinstance(value, ThumbnailSheet):
            self._take_thumbnails(value)

    def on_finished(self, request: Request, result: Result) -> None:
        """Take what was found out about pictures."""
        match result:
            case OpenedImage() if isinstance(request, OpenImage):
                self._take(request.image, result)
            case ListedImages():
                stays = self._listed_for == self._choices and self._show_folder(request, result)
                self._take_list(result, stays=stays)
            case FetchedImage():
                if self._fetched_for == self._choices:
                    self._new = result.path
                    self.bring(ImageRef(path=result.path))
                else:
                    self.add([result.path])
            case ThumbnailSheet():
                self._take_thumbnails(result)
                self._make_thumbnails(but=getattr(request, "images", ()))

    def on_failed(self, request: Request, problem: Problem) -> None:
        """Say why a picture cannot be opened, and what can be done; the one in use stays."""
        if not isinstance(request, OpenImage | ListImages | FetchImage):
            return
        if isinstance(request, ListImages):
            self._listing = ()
        elif isinstance(request, OpenImage):
            self._await_no_more(request.image)
        text = f"{problem.message} {problem.advice}".strip()
        label, change = REMEDIES.get(problem.offer, ("", None))
        ref = change(request.image) if change and isinstance(request, OpenImage) else None
        notice = Notice(text, "error", problem.details, label, ref)
        if isinstance(request, OpenImage):
            strip = at_hand.failed(self._state.shared.strip, request.image, text)
            self._state.share(strip=strip)
            self._say_opened(stays=True)
        self._state.share(pending_image="", notice=notice)
        if isinstance(request, OpenImage):
            self._count_again()
            self._step_over(request.image)

    def on_stopped(self, request: Request) -> None:
        """Note that the user stopped the reading."""
        if isinstance(request, OpenImage):
            self._await_no_more(request.image)
            self._state.share(pending_image="")
            self._say_opened()
        elif isinstance(request, ListImages):
            self._listing = ()

    def _take(self, asked: ImageRef, opened: OpenedImage) -> None:
        ref = dataclasses.replace(asked, sha256=opened.sha256)
        size = f"{opened.width} × {opened.height}"
        caption = " · ".join((size, *opened.notes))
        entry = StripEntry(ref, Path(ref.path).name, caption, opened.thumbnail)
        strip = self._state.shared.strip
        if any(e.ref.path == ref.path for e in strip):
            strip = tuple(entry if e.ref.path == ref.path else e for e in strip)
        else:
            strip = (*strip, entry)
        self._state.share(strip=strip, pending_image="")
        more = {"attack_started": True} if asked == self._state.selection.attack_awaited else {}
        self._await_no_more(asked)
        choose = self._state.follow if self._follows else self._state.select
        choose(image=ref, **more)
        self.opened.emit(ref.path)
        self._say_opened()
        new, self._new = asked.path == self._new, ""
        if new and (opened.carried is not None or opened.carried_problem):
            self.told.emit(opened)

    def _await_no_more(self, ref: ImageRef) -> None:
        """Begin no attack on a picture when it comes into use later."""
        if ref == self._state.selection.attack_awaited:
            self._state.select(attack_awaited=None)

    def _take_list(self, listed: ListedImages, *, stays: bool) -> None:
        self._listing = ()
        image = self._state.selection.image
        looked_at = stays and image is not None
        if not looked_at:  # a folder that is only looked at is not at hand, as one to search is not
            self.add(listed.paths)
        if self._listed_for == self._choices:
            if stays and image is not None:
                self.wanted = image.path
            elif listed.paths:
                self._new = listed.paths[0]
                self.bring(ImageRef(path=listed.paths[0]))
            elif len(listed.skipped) == 1:
                # Reading it is what finds out, in a sentence, what is wrong with it.
                self.bring(ImageRef(path=listed.skipped[0][0]))
                return
        if len(listed.paths) == 1 and not listed.skipped:
            return
        if looked_at:
            self._state.share(notice=opened_together.found(listed))
            return
        self._unsaid = listed
        if not listed.paths or self.wanted != listed.paths[0]:
            self._say_opened()

    def _say_opened(self, *, stays: bool = False) -> None:
        """Say what became of what was opened together: its first picture is read, or given up.

        ``stays`` where something else is told right after it.
        """
        if self._unsaid is None:
            return
        listed, self._unsaid = self._unsaid, None
        strip = self._state.shared.strip
        known = at_hand.known(strip, listed.paths)
        bad = at_hand.unreadable(strip, listed.paths) if known else ()
        summary = opened_together.summary(listed, known=known, bad=bad)
        notice = dataclasses.replace(summary, stays=stays)
        self._beside = notice if stays else None
        self._state.share(notice=notice)
        self._counted = None if known else (listed, notice)

    def _show_folder(self, request: Request, listed: ListedImages) -> bool:
        """Let the maps of a folder that was opened alone be looked at, or its attacks.

        Returns whether the picture in use stays: where folders were looked at already, another was
        asked for, and no picture.
        """
        alone = isinstance(request, ListImages) and request.paths == listed.folders
        if not alone or len(listed.folders) != 1 or not listed.paths:
            return False
        attack = self._state.selection.stage == "attack"
        stage, field = ("attack", "attack_view") if attack else ("heatmaps", "heatmap_view")
        display = self._state.display
        stays = stage == self._state.selection.stage and getattr(display, field) == "folder"
        self._state.show(**{field: "folder"}, folder_words="", folder_class=None)
        self._state.select(stage=stage, folder=listed.folders[0])
        return stays

    def _make_thumbnails(self, but: Sequence[ImageRef] = ()) -> None:
        """Ask for those that are missing, ``but`` for what was just tried."""
        strip, image = self._state.shared.strip, self._state.selection.image
        missing = tuple(ref for ref in at_hand.to_read(strip, image) if ref not in but)
        if missing:
            wanted = missing if but else missing[:_AT_ONCE]
            behind = "device" if but else ""
            self._submit("thumbnails", Thumbnails(images=wanted), behind=behind)

    def _take_thumbnails(self, sheet: ThumbnailSheet) -> None:
        before = self._state.shared.strip
        strip = at_hand.with_thumbnails(before, sheet)
        if any(new is not old for new, old in zip(strip, before, strict=True)):
            self._state.share(strip=strip)
            self._count_again()

    def _count_again(self) -> None:
        """Once it is known of all that were opened together, say how many cannot be read."""
        strip, newest = self._state.shared.strip, self._state.shared.notice
        if self._counted is None or not at_hand.known(strip, self._counted[0].paths):
            return
        (listed, said), self._counted = self._counted, None
        bad = at_hand.unreadable(strip, listed.paths)
        if bad and (newest is None or newest is said):
            self._state.share(notice=opened_together.summary(listed, known=True, bad=bad))

    def _submit(self, lane: str, request: Request, *, behind: str = "") -> None:
        label = describe(request, self._state.shared)
        self._engine.submit(lane, request, label, behind=behind)
