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
from cnnviz_gui.texts import tr

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
        return urlsplit(self.url).hostname or tr("the server")

    def or_by_hand(self, advice: str) -> str:
        """Return the advice, a sentence without its full stop, and how to do without it."""
        return tr(
            "{advice}, or fetch {url} by another way and put it into {folder}.",
            advice=advice,
            url=self.url,
            folder=self.target.parent,
        )


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
        tr(
            "The weights of {title} could not be checked: {name} has no checksum in its name.",
            title=wanted.title,
            name=wanted.target.name,
        ),
        tr(
            "Fetch {url} yourself and put it into {folder}.",
            url=wanted.url,
            folder=wanted.target.parent,
        ),
    )


def offline(wanted: Wanted) -> ModelError:
    """Return what offline mode says."""
    return ModelError(
        tr("The weights of {title} are not fetched: offline mode is on.", title=wanted.title),
        wanted.or_by_hand(tr("Switch it off")),
    )


def no_space(wanted: Wanted, needed: int, free: int) -> ModelError:
    """Return what is said before a download for which there is no room."""
    return ModelError(
        tr(
            "There is no room for the weights of {title}: {needed} are needed and"
            " {free} are free on the disk of {folder}.",
            title=wanted.title,
            needed=file_size(needed),
            free=file_size(free),
            folder=wanted.target.parent,
        ),
        tr("Free some space, or choose another cache folder."),
    )


def disk_full(wanted: Wanted, written: int) -> ModelError:
    """Return what is said when the disk filled up on the way."""
    return ModelError(
        tr(
            "The disk is full: {size} of the weights of {title} had come and were removed again.",
            size=file_size(written),
            title=wanted.title,
        ),
        tr("Free some space, or choose another cache folder; nothing else in it was touched."),
    )


def busy(wanted: Wanted) -> ModelError:
    """Return what is said when another process is at it."""
    return ModelError(
        tr(
            "The weights of {title} are being fetched by another window already.",
            title=wanted.title,
        ),
        tr("Wait until it is done; then they are here for both."),
    )


def stalled(wanted: Wanted, seconds: float, size: int, *, began: bool) -> ModelError:
    """Return what is said of a server that is silent."""
    values = {"host": wanted.host, "seconds": seconds}
    return ModelError(
        tr("{host} sends nothing more: nothing came for {seconds:.0f} seconds.", **values)
        if began
        else tr("{host} does not answer: nothing came for {seconds:.0f} seconds.", **values),
        _kept(tr("Check the connection and try again"), wanted, size),
    )


def cut(wanted: Wanted, size: int, total: int) -> ModelError:
    """Return what is said when the connection broke again and again."""
    if not size:
        return ModelError(
            tr(
                "The connection to {host} breaks off again and again before anything came.",
                host=wanted.host,
            ),
            wanted.or_by_hand(tr("Check the connection")),
        )
    here = file_size(size)
    if total:
        here = tr("{size} of {total}", size=here, total=file_size(total))
    return ModelError(
        tr(
            "The connection to {host} broke off several times: {here} of the weights of"
            " {title} are here.",
            host=wanted.host,
            here=here,
            title=wanted.title,
        ),
        tr("Try again: the download goes on from there."),
    )


def web_page(wanted: Wanted) -> ModelError:
    """Return what is said of HTML in place of weights."""
    return ModelError(
        tr(
            "A web page came in place of the weights of {title}: this network wants a"
            " sign-in first, or blocks the download.",
            title=wanted.title,
        ),
        wanted.or_by_hand(tr("Open a web page in a browser and sign in")),
    )


def wrong_hash(wanted: Wanted) -> ModelError:
    """Return what is said of a file that is not the published one."""
    return ModelError(
        tr(
            "What {host} sent is not the published file: {name} would not have the checksum"
            " that its name promises, and was removed.",
            host=wanted.host,
            name=wanted.target.name,
        ),
        tr(
            "Try again; if it happens again, something on the way alters files: use another"
            " network."
        ),
    )


def answered(wanted: Wanted, status: int, size: int) -> ModelError:
    """Return what is said of an answer that is an error."""
    said = http.client.responses.get(status, tr("an unknown answer"))
    if status in (404, 410):
        return ModelError(
            tr(
                "The weights of {title} are no longer at their address: {host} answered"
                " {status} {said}.",
                title=wanted.title,
                host=wanted.host,
                status=status,
                said=said,
            ),
            tr(
                "A newer torchvision may know where they are: python -m pip install --upgrade"
                " torch torchvision"
            ),
        )
    if status == 407:
        return _proxy(wanted, tr("it wants a password ({status} {said})", status=status, said=said))
    if status in (401, 403, 451):
        return ModelError(
            tr(
                "{host} refuses to send the weights of {title}: it answered {status} {said}.",
                host=wanted.host,
                title=wanted.title,
                status=status,
                said=said,
            ),
            wanted.or_by_hand(tr("A proxy or the country may be the reason; use another network")),
        )
    if status == 429 or status >= 500:
        return ModelError(
            tr(
                "{host} cannot send the weights of {title} now: it answered {status} {said}.",
                host=wanted.host,
                title=wanted.title,
                status=status,
                said=said,
            ),
            _kept(tr("Try again in some minutes"), wanted, size),
        )
    return ModelError(
        tr(
            "{host} did not send the weights of {title}: it answered {status} {said}.",
            host=wanted.host,
            title=wanted.title,
            status=status,
            said=said,
        ),
        wanted.or_by_hand(tr("Try again later")),
    )


