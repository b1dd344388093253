"""Fetching published weights into torch's cache: what is there is whole, or is called ``.part``.

The name of the file holds the beginning of its SHA-256. Nothing bears that name before it has been
checked; what breaks off stays as ``NAME.part`` and is gone on with.
"""

from __future__ import annotations

import dataclasses
import errno
import http.client
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cnnviz_gui.core import web
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ModelError, RequestError
from cnnviz_gui.core.models import checksum
from cnnviz_gui.core.models import download_failures as failures
from cnnviz_gui.core.models.download_failures import Wanted
from cnnviz_gui.core.models.part_file import Busy, PartFile
from cnnviz_gui.core.request import DownloadWeights, Request
from cnnviz_gui.core.result import Downloaded, Result
from cnnviz_gui.texts import tr

PATIENCE = 30.0
"""Seconds without a byte after which the server counts as gone."""
PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each new try after the connection broke and brought nothing new."""
_NEW = 1 << 20
"""Bytes that count as something new."""
_SPARE = 64 << 20
"""Bytes that a download leaves free."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def execute(request: Request, session: object, ctx: Context) -> Result:
    """Answer ``DownloadWeights`` and nothing else: for a thread of its own, without a session.

    Raises
    ------
    ModelError
        The weights did not come; the message says why and what to do.
    Cancelled
        ``ctx`` said so; what has come stays for the next time.
    """
    if not isinstance(request, DownloadWeights):
        raise RequestError(f"Nothing here can execute {type(request).__name__}.")
    began = time.monotonic()
    result = run(request, session, ctx)
    return dataclasses.replace(result, seconds=time.monotonic() - began)


def run(request: DownloadWeights, session: object, ctx: Context) -> Downloaded:
    """Fetch the weights of a network, unless they are here; raises as ``execute``."""
    wanted = _wanted(request.name)
    size = fetch(wanted, ctx, patience=PATIENCE, pauses=PAUSES)
    return Downloaded(name=request.name, path=str(wanted.target), size=size)


def fetch(
    wanted: Wanted,
    ctx: Context,
    *,
    refuse: Callable[[str], str] | None = None,
    patience: float = PATIENCE,
    pauses: tuple[float, ...] = PAUSES,
) -> int:
    """Fetch a file whose name holds its hash; return its size in bytes.

    ``ctx.step`` is told bytes: those of an earlier try count, and the total is what is expected
    until the server tells.

    Parameters
    ----------
    refuse
        Returns why an address is not to be asked, empty where it may be; by default only https is.
    patience
        Seconds without a byte after which the server counts as gone.
    pauses
        Seconds before each new try after the connection broke.

    Raises
    ------
    ModelError, Cancelled
        As ``execute``.
    """
    if not checksum.promised(wanted.target):
        raise failures.unchecked(wanted)
    try:
        if _is_whole(wanted, ctx):
            return wanted.target.stat().st_size
        if web.offline():
            raise failures.offline(wanted)
        wanted.target.parent.mkdir(parents=True, exist_ok=True)
        with PartFile(wanted.target, ctx) as part:
            if _is_whole(wanted, ctx):  # by another process, between the two looks
                part.discard()
                return wanted.target.stat().st_size
            _Download(wanted, part, ctx, refuse or web.refusal, patience, pauses).run()
            checksum.trust(wanted.target)
            return part.size
    except Busy:
        raise failures.busy(wanted) from None
    except OSError as error:
        raise failures.not_written(wanted, error) from error


