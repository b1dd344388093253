"""What can keep weights from coming, each in one sentence with what to do about it. No torch."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.numbers import file_size

_CUT = (ConnectionError, http.client.IncompleteRead, ssl.SSLEOFError)
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Published weights: what they are called, where they come from and where they belong."""

    title: str
    """Of the network."""
    url: str
    target: Path
    expected: int = 0
    """Bytes as far as they are known beforehand; 0 where they are not."""

    @property
    def host(self) -> str:
        """The server that is asked."""
        return urlsplit(self.url).hostname or "the server"

    @property
    def by_hand(self) -> str:
        """How to do without the download."""
        return f"or fetch {self.url} by another way and put it into {self.target.parent}."


def was_cut(error: Exception) -> bool:
    """Tell whether a connection that stood broke, so that another may go on from there."""
    cause = _cause(error)
    return isinstance(cause, _CUT) and not isinstance(cause, ConnectionRefusedError)


def was_silent(error: Exception) -> bool:
    """Tell whether nothing came for too long."""
    return isinstance(_cause(error), TimeoutError)


def unchecked(wanted: Wanted) -> ModelError:
    """Return what is said of a file whose name promises nothing."""
    return ModelError(
        f"The weights of {wanted.title} could not be checked: {wanted.target.name} has no checksum "
        "in its name.",
        f"Fetch {wanted.url} yourself and put it into {wanted.target.parent}.",
    )


def offline(wanted: Wanted) -> ModelError:
    """Return what offline mode says."""
    return ModelError(
        f"The weights of {wanted.title} are not fetched: offline mode is on.",
        f"Switch it off, {wanted.by_hand}",
    )


def no_space(wanted: Wanted, needed: int, free: int) -> ModelError:
    """Return what is said before a download for which there is no room."""
    return ModelError(
        f"There is no room for the weights of {wanted.title}: {file_size(needed)} are needed and "
        f"{file_size(free)} are free on the disk of {wanted.target.parent}.",
        "Free some space, or choose another cache folder.",
    )


def disk_full(wanted: Wanted, written: int) -> ModelError:
    """Return what is said when the disk filled up on the way."""
    return ModelError(
        f"The disk is full: {file_size(written)} of the weights of {wanted.title} had come and "
        "were removed again.",
        "Free some space, or choose another cache folder; nothing else in it was touched.",
    )


def busy(wanted: Wanted) -> ModelError:
    """Return what is said when another process is at it."""
    return ModelError(
        f"The weights of {wanted.title} are being fetched by another window already.",
        "Wait until it is done; then they are here for both.",
    )


def stalled(wanted: Wanted, seconds: float, size: int, *, began: bool) -> ModelError:
    """Return what is said of a server that is silent."""
    did = "sends nothing more" if began else "does not answer"
    return ModelError(
        f"{wanted.host} {did}: nothing came for {seconds:.0f} seconds.",
        _kept("Check the connection and try again", wanted, size),
    )


def cut(wanted: Wanted, size: int, total: int) -> ModelError:
    """Return what is said when the connection broke again and again."""
    if not size:
        return ModelError(
            f"The connection to {wanted.host} breaks off again and again before anything came.",
            f"Check the connection, {wanted.by_hand}",
        )
    of = f"{file_size(size)} of {file_size(total)}" if total else file_size(size)
    return ModelError(
        f"The connection to {wanted.host} broke off several times: {of} of the weights of "
        f"{wanted.title} are here.",
        "Try again: the download goes on from there.",
    )


def web_page(wanted: Wanted) -> ModelError:
    """Return what is said of HTML in place of weights."""
    return ModelError(
        f"A web page came in place of the weights of {wanted.title}: this network wants a sign-in "
        "first, or blocks the download.",
        f"Open a web page in a browser and sign in, {wanted.by_hand}",
    )


def wrong_hash(wanted: Wanted) -> ModelError:
    """Return what is said of a file that is not the published one."""
    return ModelError(
        f"What {wanted.host} sent is not the published file: {wanted.target.name} would not have "
        "the checksum that its name promises, and was removed.",
        "Try again; if it happens again, something on the way alters files: use another network.",
    )


