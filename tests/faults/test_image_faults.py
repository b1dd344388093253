"""FAULTS 2.1, rows 1 to 40 as far as a loader meets them: each gets its sentence or its pixels.

Rows 25 to 30 and 39 (drops, URLs, the clipboard, Qt's own images) belong to the window.
"""

from __future__ import annotations

import io
import os
import pickle
import random
import resource
import struct
import sys
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core.errors import ImageError
from cnnviz_gui.core.image_checks import MAX_BYTES
from cnnviz_gui.core.images import Picture, load
from cnnviz_gui.core.request import ImageRef


def photograph(height: int = 90, width: int = 120) -> Image.Image:
    noise = np.random.default_rng(5).integers(40, 216, (9, 12, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def encoded(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image or photograph()).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, rows: bytes, extra: bytes = b"", colour: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def deflated_zeros(size: int) -> bytes:
    packer = zlib.compressobj(6)
    block, parts = bytes(1 << 20), []
    for _ in range(size >> 20):
        parts.append(packer.compress(block))
    return b"".join([*parts, packer.compress(bytes(size & 0xFFFFF)), packer.flush()])


def text_bomb() -> bytes:
    text = b"Comment\0\0" + zlib.compress(b"A" * 20_000_000, 9)
    return png(4, 4, zlib.compress(bytes(20)), chunk(b"zTXt", text))


def oriented(value: object, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return encoded(kind, exif=exif)


def broken_exif() -> bytes:
    body = b"Exif\0\0MM\0*\xff\xff\xff\xf0rubbish"
    data = encoded("JPEG")
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def bad_crc() -> bytes:
    data = bytearray(encoded("PNG"))
    data[29] ^= 0xFF
    return bytes(data)


def heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(400)


def grey16(high: int) -> bytes:
    ramp = np.linspace(0, high, 90 * 120).astype(np.uint16).reshape(90, 120)
    return encoded("PNG", Image.fromarray(ramp))


def hidden_colours(mode: str) -> bytes:
    pixels = np.zeros((90, 120, 4), np.uint8)
    pixels[..., :3] = np.asarray(photograph())
    image = Image.fromarray(pixels)
    return encoded("PNG", image if mode == "RGBA" else image.convert(mode))


def palette_with_hole() -> bytes:
    return encoded("PNG", photograph().quantize(16), transparency=0)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 10), (90 * i, 10, 10)) for i in range(3)]
    return encoded(kind, frames[0], save_all=True, append_images=frames[1:])


def float_tiff() -> bytes:
    values = np.linspace(-2, 7, 90 * 120, dtype=np.float32).reshape(90, 120)
    values[0, 0] = np.nan
    return encoded("TIFF", Image.fromarray(values))


def webp_header(side: int) -> bytes:
    edge = struct.pack("<I", side - 1)[:3]
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes(4) + edge + edge
    return b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x


@dataclass(frozen=True)
class Fault:
    """A file, how it is asked for, and what must come of it."""

    row: int
    name: str
    make: Callable[[], bytes]
    error: str = ""
    """Part of the message; empty where the picture must open."""
    offer: str = ""
    note: str = ""
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.row}-{self.name}-{'-'.join(k for k, _ in self.options)}".rstrip("-")


