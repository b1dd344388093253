"""Failures: the right status, one sentence on standard error, no traceback, nothing written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz_gui.cli import commands, main
from cnnviz_gui.core.errors import Cancelled


def one_sentence(ran: Any, status: int = 1) -> str:
    assert (ran.status, ran.out) == (status, "")
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("cnnviz: ")
    assert "Traceback" not in ran.err
    return ran.err


@pytest.mark.parametrize("content", [None, b"", b"<html></html>", b"\x89PNG\r\n\x1a\n"])
def test_bad_picture(content: bytes | None, cnnviz: Callable[..., Any], tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    if content is not None:
        picture.write_bytes(content)
    assert "picture.png" in one_sentence(cnnviz("predict", picture, "--json"))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--model", "resnet1800"], "resnet1800"),
        (["--model", "lenet5:trained"], "NAME:untrained"),
        (["--target", "1000"], "999"),
        (["--target", "tiger catt"], "tiger cat (282)"),
        (["--layer", "no.such.layer"], "no.such.layer"),
        (["--save", "/no/such/folder/x.png"], "x.png"),
        (["--array", "/no/such/folder/x.npy"], "x.npy"),
    ],
)
def test_what_does_not_exist_is_named(
    flags: list[str], said: str, cnnviz: Callable[..., Any], cat: str
) -> None:
    assert said in one_sentence(cnnviz("heatmap", "grad-cam", cat, *flags))


@pytest.mark.parametrize("name", ["adv.webp", "adv.bmp", "adv.gif"])
def test_an_attack_is_never_saved_in_a_format_that_alters_it(
    name: str, cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    ran = cnnviz("attack", "fgsm", cat, "--save", tmp_path / name)
    assert ".png" in one_sentence(ran)
    assert not list(tmp_path.iterdir())


def test_refusal_of_a_file_name_comes_before_the_computation(
    cat: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(commands, "open_session", lambda: pytest.fail("a network was opened"))
    assert main(["attack", "fgsm", cat, "--save", str(tmp_path)]) == 1


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b'{"task": "dance"}', b'{"task": "predict"}', b"x" * 2**21]
)
def test_bad_request(content: bytes | None, cnnviz: Callable[..., Any], tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    if content is not None:
        request.write_bytes(content)
    one_sentence(cnnviz("run", request, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_request_for_another_picture_is_refused(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    picture, request = tmp_path / "cat.png", tmp_path / "request.json"
    picture.write_bytes(Path(cat).read_bytes())
    assert cnnviz("predict", picture, "--request", request).status == 0
    picture.write_bytes(picture.read_bytes() + b" ")
    assert "cat.png" in one_sentence(cnnviz("run", request, "--out", tmp_path / "out"))


def fail_with(error: BaseException) -> Callable[[Any], None]:
    def command(arguments: Any) -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ValueError("two\nlines"), 1, "ValueError: two lines"),
        (ValueError("x"), 1, "CNNVIZ_DEBUG=1"),
        (RuntimeError(), 1, "RuntimeError)"),
        (MemoryError(), 1, "not enough memory"),
        (KeyboardInterrupt(), 130, "Stopped"),
        (Cancelled(), 130, "Stopped"),
        (ValueError("\x1b[31mred"), 1, "\N{REPLACEMENT CHARACTER}[31mred"),
    ],
)
def test_whatever_happens_is_one_sentence(
    error: BaseException,
    status: int,
    said: str,
    cnnviz: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(commands.COMMANDS, "models", fail_with(error))
    assert said in one_sentence(cnnviz("models"), status)


def test_debugging_shows_the_traceback(
    cnnviz: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNVIZ_DEBUG", "1")
    monkeypatch.setitem(commands.COMMANDS, "models", fail_with(ValueError("x")))
    assert "Traceback" in cnnviz("models").err


def test_a_reader_that_has_gone_is_no_failure_to_talk_about(
    cnnviz: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(commands.COMMANDS, "models", fail_with(BrokenPipeError()))
    ran = cnnviz("models")
    assert (ran.status, ran.out, ran.err) == (141, "", "")