class _Download:
    """One download into one file."""

    def __init__(
        self,
        wanted: Wanted,
        part: PartFile,
        ctx: Context,
        refuse: Callable[[str], str],
        patience: float,
        pauses: tuple[float, ...],
    ) -> None:
        self._wanted = wanted
        self._part = part
        self._ctx = ctx
        self._refuse = refuse
        self._patience = patience
        self._pauses = pauses
        self._total = 0  # bytes of the whole, once the server has told
        self._tag = ""
        self._began = False  # something came over the line
        self._mended = part.size > 0  # of pieces that came at different times

    def run(self) -> None:
        """Fetch until the file is whole, and give it its name."""
        try:
            self._fetch()
        except _WriteError as error:
            raise self._not_written(error.cause) from error.cause
        self._part.complete()

    def _fetch(self) -> None:
        self._check_space()
        if not self._is_right():  # all may have come before, and only its name not
            self._receive_all()
        if not self._is_right() and self._mended:
            # The pieces may be of different files, or the first one spoilt: the whole anew, once.
            self._begin_anew()
            self._receive_all()
        if not self._is_right():
            self._part.discard()
            raise failures.wrong_hash(self._wanted)

    def _receive_all(self) -> None:
        """Ask until all is here; go on where the connection broke."""
        tries, reached = 0, self._part.size
        while not self._receive():
            reached = min(reached, self._part.size)  # less when it was begun anew
            if self._part.size >= reached + _NEW:
                tries, reached = 0, self._part.size
            if tries == len(self._pauses):
                raise failures.cut(self._wanted, self._part.size, self._total)
            self._pause(self._pauses[tries])
            tries += 1

    def _receive(self) -> bool:
        """Ask once; tell whether all is here. False: the connection broke, or begin anew."""
        self._tell()
        try:
            reason = self._refuse(self._wanted.url)
            if reason:
                raise web.Refused(reason)
            with web.Line(
                self._wanted.url,
                self._headers(),
                refuse=self._refuse,
                patience=self._patience,
                wait=self._tell,
            ) as line:
                return self._take(line)
        except web.Refused as error:
            raise failures.refused(self._wanted, str(error)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            if failures.was_cut(error):
                return False
            if failures.was_silent(error):
                raise failures.stalled(
                    self._wanted, self._patience, self._part.size, began=self._began
                ) from None
            raise failures.unreachable(self._wanted, error, self._part.size) from error

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self._part.size:
            headers["Range"] = f"bytes={self._part.size}-"
            if self._tag:
                headers["If-Range"] = self._tag
        return headers

    def _take(self, line: web.Line) -> bool:
        head = line.head()
        if head.status == 416 and self._part.size:
            if head.total == self._part.size:
                return True
            return self._begin_anew()  # the file there is shorter than what is here
        if head.status not in (200, 206):
            raise failures.answered(self._wanted, head.status, self._part.size)
        if head.kind in ("text/html", "application/xhtml+xml"):
            raise failures.web_page(self._wanted)
        if head.status == 206 and not self._fits(head):
            if not self._part.size:
                raise failures.answered(self._wanted, head.status, 0)
            return self._begin_anew()
        self._mended = head.status == 206
        self._tag = head.tag
        self._total = head.total or 0
        self._check_space(0 if head.status == 200 else self._part.size)
        self._take_body(line, fresh=head.status == 200)
        whole = self._total or self._wanted.expected - 1024  # what is expected is rounded
        return self._part.size >= whole or self._is_right()

    def _fits(self, head: web.Head) -> bool:
        same = not self._total or head.total in (None, self._total)
        return head.start == self._part.size and same

    def _take_body(self, line: web.Line, *, fresh: bool) -> None:
        most = 2 * max(self._total, self._wanted.expected) or sys.maxsize
        for piece in line.pieces():
            if fresh and piece.lstrip()[:1] == b"<":
                raise failures.web_page(self._wanted)
            with _writing():
                if fresh and self._part.size:  # the server does not know how to go on
                    self._part.restart()
                self._part.append(piece)
            fresh = False
            self._began = True
            self._tell()
            if self._part.size > most:
                break  # a body without end; the hash will say that it is not the file

    def _begin_anew(self) -> bool:
        with _writing():
            self._part.restart()
        self._total = 0
        self._tag = ""
        return False

    def _is_right(self) -> bool:
        return self._part.sha256.startswith(checksum.promised(self._wanted.target))

    def _tell(self) -> None:
        if web.offline():  # chosen meanwhile
            raise failures.offline(self._wanted)
        size = self._part.size
        self._ctx.step(size, max(size, self._total or self._wanted.expected))

    def _pause(self, seconds: float) -> None:
        until, never = time.monotonic() + seconds, threading.Event()
        while (left := until - time.monotonic()) > 0:
            self._tell()
            never.wait(min(web.POLL_SECONDS, left))

    def _check_space(self, here: int | None = None) -> None:
        here = self._part.size if here is None else here
        needed = max(0, (self._total or self._wanted.expected) - here)
        try:
            free = shutil.disk_usage(self._wanted.target.parent).free
        except OSError:  # a file system that does not tell: writing will show
            return
        # What is here of a file that is sent anew is given back before the new one is written.
        free += self._part.size - here
        if free < needed + _SPARE:
            raise failures.no_space(self._wanted, needed, free)

    def _not_written(self, error: OSError) -> ModelError:
        if error.errno not in _FULL:
            return failures.not_written(self._wanted, error)
        written = self._part.size
        self._part.discard()
        return failures.disk_full(self._wanted, written)


class _WriteError(Exception):
    """The disk and not the line failed."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _WriteError(error) from None


def _is_whole(wanted: Wanted, ctx: Context) -> bool:
    try:
        return checksum.holds(wanted.target, ctx)
    except FileNotFoundError:
        return False


def _wanted(name: str) -> Wanted:
    from cnnviz_gui.core.models import catalogue, names, own

    ours = own.find(name)
    if ours is not None:
        raise ModelError(
            tr("The weights of {title} do not come from the web.", title=ours.title),
            tr("Install them with: {install}", install=ours.install)
            if ours.install
            else tr("They are here already."),
        )
    if name not in catalogue.torchvision_names():
        raise catalogue.unknown(name)
    member = catalogue.weights(name)
    if member is None:
        raise ModelError(
            tr("No weights of {title} are published.", title=names.title(name)),
            tr("Use {name}:untrained.", name=name),
        )
    return Wanted(
        title=names.title(name),
        url=str(member.url),
        target=catalogue.weights_file(member),
        expected=round(member.meta.get("_file_size", 0) * (1 << 20)),
    )