def cut(kind: str, share: float, **options: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        data = encoded(kind, **options)
        return data[: int(len(data) * share)]

    return make


PARTIAL, REDUCED = (("partial", True),), (("reduced", True),)
FAULTS = [
    Fault(1, "cat.jpg", cut("JPEG", 0.7), "cat.jpg is cut off after ", "partial"),
    Fault(1, "cat.jpg", cut("JPEG", 0.7), note=" % shown", options=PARTIAL),
    Fault(1, "cat.png", cut("PNG", 0.5), "is cut off after 4", "partial"),
    Fault(1, "cat.png", cut("PNG", 0.5), note="cut off, 4", options=PARTIAL),
    Fault(1, "cat.bmp", cut("BMP", 0.5), "is cut off after 4", "partial"),
    Fault(1, "cat.tiff", cut("TIFF", 0.5), "is cut off after ", "partial"),
    Fault(1, "cat.gif", cut("GIF", 0.7), "is cut off.", "partial"),
    Fault(1, "p.jpg", cut("JPEG", 0.7, progressive=True), "is cut off.", "partial"),
    Fault(
        1, "p.jpg", cut("JPEG", 0.7, progressive=True), note="shown coarse", options=PARTIAL
    ),
    Fault(1, "cat.webp", cut("WEBP", 0.5), "cut off after 50 %"),
    Fault(1, "cat.avif", cut("AVIF", 0.8), "cut off"),
    Fault(2, "header.png", lambda: encoded("PNG")[:20], "not a readable picture (20 bytes)"),
    Fault(2, "header.jpg", lambda: encoded("JPEG")[:20], "not a readable picture (20 bytes)"),
    Fault(24, "data.pkl", lambda: pickle.dumps([1, 2]), "is a pickle, which may hold code"),
    Fault(2, "noise", lambda: bytes(range(20)), "not a readable picture (20 bytes)"),
    Fault(3, "empty.png", lambda: b"", "empty.png is empty"),
    Fault(4, "page.jpg", lambda: b"\n<!DOCTYPE html><p>404", "contains text (HTML), not a"),
    Fault(4, "note.png", lambda: "Grüße".encode() * 900, "contains text, not a picture"),
    Fault(5, "script.jpg", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS or PostScript"),
    Fault(6, "deep.png", lambda: grey16(65535), note="16-bit, scaled to 8"),
    Fault(7, "dark.png", lambda: grey16(4095), note="dark: values reach 4095 of 65535"),
    Fault(7, "dark.png", lambda: grey16(4095), note="0 to 4095", options=(("levels", "range"),)),
    Fault(8, "float.tif", float_tiff, note="1 value not finite, painted magenta"),
    Fault(9, "print.jpg", lambda: encoded("JPEG", photograph().convert("CMYK")), note="CMYK"),
    Fault(10, "palette.png", palette_with_hole, note="transparent, on white"),
    Fault(11, "hidden.png", lambda: hidden_colours("RGBA"), note="transparent, on white"),
    Fault(12, "fax.png", lambda: encoded("PNG", photograph().convert("1")), note="1-bit"),
    Fault(12, "la.png", lambda: hidden_colours("LA"), note="transparent, on white"),
    Fault(12, "lab.tif", lambda: encoded("TIFF", Image.new("LAB", (9, 9), 128)), note="Lab"),
    Fault(
        12, "ycc.tif", lambda: encoded("TIFF", photograph().convert("YCbCr")), note="YCbCr"
    ),
    Fault(13, "turned.jpg", lambda: oriented(6), note="turned upright"),
    Fault(14, "turned99.jpg", lambda: oriented(99)),
    Fault(14, "turned99.tif", lambda: oriented(99, "TIFF")),
    Fault(14, "exif.jpg", broken_exif),
    Fault(15, "film.gif", lambda: animated("GIF"), note="frame 1 of 3"),
    Fault(15, "film.webp", lambda: animated("WEBP"), note="frame 3 of 3", options=(("frame", 2),)),
    Fault(15, "film.png", lambda: animated("PNG"), "no frame 4", options=(("frame", 3),)),
    Fault(16, "dot.png", lambda: encoded("PNG", Image.new("RGB", (1, 1)))),
    Fault(16, "line.png", lambda: encoded("PNG", Image.new("RGB", (5000, 1)))),
    Fault(17, "bomb.png", lambda: png(30000, 30000, b""), "900 megapixels; the limit is 178"),
    Fault(17, "bomb.webp", lambda: webp_header(16383), "268 megapixels; the limit"),
    Fault(18, "big.png", lambda: png(12000, 12000, b""), "144 megapixels", "reduced"),
    Fault(19, "big.png", lambda: png(9400, 9400, b""), "88 megapixels", "reduced"),
    Fault(20, "text.png", text_bomb, "damaged or hostile PNG"),
    Fault(21, "crc.png", bad_crc, "PNG header is damaged"),
    Fault(22, "drawing.svg", lambda: b"<?xml version='1.0'?><svg/>", "vector image (SVG)"),
    Fault(24, "layers.psd", lambda: b"8BPS\0\1" + bytes(99), "Photoshop document"),
    Fault(24, "sky.fits", lambda: b"SIMPLE  =                    T", "FITS"),
    Fault(24, "old.pcx", lambda: encoded("PCX"), "PCX"),
    Fault(24, "app.icns", lambda: b"icns" + bytes(99), "ICNS"),
    Fault(24, "doc.pdf", lambda: b"%PDF-1.7\n", "a PDF document"),
    Fault(24, "film.mp4", lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "a video"),
    Fault(32, "😀 \u202egpj\nעברית e\u0301.png", lambda: encoded("PNG")),
    Fault(32, "\u202egpj\n.png", lambda: b"", "\\u202egpj\\n.png is empty"),
    Fault(36, "changed.png", lambda: encoded("PNG"), "changed on disk", "reload",
          options=(("sha256", "0" * 64),)),
    Fault(38, "icc.jpg", lambda: encoded("JPEG", icc_profile=b"rubbish"), note="sRGB assumed"),
    Fault(40, "odd.png", lambda: encoded("PNG", photograph(33, 5))),
]  # fmt: skip


def meet(fault: Fault, folder: Path) -> Picture | None:
    path = folder / fault.name
    path.write_bytes(fault.make())
    ref = ImageRef(path=str(path), **dict(fault.options))
    if not fault.error:
        picture = load(ref)
        assert picture.pixels.ndim == 3
        assert any(fault.note in note for note in picture.notes) or not fault.note, picture.notes
        return picture
    with pytest.raises(ImageError) as caught:
        load(ref)
    assert fault.error in caught.value.message
    assert caught.value.offer == fault.offer
    assert caught.value.message.endswith((".", "fetched."))
    assert caught.value.advice
    return None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id.encode("unicode_escape"))
def test_a_faulty_file_gets_its_sentence_or_its_pixels(fault: Fault, tmp_path: Path) -> None:
    meet(fault, tmp_path)


@pytest.mark.parametrize(
    ("data", "advice"),
    [(pickle.dumps([1, 2]), "as safetensors."), (bytes(range(20)), "sessions .cnnviz.")],
)
def test_what_is_no_picture_is_told_with_what_to_open_instead(
    data: bytes, advice: str, tmp_path: Path
) -> None:
    (tmp_path / "data").write_bytes(data)
    with pytest.raises(ImageError) as caught:
        load(ImageRef(path=str(tmp_path / "data")))
    assert caught.value.advice.endswith(advice)


def test_all_faults_in_random_order_leave_the_loader_working(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    photograph().save(good)
    expected = np.asarray(photograph())
    shuffled = random.Random(1).sample(FAULTS, len(FAULTS))
    for fault in shuffled:
        meet(fault, tmp_path)
        np.testing.assert_array_equal(load(ImageRef(path=str(good))).pixels, expected)


def test_nothing_is_printed_even_when_warnings_are_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for fault in FAULTS:
            meet(fault, tmp_path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux only")
def test_bombs_cost_no_memory(tmp_path: Path) -> None:
    bombs = [f for f in FAULTS if f.row in (17, 18, 19, 20)]
    assert len(bombs) >= 5
    for name, data in [(f.name, f.make()) for f in bombs]:
        (tmp_path / name).write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    for fault in bombs:
        with pytest.raises(ImageError):
            load(ImageRef(path=str(tmp_path / fault.name)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kB


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_very_large_picture_opens_reduced(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "wide.png"
    width, height = 16_000, 4_000  # 64 megapixels
    exif = Image.Exif()
    exif[0x0112] = orientation
    extra = chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    path.write_bytes(png(width, height, deflated_zeros((width + 1) * height), extra))
    picture = load(ImageRef(path=str(path), reduced=True))
    small = (4000, 1000)
    assert picture.notes[-1] == "opened reduced, 16000 × 4000 to 4000 × 1000"
    assert (picture.width, picture.height) == (small if orientation == 1 else small[::-1])


def test_a_very_large_jpeg_is_reduced_while_decoding(tmp_path: Path) -> None:
    path = tmp_path / "wide.jpg"
    photograph(5000, 10_400).save(path, quality=50)
    picture = load(ImageRef(path=str(path), reduced=True))
    assert picture.notes == ("opened reduced, 10400 × 5000 to 2600 × 1250",)
    small = photograph(1250, 2600)
    assert np.abs(picture.pixels.astype(int) - np.asarray(small)).mean() < 6


def refused(path: Path, words: str) -> None:
    with pytest.raises(ImageError, match=words) as caught:
        load(ImageRef(path=str(path)))
    assert caught.value.advice


def test_23_heic_without_its_package_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "phone.jpg").write_bytes(heic())
    refused(tmp_path / "phone.jpg", r'needs one more package.*pip install "cnnviz-gui\[heif\]"')


def test_25_a_folder_is_no_picture(tmp_path: Path) -> None:
    refused(tmp_path, "is a folder")


def test_31_a_file_that_may_not_be_read_names_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(encoded("PNG"))

    def denied(*args: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root may read everything
    refused(path, f"no permission to read secret.png; its owner is {path.owner()}")


def test_33_a_path_too_long(tmp_path: Path) -> None:
    refused(tmp_path / ("x" * 300 + ".png"), "too long for this system")


def test_34_a_file_that_vanished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(tmp_path / "gone.png", "gone.png does not exist")
    (tmp_path / "a.png").write_bytes(encoded("PNG"))
    refused(tmp_path / "a.png" / "b.png", "b.png does not exist")

    def vanish(*args: Any) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", vanish)
    refused(tmp_path / "a.png", "cannot be read: Input/output error")


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_35_pipes_and_devices_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "a device or a pipe")
    refused(Path("/dev/zero"), "a device or a pipe")


def test_37_links_in_a_circle_and_into_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("nothing")
    refused(tmp_path / "a", "leads back to itself")
    refused(tmp_path / "c", "does not exist")


@pytest.mark.parametrize("path", ["", "a\0b.png", "\ud800.png"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ImageError):
        load(ImageRef(path=path))


def test_a_file_beyond_the_cap_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse: takes no room
    refused(tmp_path / "huge.png", "has 256 MB; the limit is 256 MB")


def test_frames_of_a_hostile_gif_are_counted_quickly(tmp_path: Path) -> None:
    start = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0x80) + bytes(6) + b"\2\2D\1\0"
    (tmp_path / "many.gif").write_bytes(start + frame * 200_000 + b"\x3b")
    picture = load(ImageRef(path=str(tmp_path / "many.gif")))
    assert picture.notes == ("frame 1 of 10000+",)


SAMPLES = [
    ("PNG", {}), ("PNG", {"palette": True}), ("JPEG", {}), ("JPEG", {"progressive": True}),
    ("GIF", {"film": True}), ("WEBP", {}), ("WEBP", {"film": True}), ("BMP", {}), ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}), ("AVIF", {}),
]  # fmt: skip


def sample(kind: str, options: dict[str, Any]) -> bytes:
    if options.get("film"):
        return animated(kind)
    small = photograph(20, 24)
    if options.get("palette"):
        return encoded(kind, small.quantize(8), transparency=1)
    exif = Image.Exif()
    exif[0x0112] = 6
    extra = {} if kind in ("BMP", "GIF") else {"exif": exif}
    return encoded(kind, small, **options, **extra)


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(min(len(changed), rng.choice((64, 10_000))))
        action = rng.randrange(4)
        if action == 0:
            changed[at] = rng.randrange(256)
        elif action == 1:
            changed[at] ^= 1 << rng.randrange(8)
        elif action == 2:
            changed[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
        else:
            del changed[at : at + rng.randrange(1, 9)]
    return bytes(changed[: rng.randrange(1, len(changed) + 1)] if rng.random() < 0.1 else changed)


@pytest.mark.parametrize(("kind", "options"), SAMPLES, ids=lambda value: str(value))
def test_only_image_errors_escape_from_mutated_files(
    kind: str, options: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(f"{kind} {options}")
    path, data, opened = tmp_path / "mutant", sample(kind, options), 0
    load_ref = ImageRef(path=str(path), partial=True)
    for _ in range(400):
        path.write_bytes(mutated(data, rng))
        try:
            picture = load(load_ref)
        except ImageError as error:
            assert error.message
            continue
        opened += 1
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.shape[2] == 3
    assert opened > 0 or kind == "AVIF"
    if "compression" not in options:  # libtiff prints from C about damaged LZW
        assert capfd.readouterr() == ("", "")