def refused(wanted: Wanted, reason: str) -> ModelError:
    """Return what is said of an address that is not to be asked."""
    return ModelError(
        tr(
            "The weights of {title} are not fetched from where the server leads: {reason}.",
            title=wanted.title,
            reason=reason,
        ),
        wanted.or_by_hand(tr("Use another network")),
    )


def unreachable(wanted: Wanted, error: Exception, size: int) -> ModelError:
    """Return what is said when no connection came about."""
    cause = _cause(error)
    tunnel = re.search(r"Tunnel connection failed: (.*)", str(cause))
    if tunnel:
        return _proxy(wanted, tr("it answered {said}", said=tunnel[1].strip()))
    if isinstance(cause, ssl.SSLError):
        return _insecure(wanted, cause)
    if _proxy_of(wanted):
        return _proxy(wanted, _reason(cause))
    if isinstance(cause, socket.gaierror):
        return ModelError(
            tr(
                "{host} is not found: there is no connection to the internet, or its name"
                " server does not answer.",
                host=wanted.host,
            ),
            _kept(tr("Check the connection and try again"), wanted, size),
        )
    if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
        return ModelError(
            tr(
                "{host} cannot be reached: there is no connection to the internet.",
                host=wanted.host,
            ),
            _kept(tr("Check the connection and try again"), wanted, size),
        )
    if isinstance(cause, http.client.HTTPException):
        return ModelError(
            tr(
                "What answers for {host} does not speak HTTP: {reason}.",
                host=wanted.host,
                reason=_reason(cause),
            ),
            wanted.or_by_hand(
                tr("A proxy or a sign-in page may be in between; use another network")
            ),
        )
    return ModelError(
        tr("{host} cannot be reached: {reason}.", host=wanted.host, reason=_reason(cause)),
        _kept(tr("Check the connection, or a firewall, and try again"), wanted, size),
    )


def not_written(wanted: Wanted, error: OSError) -> ModelError:
    """Return what is said when the cache folder cannot be used."""
    folder = wanted.target.parent
    if isinstance(error, PermissionError):
        reason = tr("there is no permission to write there")
    elif error.errno == errno.EROFS:
        reason = tr("the disk is read-only")
    elif isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        reason = tr("something that is not what its name says is in the way")
    else:
        reason = _reason(error)
    return ModelError(
        tr(
            "The weights of {title} cannot be kept in {folder}: {reason}.",
            title=wanted.title,
            folder=folder,
            reason=reason,
        ),
        tr("Choose another cache folder."),
    )


def _proxy(wanted: Wanted, reason: str) -> ModelError:
    proxy = _proxy_of(wanted)
    return ModelError(
        tr(
            "The proxy {proxy} does not let {host} through: {reason}.",
            proxy=proxy,
            host=wanted.host,
            reason=reason,
        )
        if proxy
        else tr(
            "The proxy does not let {host} through: {reason}.", host=wanted.host, reason=reason
        ),
        wanted.or_by_hand(
            tr("Check the proxy in the system's settings or in the variable HTTPS_PROXY")
        ),
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
        advice = tr(
            "Check this computer's date, and whether a sign-in page or a proxy is in between."
        )
        if sys.platform == "darwin":
            macos = tr("On macOS, Python's 'Install Certificates' may not have been run.")
            advice = f"{advice} {macos}"
        return ModelError(
            tr(
                "The server that answers for {host} does not prove that it is: {told}.",
                host=wanted.host,
                told=told,
            ),
            advice,
        )
    return ModelError(
        tr(
            "No secure connection to {host} comes about: {reason}.",
            host=wanted.host,
            reason=_reason(error),
        ),
        wanted.or_by_hand(tr("A proxy or a sign-in page may be in between; use another network")),
    )


def _kept(advice: str, wanted: Wanted, size: int) -> str:
    if size:
        return tr(
            "{advice}: {size} are here, and the download goes on from there.",
            advice=advice,
            size=file_size(size),
        )
    return wanted.or_by_hand(advice)


def _cause(error: Exception) -> Exception:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return reason if isinstance(reason, Exception) else error


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
    return (
        str(text).strip().rstrip(".").splitlines()[0] if str(text).strip() else type(error).__name__
    )
