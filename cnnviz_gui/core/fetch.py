"""Fetching one picture that the user asked for from the web."""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cnnviz_gui.core import web
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ImageError, OutputError
from cnnviz_gui.core.files import write_atomically
from cnnviz_gui.texts import tr

MAX_BYTES = 20_000_000
TIMEOUT_SECONDS = 10
_CHUNK = 1 << 16


def is_public(host: str) -> bool:
    """Tell whether every address of ``host`` lies in the public internet."""
    try:
        found = socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(entry[4][0])).is_global for entry in found)


class _Guard(urllib.request.HTTPRedirectHandler):
    """Follow a redirection only to where the first request might have gone."""

    def __init__(self, allowed: Callable[[str], str]) -> None:
        self._allowed = allowed

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        reason = self._allowed(newurl)
        if reason:
            raise ImageError(
                tr("The address leads on to one that is refused: {reason}.", reason=reason)
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_image(
    url: str, folder: str, ctx: Context, *, refuse: Callable[[str], str] | None = None
) -> Path:
    """Fetch a picture into ``folder`` and return its path; its name is the hash of its bytes.

    Parameters
    ----------
    refuse
        Returns why an address is not to be asked, or an empty string; by default only https to
        public hosts is asked, and ``data:`` addresses are decoded.

    Raises
    ------
    ImageError
        Refused, not reachable, an error from the server, or more than 20 MB.
    OutputError
        The folder cannot be made or written to.
    """
    refuse = refuse or _reason
    reason = refuse(url)
    if reason:
        raise ImageError(
            tr("The picture's address is refused: {reason}.", reason=reason),
            tr("Save it and open the file."),
        )
    opener = urllib.request.build_opener(_Guard(refuse))
    opener.addheaders = [("User-Agent", "cnnviz-gui")]
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
            data = _read(response, ctx)
    except urllib.error.HTTPError as error:
        raise ImageError(
            tr("The server answered {code} {reason}.", code=error.code, reason=error.reason),
            tr("Save the picture and open the file."),
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = getattr(error, "reason", error)
        raise ImageError(
            tr("The picture cannot be fetched: {cause}.", cause=cause),
            tr("Check the connection, or open a file."),
        ) from None
    path = Path(folder) / f"web-{hashlib.sha256(data).hexdigest()[:16]}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            tr("The picture cannot be kept: {reason}.", reason=error.strerror),
            tr("Save it and open the file."),
        ) from None
    write_atomically(path, data)
    return path


def _read(response: Any, ctx: Context) -> bytes:
    data = bytearray()
    announced = int(response.headers.get("Content-Length") or 0)
    while max(len(data), announced) <= MAX_BYTES:
        chunk = response.read(_CHUNK)
        data += chunk
        if not chunk:
            break
        ctx.step(len(data), max(announced, len(data)))
    else:
        raise ImageError(tr("The picture is larger than 20 MB."), tr("Save it and open the file."))
    if len(data) < announced:
        raise ImageError(
            tr("The connection broke off before the picture was here."), tr("Try again.")
        )
    return bytes(data)


def _reason(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "data":
        return ""
    if parts.scheme != "https" or not parts.hostname:
        return tr("only https is fetched")
    if web.offline():
        return tr("offline mode is on")
    if not is_public(parts.hostname):
        return tr("{host} is not a public host, or there is no connection", host=parts.hostname)
    return ""