def answered(wanted: Wanted, status: int, size: int) -> ModelError:
    """Return what is said of an answer that is an error."""
    said = http.client.responses.get(status, "an unknown answer")
    if status in (404, 410):
        return ModelError(
            f"The weights of {wanted.title} are no longer at their address: {wanted.host} answered "
            f"{status} {said}.",
            "A newer torchvision may know where they are: "
            "python -m pip install --upgrade torch torchvision",
        )
    if status == 407:
        return _proxy(wanted, f"it wants a password ({status} {said})")
    if status in (401, 403, 451):
        return ModelError(
            f"{wanted.host} refuses to send the weights of {wanted.title}: it answered {status} "
            f"{said}.",
            f"A proxy or the country may be the reason; use another network, {wanted.by_hand}",
        )
    if status == 429 or status >= 500:
        return ModelError(
            f"{wanted.host} cannot send the weights of {wanted.title} now: it answered {status} "
            f"{said}.",
            _kept("Try again in some minutes", wanted, size),
        )
    return ModelError(
        f"{wanted.host} did not send the weights of {wanted.title}: it answered {status} {said}.",
        f"Try again later, {wanted.by_hand}",
    )


def refused(wanted: Wanted, reason: str) -> ModelError:
    """Return what is said of an address that is not to be asked."""
    return ModelError(
        f"The weights of {wanted.title} are not fetched from where the server leads: {reason}.",
        f"Use another network, {wanted.by_hand}",
    )


def unreachable(wanted: Wanted, error: Exception, size: int) -> ModelError:
    """Return what is said when no connection came about."""
    cause = _cause(error)
    tunnel = re.search(r"Tunnel connection failed: (.*)", str(cause))
    if tunnel:
        return _proxy(wanted, f"it answered {tunnel[1].strip()}")
    if isinstance(cause, ssl.SSLError):
        return _insecure(wanted, cause)
    if _proxy_of(wanted):
        return _proxy(wanted, _reason(cause))
    if isinstance(cause, socket.gaierror):
        return ModelError(
            f"{wanted.host} is not found: there is no connection to the internet, or its name "
            "server does not answer.",
            _kept("Check the connection and try again", wanted, size),
        )
    if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
        return ModelError(
            f"{wanted.host} cannot be reached: there is no connection to the internet.",
            _kept("Check the connection and try again", wanted, size),
        )
    if isinstance(cause, http.client.HTTPException):
        return ModelError(
            f"What answers for {wanted.host} does not speak HTTP: {_reason(cause)}.",
            f"A proxy or a sign-in page may be in between; use another network, {wanted.by_hand}",
        )
    return ModelError(
        f"{wanted.host} cannot be reached: {_reason(cause)}.",
        _kept("Check the connection, or a firewall, and try again", wanted, size),
    )


def not_written(wanted: Wanted, error: OSError) -> ModelError:
    """Return what is said when the cache folder cannot be used."""
    folder = wanted.target.parent
    if isinstance(error, PermissionError):
        reason = "there is no permission to write there"
    elif error.errno == errno.EROFS:
        reason = "the disk is read-only"
    elif isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        reason = "something that is not what its name says is in the way"
    else:
        reason = _reason(error)
    return ModelError(
        f"The weights of {wanted.title} cannot be kept in {folder}: {reason}.",
        "Choose another cache folder.",
    )


def _proxy(wanted: Wanted, reason: str) -> ModelError:
    proxy = _proxy_of(wanted)
    return ModelError(
        f"The proxy{' ' if proxy else ''}{proxy} does not let {wanted.host} through: {reason}.",
        "Check the proxy in the system's settings or in the variable HTTPS_PROXY, "
        f"{wanted.by_hand}",
    )


def _proxy_of(wanted: Wanted) -> str:
    """Return host and port of the proxy that is asked in place of the server; no password."""
    parts = urlsplit(wanted.url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return ""
    address = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    return address.netloc.rpartition("@")[2] or proxy.rpartition("@")[2]


def _insecure(wanted: Wanted, error: ssl.SSLError) -> ModelError:
    if isinstance(error, ssl.SSLCertVerificationError):
        told = getattr(error, "verify_message", "") or _reason(error)
        macos = " On macOS, Python's 'Install Certificates' may not have been run."
        return ModelError(
            f"The server that answers for {wanted.host} does not prove that it is: {told}.",
            "Check this computer's date, and whether a sign-in page or a proxy is in between."
            + (macos if sys.platform == "darwin" else ""),
        )
    return ModelError(
        f"No secure connection to {wanted.host} comes about: {_reason(error)}.",
        f"A proxy or a sign-in page may be in between; use another network, {wanted.by_hand}",
    )


def _kept(advice: str, wanted: Wanted, size: int) -> str:
    if size:
        return f"{advice}: {file_size(size)} are here, and the download goes on from there."
    return f"{advice}, {wanted.by_hand}"


def _cause(error: Exception) -> Exception:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return reason if isinstance(reason, Exception) else error


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
    return (
        str(text).strip().rstrip(".").splitlines()[0] if str(text).strip() else type(error).__name__
    )
