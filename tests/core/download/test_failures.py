"""What can go wrong on the way, each with its sentence: FAULTS 2.1, rows 69 to 72."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cnnviz_gui.core import web
from cnnviz_gui.core.models.download_failures import Wanted

DATA = np.random.default_rng(0).bytes(3_000_000)
HTML = b"\n<!DOCTYPE html><title>Please sign in</title>"


def named(data: bytes) -> str:
    return f"net-{hashlib.sha256(data).hexdigest()[:8]}.pth"


def test_a_connection_that_breaks_again_and_again_says_how_much_is_here(
    wanted: Wanted, does: Any, get: Any, failure: Any, part: Path
) -> None:
    does.cuts = [500_000, 200_000, 200_000]
    error = failure(wanted)
    assert "broke off several times: 879 KiB of 2.9 MiB" in error.message
    assert "goes on from there" in error.advice
    assert part.stat().st_size == 900_000
    get(wanted)
    assert wanted.target.read_bytes() == DATA


def test_a_connection_that_brings_nothing_at_all_is_named(
    wanted: Wanted, does: Any, failure: Any, part: Path
) -> None:
    does.cuts = [0, 0, 0]
    assert "before anything came" in failure(wanted).message
    assert not part.exists(), "an empty file is no beginning"


def test_wrong_bytes_are_removed_and_named(
    wanted: Wanted, does: Any, failure: Any, part: Path
) -> None:
    does.data = DATA[:-1] + bytes([DATA[-1] ^ 1])
    assert "is not the published file" in failure(wanted).message
    assert not part.exists()


@pytest.mark.parametrize("length", [len(DATA) - 1000, len(DATA) + 1000])
def test_a_wrong_content_length(
    wanted: Wanted, does: Any, length: int, get: Any, failure: Any
) -> None:
    does.length = length
    if length < len(DATA):
        assert "is not the published file" in failure(wanted).message
    else:
        get(wanted)
        assert wanted.target.read_bytes() == DATA


def test_a_body_without_end(wanted: Wanted, does: Any, failure: Any) -> None:
    does.announce, does.data = False, DATA * 20
    known = Wanted(wanted.title, wanted.url, wanted.target, expected=len(DATA))
    assert "is not the published file" in failure(known).message
    assert does.served < len(does.data)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_web_page_in_place_of_the_file(
    wanted: Wanted, does: Any, kind: str, failure: Any, part: Path
) -> None:
    does.data, does.kind, does.ranges = HTML, kind, False
    wanted.target.parent.mkdir()
    part.write_bytes(DATA[:1000])
    error = failure(wanted)
    assert "web page" in error.message and "sign in" in error.advice
    assert part.read_bytes() == DATA[:1000], "what was here goes on later"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "no longer at their address"),
        (403, "refuses to send"),
        (503, "cannot send the weights of ResNet-50 now"),
        (429, "cannot send the weights of ResNet-50 now"),
        (407, "proxy"),
        (418, "418"),
    ],
)
def test_answers_that_are_errors(
    wanted: Wanted, does: Any, status: int, said: str, failure: Any
) -> None:
    does.status = status
    error = failure(wanted)
    assert said in error.message and str(status) in error.message
    assert len(does.asked) == 1, "it is not asked again"


def test_a_server_that_stalls(wanted: Wanted, does: Any, failure: Any, part: Path) -> None:
    does.stall_at = 400_000
    error = failure(wanted, patience=0.5)
    assert "sends nothing more" in error.message
    assert "goes on from there" in error.advice
    assert part.stat().st_size == 400_000


def test_a_server_that_takes_the_call_and_is_silent(tmp_path: Path, failure: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/{named(DATA)}"
        silent = Wanted("ResNet-50", url, tmp_path / named(DATA))
        assert "does not answer" in failure(silent, patience=0.5).message


def test_no_connection(wanted: Wanted, monkeypatch: pytest.MonkeyPatch, failure: Any) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(wanted)
    assert "no connection to the internet" in error.message
    assert wanted.url in error.advice and str(wanted.target.parent) in error.advice


def test_nobody_listens(tmp_path: Path, failure: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gone = Wanted("ResNet-50", f"http://127.0.0.1:{port}/x", tmp_path / named(DATA))
    assert "cannot be reached" in failure(gone).message


def test_what_is_no_http(tmp_path: Path, failure: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(1000)
                line.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        assert "does not speak HTTP" in failure(Wanted("A", url, tmp_path / named(DATA))).message
        thread.join()


def test_a_connection_that_is_not_secure(wanted: Wanted, failure: Any) -> None:
    plain = Wanted(wanted.title, wanted.url.replace("http:", "https:"), wanted.target)
    assert "No secure connection to 127.0.0.1" in failure(plain, refuse=lambda url: "").message


def test_only_https_is_asked(wanted: Wanted, does: Any, failure: Any) -> None:
    assert "only https" in failure(wanted, refuse=None).message
    assert not does.asked


@pytest.mark.parametrize("location", ["http://example.org/x", "ftp://example.org/x", "file:///x"])
def test_a_redirection_to_where_it_may_not_go(
    wanted: Wanted, does: Any, location: str, failure: Any
) -> None:
    does.location = location
    failure(wanted)
    assert len(does.asked) == 1


def test_a_redirection_from_the_public_web_into_this_network(
    wanted: Wanted, does: Any, monkeypatch: pytest.MonkeyPatch, failure: Any
) -> None:
    from cnnviz_gui.core import fetch

    monkeypatch.setattr(fetch, "is_public", lambda host: host == "127.0.0.1")
    does.location = "https://10.0.0.1/x"
    assert "10.0.0.1 is not a public host" in failure(wanted).message


@pytest.mark.parametrize("says", ["", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"])
def test_a_proxy_that_does_not_let_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, failure: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("https_proxy", f"http://someone:secret@127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy")
        far = Wanted("ResNet-50", "https://example.invalid/x", tmp_path / named(DATA))

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(1000)
                line.sendall(says.encode())

        thread = threading.Thread(target=answer)
        if says:
            thread.start()
        else:
            server.close()
        error = failure(far, refuse=None)
        assert f"The proxy 127.0.0.1:{port} does not let example.invalid through" in error.message
        assert "secret" not in str(error)
        if says:
            assert "407" in error.message
            thread.join()


def test_offline_mode_asks_nobody(wanted: Wanted, does: Any, failure: Any) -> None:
    web.set_offline(True)
    error = failure(wanted)
    assert "offline mode is on" in error.message and wanted.url in error.advice
    assert not does.asked and not wanted.target.parent.exists()


def test_space_is_looked_at_before_anybody_is_asked(
    wanted: Wanted, does: Any, monkeypatch: pytest.MonkeyPatch, get: Any, failure: Any
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=70 << 20))
    large = Wanted(wanted.title, wanted.url, wanted.target, expected=10 << 20)
    error = failure(large)
    assert "no room" in error.message and "10.0 MiB are needed" in error.message
    assert not does.asked
    assert get(wanted) == len(DATA), "three more fit"


def test_space_is_looked_at_again_once_the_size_is_known(
    wanted: Wanted, does: Any, monkeypatch: pytest.MonkeyPatch, failure: Any
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=65 << 20))
    assert "no room" in failure(wanted).message
    assert len(does.asked) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_on_the_way(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch, number: int, failure: Any, part: Path
) -> None:
    wanted.target.parent.mkdir()
    other = wanted.target.with_name("other-12345678.pth")
    other.write_bytes(b"other")
    real, written = os.write, [0]

    def write(descriptor: int, data: Any) -> int:
        if written[0] > 500_000:
            raise OSError(number, os.strerror(number))
        written[0] += min(len(data), 30_000)
        return real(descriptor, data[:30_000])

    monkeypatch.setattr(os, "write", write)
    error = failure(wanted)
    if number == errno.ENOSPC:
        assert "disk is full" in error.message and not part.exists()
    else:
        assert "cannot be kept" in error.message and os.strerror(number) in error.message
    assert other.read_bytes() == b"other"


def test_a_folder_that_is_a_file(wanted: Wanted, failure: Any) -> None:
    wanted.target.parent.write_text("in the way")
    assert "in the way" in failure(wanted).message
    assert wanted.target.parent.read_text() == "in the way"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_without_permission(wanted: Wanted, failure: Any) -> None:
    wanted.target.parent.mkdir(mode=0o500)
    assert "no permission" in failure(wanted).message


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_in_place_of_the_part_is_not_followed(
    wanted: Wanted, tmp_path: Path, failure: Any, part: Path
) -> None:
    wanted.target.parent.mkdir()
    (tmp_path / "precious").write_bytes(b"precious")
    part.symlink_to(tmp_path / "precious")
    failure(wanted)
    assert (tmp_path / "precious").read_bytes() == b"precious"
