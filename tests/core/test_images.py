"""Every mode, orientation and frame becomes the pixels that numpy says it should."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from cnnviz_gui.core.errors import Cancelled, ImageError
from cnnviz_gui.core.images import Picture, load, thumbnail
from cnnviz_gui.core.request import ImageRef

RNG_SHAPE = (12, 17)


def noise(*shape: int) -> Any:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


def opened(path: Path, image: Image.Image, kind: str = "PNG", /, **options: Any) -> Picture:
    ref = {k: options.pop(k) for k in ("background", "levels", "frame") if k in options}
    image.save(path, kind, **options)
    return load(ImageRef(path=str(path), **ref))


def on(colours: Any, alpha: Any, background: int) -> Any:
    share = alpha[..., None] / 255.0
    return np.floor(colours * share + background * (1 - share) + 0.5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.bin"


def test_rgb_and_grey_come_back_unchanged(file: Path) -> None:
    rgb = noise(*RNG_SHAPE, 3)
    picture = opened(file, Image.fromarray(rgb))
    np.testing.assert_array_equal(picture.pixels, rgb)
    assert (picture.width, picture.height) == (17, 12)
    assert (picture.format, picture.frames, picture.notes) == ("PNG", 1, ())
    assert not picture.pixels.flags.writeable
    grey = noise(*RNG_SHAPE)
    expected = np.repeat(grey[..., None], 3, 2)
    np.testing.assert_array_equal(opened(file, Image.fromarray(grey)).pixels, expected)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "BMP", "TIFF", "GIF", "JPEG"])
def test_every_accepted_format_opens(file: Path, kind: str) -> None:
    flat = np.full((16, 16, 3), (200, 40, 90), np.uint8)
    picture = opened(file, Image.fromarray(flat), kind)
    assert np.abs(picture.pixels.astype(int) - flat).max() <= 6
    assert picture.format.upper() == kind


def test_one_bit(file: Path) -> None:
    bits = noise(*RNG_SHAPE) > 127
    picture = opened(file, Image.fromarray(bits))
    np.testing.assert_array_equal(picture.pixels[..., 0], bits * 255)
    assert picture.notes == ("1-bit",)


def test_a_16_bit_ramp_stays_monotone_with_all_levels(file: Path) -> None:
    ramp = np.linspace(0, 65535, 4096).astype(np.uint16).reshape(16, 256)
    picture = opened(file, Image.fromarray(ramp))
    row = picture.pixels[..., 0].ravel().astype(int)
    assert (np.diff(row) >= 0).all()
    assert len(set(row)) > 200
    np.testing.assert_array_equal(row, np.rint(ramp.ravel() / 257))
    assert picture.notes == ("16-bit, scaled to 8",)


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_16_bit_tiff_of_either_byte_order(file: Path, mode: str) -> None:
    values = np.arange(0, 65536, 300, np.uint16).reshape(1, -1)
    order = "<u2" if mode == "I;16" else ">u2"
    image = Image.frombytes(mode, values.shape[::-1], values.astype(order).tobytes())
    np.testing.assert_array_equal(opened(file, image, "TIFF").pixels[..., 0], np.rint(values / 257))


def test_16_bit_tiff_with_zero_for_white(file: Path) -> None:
    values = np.arange(0, 65536, 300, np.uint16).reshape(1, -1)
    picture = opened(file, Image.fromarray(values), "TIFF", tiffinfo={262: 0})
    np.testing.assert_array_equal(picture.pixels[..., 0], 255 - np.rint(values / 257))


def test_12_bit_data_can_be_spread_over_the_range_that_occurs(file: Path) -> None:
    values = np.linspace(0, 4095, 256).astype(np.uint16).reshape(16, 16)
    dark = opened(file, Image.fromarray(values))
    assert dark.pixels.max() == 16
    assert dark.notes == ("16-bit, scaled to 8", "dark: values reach 4095 of 65535")
    spread = opened(file, Image.fromarray(values), levels="range")
    np.testing.assert_array_equal(spread.pixels[..., 0], np.rint(values / 4095 * 255))
    assert spread.notes == ("16-bit, 0 to 4095 scaled to 8",)


def test_16_bit_grey_with_a_transparent_value(file: Path) -> None:
    values = np.array([[1000, 65535], [30000, 1000]], np.uint16)
    picture = opened(file, Image.fromarray(values), transparency=1000)
    np.testing.assert_array_equal(picture.pixels[..., 1], [[255, 255], [117, 255]])


def test_16_bit_colour_keeps_its_high_bytes(file: Path) -> None:
    import zlib

    rgb = (np.arange(4 * 4 * 3).reshape(4, 4, 3) * 1300).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in rgb)
    png = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        crc = zlib.crc32(name + body)
        png += struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)
    file.write_bytes(png)
    picture = load(ImageRef(path=str(file)))
    assert np.abs(picture.pixels - rgb / 257).max() <= 1
    assert picture.notes == ("16-bit, scaled to 8",)


def test_32_bit_integers(file: Path) -> None:
    values = np.array([[0, 257], [65535, 30000]], np.int32)
    picture = opened(file, Image.fromarray(values), "TIFF")
    np.testing.assert_array_equal(picture.pixels[..., 0], np.rint(values / 257))
    values = np.array([[-100, 0], [100_000, 49_950]], np.int32)
    picture = opened(file, Image.fromarray(values), "TIFF")
    np.testing.assert_array_equal(picture.pixels[..., 0], [[0, 0], [255, 128]])
    assert picture.notes == ("32-bit, -100 to 100000 scaled to 8",)


def test_floats_in_unit_range_are_scaled_and_others_spread(file: Path) -> None:
    values = np.linspace(0.2, 0.6, 50, dtype=np.float32).reshape(5, 10)
    picture = opened(file, Image.fromarray(values), "TIFF")
    np.testing.assert_array_equal(picture.pixels[..., 0], np.rint(values * 255.0))
    wide = values * 1000 - 300
    picture = opened(file, Image.fromarray(wide), "TIFF")
    assert (picture.pixels.min(), picture.pixels.max()) == (0, 255)
    assert picture.notes == ("float, -100 to 300 scaled to 8-bit",)


def test_values_that_are_not_finite_are_painted_magenta(file: Path) -> None:
    values = np.array([[0.0, 1.0, np.nan], [np.inf, 0.5, -np.inf]], np.float32)
    picture = opened(file, Image.fromarray(values), "TIFF")
    magenta = (picture.pixels == (255, 0, 255)).all(-1)
    np.testing.assert_array_equal(magenta, ~np.isfinite(values))
    assert picture.notes[-1] == "3 values not finite, painted magenta"
    nothing = np.full((2, 2), np.nan, np.float32)
    assert (opened(file, Image.fromarray(nothing), "TIFF").pixels == (255, 0, 255)).all()


@pytest.mark.parametrize(
    ("background", "value"), [("white", (255,) * 3), ("black", (0,) * 3), ("mean", (124, 116, 104))]
)
def test_transparency_shows_the_background_and_no_hidden_colours(
    file: Path, background: str, value: tuple[int, ...]
) -> None:
    rgba = noise(*RNG_SHAPE, 4)
    rgba[:4, :, 3] = 0
    rgba[4:8, :, 3] = 255
    picture = opened(file, Image.fromarray(rgba), background=background)
    expected = on(rgba[..., :3], rgba[..., 3], np.array(value))
    assert np.abs(picture.pixels - expected).max() <= 1
    assert (picture.pixels[:4] == value).all()
    np.testing.assert_array_equal(picture.pixels[4:8], rgba[4:8, :, :3])
    name = "the mean colour" if background == "mean" else background
    assert picture.notes == (f"transparent, on {name}",)


def test_an_opaque_alpha_channel_is_not_worth_a_note(file: Path) -> None:
    rgba = noise(*RNG_SHAPE, 4)
    rgba[..., 3] = 255
    picture = opened(file, Image.fromarray(rgba))
    np.testing.assert_array_equal(picture.pixels, rgba[..., :3])
    assert picture.notes == ()


def test_grey_with_alpha(file: Path) -> None:
    la = noise(*RNG_SHAPE, 2)
    picture = opened(file, Image.fromarray(la))
    expected = on(la[..., :1].repeat(3, 2), la[..., 1], 255)
    assert np.abs(picture.pixels - expected).max() <= 1


def test_a_palette_with_and_without_transparency(file: Path) -> None:
    indices = noise(*RNG_SHAPE) % 8
    palette = noise(8, 3)
    image = Image.fromarray(indices)
    image.putpalette(palette.tobytes())
    np.testing.assert_array_equal(opened(file, image).pixels, palette[indices])
    alpha = np.array([0, 255, 128, 255, 0, 255, 255, 7], np.uint8)
    picture = opened(file, image, transparency=alpha.tobytes())
    expected = on(palette[indices], alpha[indices], 255)
    assert np.abs(picture.pixels - expected).max() <= 1
    picture = opened(file, image, "GIF", transparency=3)
    assert (picture.pixels[indices == 3] == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_transparent_colour_without_a_palette(file: Path, mode: str) -> None:
    values = noise(*RNG_SHAPE, 3) // 128 * 255
    image = Image.fromarray(values).convert(mode)
    key: Any = (0, 255, 0) if mode == "RGB" else 0
    picture = opened(file, image, transparency=key)
    shown = np.asarray(image.convert("RGB"))
    hidden = (shown == np.array(key)).all(-1)
    assert hidden.any()
    np.testing.assert_array_equal(picture.pixels, np.where(hidden[..., None], 255, shown))


def test_cmyk_without_a_profile(file: Path) -> None:
    cmyk = noise(*RNG_SHAPE, 4)
    picture = opened(file, Image.fromarray(cmyk, "CMYK"), "TIFF")
    expected = (255.0 - cmyk[..., :3]) * (255.0 - cmyk[..., 3:]) / 255.0
    assert np.abs(picture.pixels - expected).max() <= 1
    assert picture.notes == ("CMYK, converted without a profile",)


def test_cmyk_jpeg_as_adobe_inverts_it(file: Path) -> None:
    flat = Image.new("CMYK", (16, 16), (0, 200, 200, 10))
    picture = opened(file, flat, "JPEG", quality=100)
    assert np.abs(picture.pixels.astype(int) - (245, 53, 53)).max() <= 6


def test_ycbcr_and_lab_tiff(file: Path) -> None:
    ycc = noise(*RNG_SHAPE, 3)
    y, cb, cr = (ycc[..., i].astype(float) for i in range(3))
    expected = np.stack(
        [
            y + 1.402 * (cr - 128),
            y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128),
            y + 1.772 * (cb - 128),
        ],
        -1,
    ).clip(0, 255)
    picture = opened(file, Image.fromarray(ycc, "YCbCr"), "TIFF")
    assert np.abs(picture.pixels - expected).max() <= 2
    greys = np.zeros((1, 11, 3), np.uint8)  # a and b are signed in the file
    greys[..., 0] = np.linspace(0, 255, 11)
    picture = opened(file, Image.frombytes("LAB", (11, 1), greys.tobytes()), "TIFF")
    luminance = np.linspace(0, 100, 11)
    linear = np.where(luminance > 8, ((luminance + 16) / 116) ** 3, luminance / 903.3)
    srgb = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    assert np.abs(picture.pixels[0] - 255 * srgb[:, None]).max() <= 3
    assert picture.notes == ("Lab colours",)


def gamma_profile(gamma: float) -> bytes:
    """An RGB profile with sRGB's primaries (D50) and a plain power for its curves."""
    primaries = {
        b"rXYZ": (0.4360, 0.2225, 0.0139),
        b"gXYZ": (0.3851, 0.7169, 0.0971),
        b"bXYZ": (0.1431, 0.0606, 0.7139),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    data = {k: b"XYZ \0\0\0\0" + b"".join(_s15(x) for x in v) for k, v in primaries.items()}
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    data |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    data[b"cprt"] = b"text\0\0\0\0none\0\0\0\0"
    data[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 2) + b"g\0" + b"\0" * 82
    offset, table, body = 132 + 12 * len(data), struct.pack(">I", len(data)), b""
    for tag, value in data.items():
        table += tag + struct.pack(">II", offset + len(body), len(value))
        body += value + b"\0" * (-len(value) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", offset + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + b"".join(map(_s15, (0.9642, 1.0, 0.8249)))
    return header.ljust(128, b"\0") + table + body


def _s15(x: float) -> bytes:
    return struct.pack(">i", round(x * 65536))


@pytest.mark.parametrize("grey", [False, True])
def test_a_colour_profile_changes_no_number_of_grey_or_rgb(file: Path, grey: bool) -> None:
    ramp = np.repeat(np.arange(0, 256, 5, np.uint8)[None, :, None], 3, 2)
    image = Image.fromarray(ramp[..., 0]) if grey else Image.fromarray(ramp)
    picture = opened(file, image, icc_profile=gamma_profile(1.0))
    np.testing.assert_array_equal(picture.pixels, ramp)
    assert picture.notes == ("colour profile not applied, as in training",)


def test_an_srgb_profile_leaves_every_pixel_alone(file: Path) -> None:
    rgb = noise(*RNG_SHAPE, 3)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = opened(file, Image.fromarray(rgb), icc_profile=srgb)
    np.testing.assert_array_equal(picture.pixels, rgb)
    assert picture.notes == ()


@pytest.mark.parametrize("profile", [b"rubbish", gamma_profile(1.0)[:200], b"\0" * 9_000_000])
def test_a_broken_profile_means_srgb_and_a_note(file: Path, profile: bytes) -> None:
    rgb = noise(*RNG_SHAPE, 3)
    picture = opened(file, Image.fromarray(rgb), "TIFF", icc_profile=profile)
    np.testing.assert_array_equal(picture.pixels, rgb)
    assert picture.notes == ("colour profile unusable, sRGB assumed",)


ORIENTED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: np.rot90(a, 2),
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
@pytest.mark.parametrize("orientation", list(ORIENTED))
def test_all_eight_orientations_come_out_upright(file: Path, orientation: int, kind: str) -> None:
    corners = np.zeros((16, 32, 3), np.uint8)
    corners[:8, :16], corners[:8, 16:], corners[8:, :16] = (250, 0, 0), (0, 250, 0), (0, 0, 250)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(kind, {})
    picture = opened(file, Image.fromarray(corners), kind, exif=exif, **lossless)
    expected = ORIENTED[orientation](corners)
    assert picture.pixels.shape == expected.shape
    # Lossy formats blur colours at the borders; a wrong turn would be off by 80 and more.
    tolerance = 10 if kind in ("JPEG", "AVIF") else 0
    assert np.abs(picture.pixels.astype(int) - expected).mean() <= tolerance
    assert picture.notes == (() if orientation == 1 else ("turned upright",))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_each_frame_of_an_animation(file: Path, kind: str) -> None:
    frames = [Image.new("RGB", (8, 6), (80 * i, 200, 250 - 80 * i)) for i in range(3)]
    options: Any = {"lossless": True} if kind == "WEBP" else {}
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], **options)
    for index, frame in enumerate(frames):
        picture = load(ImageRef(path=str(file), frame=index))
        assert np.abs(picture.pixels.astype(int) - np.asarray(frame)).max() <= 3
        assert picture.notes[-1] == f"frame {index + 1} of 3"
        assert picture.frames == 3
    for index in (3, -1, 10**9):
        with pytest.raises(ImageError, match="has 3 frames; there is no frame"):
            load(ImageRef(path=str(file), frame=index))


