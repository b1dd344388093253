"""A body from a web server, read so that whoever waits for it can leave at any moment.

Looking up a name, a handshake and a silent server can each hold a thread for half a minute, and no
socket timeout is both short enough to cancel by and long enough for a slow line. So a thread of its
own does what blocks, and the one that computes looks into a queue.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from cnnviz_gui.texts import tr

POLL_SECONDS = 0.04
_PIECE = 1 << 18
_PIECES_AHEAD = 16
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")

_offline = False


def set_offline(on: bool) -> None:
    """Let nothing in this process use the network, or allow it again."""
    global _offline
    _offline = on


def offline() -> bool:
    """Tell whether the network is not to be used."""
    return _offline


class Refused(Exception):
    """An address is not to be asked; the text says why."""


def refusal(url: str) -> str:
    """Return why an address is not to be asked, empty where it may be."""
    parts = urlsplit(url)
    return "" if parts.scheme == "https" and parts.hostname else tr("only https is fetched")


@dataclass(frozen=True, slots=True)
class Head:
    """What a server says before the body."""

    status: int
    kind: str
    """Content type, lower case, without its parameters."""
    start: int
    """Place of the body's first byte in the whole."""
    total: int | None
    """Bytes of the whole; None where the server does not tell."""
    tag: str
    """Names this state of the file, for ``If-Range``; empty where nothing does."""


class Line:
    """One request and its answer; close it, or use it in a ``with``.

    Parameters
    ----------
    headers
        Sent with the request.
    refuse
        Returns why an address is not to be asked, empty where it may be; asked of redirections.
    patience
        Seconds without a byte after which the server counts as gone.
    wait
        Called every ``POLL_SECONDS`` while nothing comes; may raise.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        refuse: Callable[[str], str],
        patience: float,
        wait: Callable[[], None],
    ) -> None:
        self._request = urllib.request.Request(url, headers={"User-Agent": "cnnviz-gui", **headers})
        self._refuse = refuse
        self._patience = patience
        self._wait = wait
        self._items: queue.Queue[Head | bytes | BaseException | None] = queue.Queue(_PIECES_AHEAD)
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        # A daemon: one that hangs in the look-up of a name must not keep the program from ending.
        threading.Thread(target=self._work, name="web", daemon=True).start()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the thread ends by itself."""
        self._closed.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it may be closed already
                # that of SSLSocket would first drop the key that the thread is reading with
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def head(self) -> Head:
        """Wait for the answer.

        Raises
        ------
        Refused
            The server leads on to an address that is refused.
        TimeoutError
            Nothing came for ``patience`` seconds.
        OSError, http.client.HTTPException, ValueError
            There is no connection, or what came is not HTTP. An answer that is an error is none.
        """
        found = self._next()
        assert isinstance(found, Head)
        return found

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes; raises as ``head``. An early end looks like an end."""
        while isinstance(piece := self._next(), bytes):
            yield piece

    def _next(self) -> Head | bytes | None:
        began = time.monotonic()
        while True:
            try:
                item = self._items.get(timeout=POLL_SECONDS)
                break
            except queue.Empty:
                self._wait()
                if time.monotonic() - began > self._patience:
                    raise TimeoutError from None
        if isinstance(item, BaseException):
            raise item
        return item

    def _work(self) -> None:
        try:
            with self._answer() as response:
                self._put(_head(response))
                while piece := response.read1(_PIECE):
                    self._put(piece)
            self._put(None)
        except BaseException as error:
            with contextlib.suppress(_HungUp):
                self._put(error)

    def _answer(self) -> Any:
        opener = urllib.request.build_opener(
            _Guard(self._refuse), _Http(self._remember), _Https(self._remember)
        )
        try:
            return opener.open(self._request, timeout=self._patience)
        except urllib.error.HTTPError as error:
            return error  # an answer like any other, with head and body

    def _remember(self, connected: socket.socket) -> None:
        self._socket = connected
        if self._closed.is_set():
            raise _HungUp

    def _put(self, item: Head | bytes | BaseException | None) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._items.put(item, timeout=POLL_SECONDS)
                return
        raise _HungUp


class _HungUp(Exception):
    """Nobody waits for the answer any more."""


class _Guard(urllib.request.HTTPRedirectHandler):
    """Follow a redirection only to where the first request might have gone."""

    def __init__(self, refuse: Callable[[str], str]) -> None:
        self._refuse = refuse

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        from cnnviz_gui.core.fetch import is_public

        old, new = urlsplit(req.full_url).hostname or "", urlsplit(newurl).hostname or ""
        reason = self._refuse(newurl)
        if not reason and old != new and is_public(old) and not is_public(new):
            reason = tr("{new} is not a public host", new=new)
        if reason:
            raise Refused(reason)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _remembering(
    kind: type[http.client.HTTPConnection], remember: Callable[[socket.socket], None]
) -> type[http.client.HTTPConnection]:
    """Return a kind of connection that tells its socket, so that another thread can shut it."""

    class Connection(kind):  # type: ignore[misc, valid-type]  # the base is a parameter
        def connect(self) -> None:
            super().connect()
            remember(self.sock)

    return Connection


class _Http(urllib.request.HTTPHandler):
    def __init__(self, remember: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._connection = partial(_remembering, http.client.HTTPConnection, remember)

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(self._connection(), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, remember: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._connection = partial(_remembering, http.client.HTTPSConnection, remember)

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(self._connection(), req)


def _head(response: Any) -> Head:
    headers = response.headers
    start, total = 0, _whole(headers.get("Content-Length"))
    if response.status != 200:
        found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        start = int(found[1] or 0) if found else -1
        total = _whole(found[2]) if found else None
    # A weak tag promises the same meaning, not the same bytes.
    tag = headers.get("ETag", "")
    return Head(
        status=response.status,
        kind=headers.get_content_type(),
        start=start,
        total=total,
        tag=headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
