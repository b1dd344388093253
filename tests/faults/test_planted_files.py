"""Nothing in a file of weights is ever executed: files that try are planted, and refused.

Each payload is alive: loaded without protection it would make a file, the canary, which two tests
show. Then each is opened in every way in which the program opens a file of weights.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import tarfile
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz_gui.cli import main
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import checkpoint
from cnnviz_gui.core.request import CheckpointRef, InspectCheckpoint, ModelRef, OpenModel
from cnnviz_gui.core.session import Session

QUIET = NullContext()
NOTHING_RAN = "nothing in it was run"
TORCHS_OWN_WORDS = ("weights_only", "add_safe_globals", "allowlist", "you trust the source")


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


class ByState:
    """Pickles as an object whose state is restored by a method of its own."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __getstate__(self) -> dict[str, str]:
        return {"command": self.command}

    def __setstate__(self, state: dict[str, str]) -> None:
        os.system(state["command"])


def stored(command: str) -> Call:
    return Call(os.system, command)


def weights(**more: Any) -> dict[str, Any]:
    return {"conv1.weight": torch.zeros(4, 3, 3, 3), "conv1.bias": torch.zeros(4), **more}


def saved(value: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def legacy(value: Any) -> bytes:
    return saved(value, _use_new_zipfile_serialization=False)


def by_opcode(command: str) -> bytes:
    """Ask for a function by the opcode GLOBAL, without any help of the pickle module."""
    return b"cposix\nsystem\n(S'" + command.encode() + b"'\ntR."


def by_instance(command: str) -> bytes:
    return b"(S'" + command.encode() + b"'\niposix\nsystem\n."


def by_chain(command: str) -> bytes:
    """getattr(__import__("os"), "system")(command), each the result of a call."""
    text = command.encode()
    return (
        b"\x80\x02c__builtin__\ngetattr\n(c__builtin__\n__import__\n(U\x02ostRU\x06systemtR"
        b"(U" + bytes([len(text)]) + text + b"tR."
    )


def by_stack(command: str) -> bytes:
    """Ask for a function by names that lie on the stack."""
    text = command.encode()
    return b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c" + bytes([len(text)]) + text + b"\x85R."


def zipped(*records: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in records:
            archive.writestr(name, data)
    return buffer.getvalue()


def as_archive(pickled: bytes, **options: Any) -> bytes:
    records = (("a/data.pkl", pickled), ("a/version", b"3\n"), ("a/byteorder", b"little"))
    return zipped(*records, **options)


def twice(command: str) -> bytes:
    """Hold two lists of tensors under one name: a harmless one, and another."""
    buffer = io.BytesIO(saved(weights()))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(f"{archive.namelist()[0]}", by_opcode(command))
    return buffer.getvalue()


def by_case(command: str, name: str = "DATA.PKL") -> bytes:
    """Hold two records that torch cannot tell apart: a harmless one, and after it another."""
    buffer = io.BytesIO(saved(weights()))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(f"{archive.namelist()[0].partition('/')[0]}/{name}", by_opcode(command))
    return buffer.getvalue()


def tarred(command: str, style: int = tarfile.USTAR_FORMAT) -> bytes:
    """Write what the first versions of torch wrote: pickles in a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", format=style) as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            data = pickle.dumps(stored(command), 2)
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def tarred_without_mark(command: str) -> bytes:
    data = bytearray(tarred(command))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def safetensors(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def one_tensor(**described: Any) -> bytes:
    import json

    return json.dumps(
        {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], **described}}
    ).encode()


def torchscript() -> bytes:
    return zipped(
        ("a/data.pkl", b"\x80\x02}."),
        ("a/code/__torch__.py", b"import os"),
        ("a/constants.pkl", b"\x80\x02)."),
    )


MALICIOUS: dict[str, Callable[[str], bytes]] = {
    "zip": lambda c: saved(weights(extra=stored(c))),
    "zip, alone": lambda c: saved(stored(c)),
    "zip, as a tensor's name": lambda c: saved({stored(c): torch.zeros(1)}),
    "zip, deep inside": lambda c: saved({"state_dict": weights(a=[{"b": (stored(c),)}])}),
    "zip, in the optimiser": lambda c: saved({"state_dict": weights(), "optimizer": stored(c)}),
    "zip, beside the metadata": lambda c: saved(OrderedDict(weights(_metadata=stored(c)))),
    "zip, protocol 4": lambda c: saved(weights(extra=stored(c)), pickle_protocol=4),
    "zip, compressed": lambda c: as_archive(by_opcode(c), method=zipfile.ZIP_DEFLATED),
    "zip, by GLOBAL": lambda c: as_archive(by_opcode(c)),
    "zip, by INST": lambda c: as_archive(by_instance(c)),
    "zip, by STACK_GLOBAL": lambda c: as_archive(by_stack(c)),
    "zip, a chain of calls": lambda c: as_archive(by_chain(c)),
    "zip, two lists": twice,
    "zip, two lists of another case": by_case,
    "zip, by state": lambda c: saved(weights(extra=ByState(c))),
    "zip in a zip": lambda c: zipped(("model.pt", saved(stored(c)))),
    "zip in a checkpoint": lambda c: as_archive(zipped(("a/data.pkl", by_opcode(c)))),
    "pickle, then a zip": lambda c: by_opcode(c) + saved(weights()),
    "legacy": lambda c: legacy(weights(extra=stored(c))),
    "legacy, alone": lambda c: legacy(stored(c)),
    "legacy, its version": lambda c: legacy(weights())[:16] + by_opcode(c),
    "legacy, its machine": lambda c: legacy(weights())[:16] + b"\x80\x02M\xe9\x03." + by_opcode(c),
    **{
        f"pickle {protocol}": lambda c, p=protocol: pickle.dumps(stored(c), p)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "pickle by GLOBAL": by_opcode,
    "pickle by INST": by_instance,
    "pickle, a chain of calls": by_chain,
    "pickle, by state": lambda c: pickle.dumps(ByState(c)),
    "pickle of weights": lambda c: pickle.dumps(weights(extra=stored(c))),
    "tar": tarred,
    "tar, pax": lambda c: tarred(c, tarfile.PAX_FORMAT),
    "tar, gnu": lambda c: tarred(c, tarfile.GNU_FORMAT),
    "tar, no mark": tarred_without_mark,
    "eval": lambda c: saved(Call(eval, f"__import__('os').system({c!r})")),
    "exec": lambda c: saved(Call(exec, f"import os; os.system({c!r})")),
    "runpy": lambda c: as_archive(b"crunpy\nrun_path\n(S'/tmp/x'\ntR."),
    "numpy's way to exec": lambda c: as_archive(
        b"cnumpy.testing._private.utils\nrunstring\n(S'import os; os.system(\""
        + c.encode()
        + b"\")'\n}tR."
    ),
    "torch.hub": lambda c: as_archive(b"ctorch.hub\nload\n(S'/tmp'\nS'm'\ntR."),
    "torch.load": lambda c: as_archive(b"ctorch\nload\n(S'/tmp/x'\ntR."),
    "torch.jit.load": lambda c: as_archive(b"ctorch.jit\nload\n(S'/tmp/x'\ntR."),
    "torch compiling C++": lambda c: as_archive(
        b"ctorch.utils.cpp_extension\nload_inline\n(S'x'\nS'" + c.encode() + b"'\ntR."
    ),
    "torch's door for subclasses": lambda c: as_archive(
        b"ctorch._tensor\n_rebuild_from_type_v2\n(cposix\nsystem\ncposix\nsystem\n(S'"
        + c.encode()
        + b"'\nt}tR."
    ),
    "codecs": lambda c: as_archive(b"c_codecs\nencode\n(S'x'\nS'zlib_codec'\ntR."),
    "an extension code": lambda c: as_archive(b"\x80\x02\x82\x01."),
    "a module of torch": lambda c: saved(nn.Sequential(nn.Conv2d(3, 4, 3))),
    "torchscript": lambda c: torchscript(),
    "safetensors, then a pickle": lambda c: safetensors(one_tensor(), bytes(4)) + by_opcode(c),
    "safetensors, a path for a name": lambda c: safetensors(
        b'{"../../evil":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}', bytes(4)
    ),
    "safetensors that is a zip": lambda c: safetensors(
        b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)
    )
    + saved(stored(c)),
}  # fmt: skip
ALIVE = {
    "pickle 0", "pickle 2", "pickle 4", "pickle by GLOBAL", "pickle by INST", "pickle, by state",
    "pickle, a chain of calls", "pickle of weights",
}  # fmt: skip


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def plant(folder: Path, name: str, canary: Path, suffix: str = ".pt") -> Path:
    path = folder / f"planted{suffix}"
    path.write_bytes(MALICIOUS[name](f"touch {canary}"))
    return path


@pytest.mark.parametrize("name", sorted(ALIVE))
def test_the_payloads_are_alive(name: str, canary: Path) -> None:
    pickle.loads(MALICIOUS[name](f"touch {canary}"))
    assert canary.exists()


@pytest.mark.parametrize(
    "name",
    ["zip", "zip, deep inside", "zip, by state", "eval", "exec", "legacy", "zip, by GLOBAL",
     "zip, a chain of calls", "zip, by STACK_GLOBAL"],
)  # fmt: skip
def test_without_protection_torch_would_run_them(name: str, tmp_path: Path, canary: Path) -> None:
    path = plant(tmp_path, name, canary)
    try:
        torch.load(path, weights_only=False)
    except Exception as error:  # some payloads leave nothing that torch could return
        assert not isinstance(error, OSError)
    assert canary.exists()


@pytest.mark.parametrize("suffix", [".pt", ".ckpt", ".bin", ".safetensors", ".pt2", ""])
@pytest.mark.parametrize("name", MALICIOUS)
def test_nothing_in_a_planted_file_runs(
    name: str, suffix: str, tmp_path: Path, canary: Path
) -> None:
    path = plant(tmp_path, name, canary, suffix)
    with pytest.raises(CheckpointError) as caught:
        checkpoint.read(str(path))
    assert not canary.exists()
    said = str(caught.value)
    assert path.stem in said and caught.value.advice and not caught.value.offer
    assert not any(words in said for words in TORCHS_OWN_WORDS)
    assert caught.value.__cause__ is None or "weights_only" not in str(caught.value.__cause__)
    if suffix == ".pt" and name in ALIVE:
        assert NOTHING_RAN in said


@pytest.mark.parametrize("name", ["zip", "legacy", "pickle 2", "tar", "zip, a chain of calls"])
def test_no_door_of_the_program_opens_a_planted_file(
    name: str, tmp_path: Path, canary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(plant(tmp_path, name, canary))
    session = Session(device=torch.device("cpu"))
    ref = CheckpointRef(path=path, damaged=True)
    for asked in (
        InspectCheckpoint(path=path),
        OpenModel(model=ModelRef(name="", checkpoint=ref)),
        OpenModel(model=ModelRef(name="resnet18", checkpoint=ref)),
    ):
        with pytest.raises(CheckpointError):
            execute(asked, session, QUIET)
    assert main(["inspect", path]) == 1
    assert main(["layers", "--model", path]) == 1
    assert main(["layers", "--model", f"resnet18@{path}"]) == 1
    assert "refused" in capsys.readouterr().err or name == "tar"
    assert not canary.exists()


SENTENCES: dict[str, tuple[Callable[[], bytes], str]] = {
    "code": (lambda: saved(weights(x=stored("true"))), r"contains code \(posix.system\)"),
    "a whole network": (lambda: saved(nn.Conv2d(1, 1, 1)), "whole network saved with its code"),
    "settings": (
        lambda: saved(weights(args=__import__("argparse").Namespace(lr=1))),
        r"holds argparse.Namespace beside its weights",
    ),
    "a number of numpy": (
        lambda: saved(weights(best=np.float64(0.5))),
        r"holds numpy\S*, \S*dtype beside its weights",
    ),
    "a path": (lambda: saved(weights(p=Path("x"))), r"holds pathlib.PosixPath beside"),
    "torchscript": (torchscript, "TorchScript archive, which is a program"),
    "a program of C": (lambda: b"\x7fELF" + bytes(99), "is a program, not weights"),
    "hdf5": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(99), "an HDF5 file, as Keras writes"),
    "onnx": (lambda: b"\x08\x07\x12\x07pytorch" + bytes(99), "an ONNX file"),
    "gguf": (lambda: b"GGUF\x03" + bytes(99), "a GGUF file"),
    "tflite": (lambda: b"\x1c\0\0\0TFL3" + bytes(99), "a TensorFlow Lite file"),
    "tar": (lambda: tarred("true"), "a tar archive, as the first versions of PyTorch wrote"),
    "gzip": (lambda: b"\x1f\x8b\x08" + bytes(99), "a gzip archive"),
    "zip": (lambda: zipped(("a.txt", b"x")), "a ZIP archive without weights"),
    "zip of a file": (lambda: zipped(("m/a.pth", b"x")), "a ZIP archive that holds a.pth"),
    "keras": (lambda: zipped(("model.weights.h5", b"x")), "a Keras file"),
    "empty": (lambda: b"", "is empty"),
    "a web page": (lambda: b"\n<!DOCTYPE html><html>404</html>", "a web page"),
    "a page with a mark": (lambda: b"\xef\xbb\xbf<html>", "a web page"),
    "lfs": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
    "text": (lambda: b"Access denied.\n", "a text file"),
    "json": (lambda: b'{"error": "not found"}', "a text file"),
    "noise": (lambda: bytes(range(128, 256)) * 9, "of no kind that is known"),
    "a pickle of nothing": (lambda: pickle.dumps([1, 2]), "a pickle without weights"),
    "a list": (lambda: saved([torch.zeros(2)]), "holds no names"),
    "a tensor": (lambda: saved(torch.zeros(2)), "holds a single tensor"),
    "no tensors": (lambda: saved({"epoch": 3}), "holds no weights"),
    "quantised": (
        lambda: saved({"w": torch.quantize_per_tensor(torch.zeros(9), 0.1, 0, torch.qint8)}),
        "are quantised: no gradients",
    ),
    "8-bit floats": (lambda: saved({"w": torch.zeros(9).to(torch.float8_e5m2)}), "are quantised"),
    "sparse": (lambda: saved({"w": torch.eye(3).to_sparse()}), "beside its weights"),
    "complex": (lambda: saved({"w": torch.zeros(3, dtype=torch.cfloat)}), "no plain tensor"),
    "no data": (lambda: saved({"w": torch.zeros(3, device="meta")}), "beside its weights"),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
@pytest.mark.filterwarnings("ignore:.*quantiz:UserWarning", "ignore:.*quantiz:DeprecationWarning")
def test_each_kind_of_file_has_its_sentence(name: str, tmp_path: Path) -> None:
    make, said = SENTENCES[name]
    path = tmp_path / "model.pt"
    path.write_bytes(make())
    with pytest.raises(CheckpointError, match=said) as caught:
        checkpoint.read(str(path))
    assert caught.value.message.endswith(".") and caught.value.advice
    assert len(caught.value.message) < 300


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pt"
    os.mkfifo(pipe)
    loop = tmp_path / "loop.pt"
    loop.symlink_to(loop)
    for path, said in {
        str(pipe): "a device or a pipe",
        "/dev/zero": "a device or a pipe",
        str(tmp_path): "is a folder",
        str(loop): "leads nowhere",
        str(tmp_path / "none.pt"): "does not exist",
        "a\0b.pt": "not the name of a file",
        "": "No file of weights is named",
        "x" * 5000: "leads nowhere",
    }.items():
        with pytest.raises(CheckpointError, match=said):
            checkpoint.read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(saved(weights()))
    path.chmod(0)
    with pytest.raises(CheckpointError, match="no permission"):
        checkpoint.read(str(path))