def test_a_hash_guards_against_a_file_that_changed(file: Path) -> None:
    first = opened(file, Image.new("RGB", (4, 4)))
    assert load(ImageRef(path=str(file), sha256=first.sha256)).sha256 == first.sha256
    Image.new("RGB", (4, 4), "red").save(file, "PNG")
    with pytest.raises(ImageError, match="has changed on disk") as caught:
        load(ImageRef(path=str(file), sha256=first.sha256))
    assert caught.value.offer == "reload"


class CancelAfter:
    """Cancels at the given call."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def check(self) -> None:
        self.calls -= 1
        if self.calls <= 0:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        assert 0 <= done <= total
        self.check()

    def partial(self, value: object) -> None:
        raise AssertionError("a loader has nothing to show before the end")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_a_load_can_be_cancelled_wherever_it_asks(file: Path, kind: str) -> None:
    complete = opened(file, Image.fromarray(noise(300, 400, 3)), kind)
    for calls in range(1, 10_000):
        try:
            picture = load(ImageRef(path=str(file)), CancelAfter(calls))
        except Cancelled:
            continue
        break
    assert calls > 4
    np.testing.assert_array_equal(picture.pixels, complete.pixels)


def test_a_thumbnail_is_the_centre_square() -> None:
    pixels = np.zeros((50, 150, 3), np.uint8)
    pixels[:, 50:100] = 200
    picture = Picture(pixels, "", "", "PNG", 1, ())
    small = thumbnail(picture)
    assert small.shape == (96, 96, 3)
    assert (small == 200).all()
    assert not small.flags.writeable
    single = Picture(np.full((1, 1, 3), 7, np.uint8), "", "", "PNG", 1, ())
    assert (thumbnail(single, 8) == 7).all()


def test_heic_opens_where_its_package_is_there(file: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    flat = Image.new("RGB", (64, 64), (200, 40, 90))
    buffer = io.BytesIO()
    heif.from_pillow(flat).save(buffer, quality=95)
    file.write_bytes(buffer.getvalue())
    picture = load(ImageRef(path=str(file)))
    assert picture.format == "HEIC"
    assert np.abs(picture.pixels.astype(int) - (200, 40, 90)).max() <= 6
