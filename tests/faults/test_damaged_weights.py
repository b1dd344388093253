"""Files of weights that are cut off, altered, or claim more than they hold: each in a sentence."""

from __future__ import annotations

import io
import json
import resource
import runpy
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models import checkpoint

FUZZER = Path(__file__).with_name("fuzz_checkpoints.py")


def state() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.Conv2d(16, 16, 3))
    tensors = dict(network.state_dict())
    for tensor in tensors.values():
        if tensor.is_floating_point():
            tensor.normal_(generator=generator)
    return tensors


def zipped(value: Any = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(state() if value is None else value, buffer, **options)
    return buffer.getvalue()


def legacy() -> bytes:
    return zipped(_use_new_zipfile_serialization=False)


FORMATS: dict[str, Callable[[], bytes]] = {
    "zip": zipped,
    "legacy": legacy,
    "safetensors": lambda: save_safetensors(state()),
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(data: bytes, name: str = "model.pt") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


def refused(path: str) -> str:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.read(path)
    assert caught.value.message.endswith(".") and caught.value.advice
    return caught.value.message


@pytest.mark.parametrize("kind", FORMATS)
def test_a_whole_file_is_read(kind: str, file: Callable[..., str]) -> None:
    found = checkpoint.read(file(FORMATS[kind]()))
    assert found.tensors.keys() == state().keys()
    for name, tensor in state().items():
        assert torch.equal(found.tensors[name], tensor)
    assert found.notes == () and found.damage == "" and len(found.file.sha256) == 64


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_off_anywhere_says_so(kind: str, file: Callable[..., str]) -> None:
    data = FORMATS[kind]()
    lengths = {*range(1, 64), *range(64, len(data), max(1, len(data) // 150)), len(data) - 1}
    told = 0
    for length in sorted(lengths):
        said = refused(file(data[:length]))
        told += "cut off" in said
    assert told > 0.8 * len(lengths)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_off_tells_how_much_is_there(kind: str, file: Callable[..., str]) -> None:
    big = {"w": torch.zeros(600, 1000)}
    options = {"_use_new_zipfile_serialization": False} if kind == "legacy" else {}
    data = save_safetensors(big) if kind == "safetensors" else zipped(big, **options)
    assert "1.2 MB of 2.4 MB are here" in refused(file(data[:1_200_000]))


def test_a_flipped_bit_in_an_archive_is_noticed(file: Callable[..., str]) -> None:
    whole = zipped()
    noticed = 0
    places = range(0, len(whole), 37)
    for at in places:
        data = bytearray(whole)
        data[at] ^= 4
        try:
            found = checkpoint.read(file(bytes(data)))
        except CheckpointError:
            noticed += 1
            continue
        same = found.tensors.keys() == state().keys() and all(
            torch.equal(found.tensors[name], tensor) for name, tensor in state().items()
        )
        assert same or "checksum" in found.damage
        noticed += not same
    assert noticed > len(places) / 2


def test_an_archive_written_without_checksums_is_no_damaged_one(file: Callable[..., str]) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        data = zipped()
    finally:
        torch.serialization.set_crc32_options(True)
    assert checkpoint.read(file(data)).damage == ""


def altered(data: bytes, *replacements: tuple[bytes, bytes]) -> bytes:
    """Return an archive with bytes of its pickle replaced, and every checksum right."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            for before, after in replacements if entry.filename.endswith("data.pkl") else ():
                assert before in content
                content = content.replace(before, after)
            new.writestr(entry.filename, content)
    return buffer.getvalue()


MANY = b"\x8a\x06" + (10**12).to_bytes(6, "little")
"""The opcode that pushes 10^12."""
OVERCLAIMED: dict[str, Callable[[], bytes]] = {
    "a trillion by repetition": lambda: zipped({"w": torch.zeros(1).expand(10**12)}),
    "legacy, a trillion by repetition": lambda: zipped(
        {"w": torch.zeros(1).expand(10**12)}, _use_new_zipfile_serialization=False
    ),
    "a trillion of a storage of 111": lambda: altered(
        zipped({"w": torch.zeros(111)}), (b"K\x00K\x6f\x85", b"K\x00" + MANY + b"\x85")
    ),
    "a storage of a trillion": lambda: altered(
        zipped({"w": torch.zeros(111)}), (b"K\x6ft", MANY + b"t")
    ),
    "both": lambda: altered(
        zipped({"w": torch.zeros(111)}),
        (b"K\x6ft", MANY + b"t"),
        (b"K\x00K\x6f\x85", b"K\x00" + MANY + b"\x85"),
    ),
    "far beyond its storage": lambda: altered(
        zipped({"w": torch.zeros(111)}), (b"K\x00K\x6f\x85", MANY + b"K\x6f\x85")
    ),
    "one storage too long": lambda: altered(
        zipped({"w": torch.zeros(111)}), (b"K\x6ft", b"K\x70t")
    ),
    "legacy, a storage of a trillion": lambda: legacy_with_many(),
    "a thousand views of all": lambda: zipped(
        {f"w{i}": view for i, view in enumerate(torch.zeros(1_000_000).expand(1000, -1))}
    ),
}  # fmt: skip


def legacy_with_many() -> bytes:
    data = zipped({"w": torch.zeros(111)}, _use_new_zipfile_serialization=False)
    assert data.count(b"K\x6fN") == 1
    return data.replace(b"K\x6fN", MANY + b"N")


@pytest.mark.parametrize("name", OVERCLAIMED)
def test_what_claims_more_than_it_holds_is_refused_and_takes_no_memory(
    name: str, file: Callable[..., str]
) -> None:
    path = file(OVERCLAIMED[name]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "claim" in refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_compressed_archive_is_not_unpacked(file: Callable[..., str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"\x80\x02}.")
        archive.writestr("a/data/0", bytes(200_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "damaged" in refused(file(buffer.getvalue()))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def header(entries: Any, data: bytes = bytes(8), length: int | None = None) -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin: int = 0, end: int = 8, **more: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [(end - begin) // 4], "data_offsets": [begin, end], **more}


SAFETENSORS: dict[str, tuple[bytes, str]] = {
    "overlapping": (header({"a": entry(), "b": entry()}), "damaged safetensors"),
    "a hole": (header({"a": entry(0, 4), "b": entry(8, 12)}, bytes(12)), "damaged safetensors"),
    "trailing bytes": (header({"a": entry()}, bytes(99)), "damaged safetensors"),
    "too short": (header({"a": entry(0, 800)}), "cut off: 81 bytes of 873 bytes are here"),
    "no end": (header({"a": {"dtype": "F32", "shape": [2]}}), "damaged safetensors"),
    "backwards": (header({"a": entry(8, 0)}), "damaged safetensors"),
    "negative": (header({"a": entry(-8, 0)}), "damaged safetensors"),
    "beyond all": (header({"a": entry(0, 1 << 62)}), "damaged safetensors"),
    "another shape": (header({"a": entry(shape=[10**12])}), "damaged safetensors"),
    "a shape that wraps": (header({"a": entry(shape=[1 << 62, 4])}), "damaged safetensors"),
    "an unknown type": (header({"a": entry(dtype="F31")}), "damaged safetensors"),
    "a huge header": (header(b"{", length=1 << 39), "damaged safetensors"),
    "a header of all memory": (header(b"{", length=(1 << 64) - 1), "damaged"),
    "a header cut off": (header(b'{"a', length=20_000_000), "cut off"),
    "no header": (struct.pack("<Q", 0), "damaged"),
    "nothing but a length": (b"\x10\0\0\0\0\0\0", "cut off"),
    "not JSON": (header(b"{'a': 1}"), "damaged safetensors"),
    "a list": (header(b"[1,2,3]"), "damaged"),
    "deep": (header(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "damaged safetensors"),
    "not UTF-8": (header(b'{"\xff\xfe": 1}'), "damaged safetensors"),
    "twice one name": (
        header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
               b'"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'),
        "damaged safetensors",
    ),
    "no tensors": (header({"__metadata__": {"format": "pt"}}, b""), "holds no weights"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAFETENSORS)
def test_damaged_safetensors_are_refused(name: str, file: Callable[..., str]) -> None:
    data, said = SAFETENSORS[name]
    assert said in refused(file(data, "model.safetensors"))


def test_a_header_longer_than_any_is_not_read(file: Callable[..., str]) -> None:
    path = Path(file(header(b"{", length=30_000_000), "model.safetensors"))
    with path.open("r+b") as opened:
        opened.truncate(40_000_000)  # a hole: no disk is filled
    assert "more tensors than any" in refused(str(path))


def test_a_file_that_changed_is_refused(file: Callable[..., str]) -> None:
    path = file(zipped())
    sha256 = checkpoint.read(path).file.sha256
    assert checkpoint.read(path, expected=sha256).file.sha256 == sha256
    file(legacy())
    with pytest.raises(CheckpointError, match="has changed on disk") as caught:
        checkpoint.read(path, expected=sha256)
    assert caught.value.offer == "reload"


def test_a_pickle_without_end_is_left_after_a_moment(file: Callable[..., str]) -> None:
    long = b"\x80\x02" + b"N0" * 9_000_000 + b"."
    assert "of no kind that is known" in refused(file(long))


def test_a_pickle_that_doubles_without_end_stays_small(file: Callable[..., str]) -> None:
    doubling = b"\x80\x02X\x01\0\0\0xq\0" + b"h\0h\0\x86q\0" * 1000 + b"."
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/data.pkl", doubling)
    assert refused(file(buffer.getvalue()))


def test_mutated_files_open_or_are_refused() -> None:
    figures = runpy.run_path(str(FUZZER))["fuzz"](seed=7, files=400)
    assert figures.tried == 400 and figures.opened and figures.refused.total() > 200
