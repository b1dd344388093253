"""Results as files: every array as ``.npy``, what can be looked at as PNG, the rest as JSON."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from cnnviz_gui.core import csv_text, filter_picture, grid_figure, look, plane_figure, render
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.feature_results import FeaturePictures, SheetOfFeatures
from cnnviz_gui.core.files import (
    display_name,
    in_levels,
    quantised,
    save_npy,
    save_png,
    write_atomically,
)
from cnnviz_gui.core.folder import sheet
from cnnviz_gui.core.grid_results import HeatmapGridResult
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.layer_results import LayerFilters
from cnnviz_gui.core.look import Look
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import (
    AttackResult,
    ByteArray,
    FloatArray,
    LayerMaps,
    NearestImages,
    OpenedImage,
    Prediction,
    Result,
    SweepResult,
)
from cnnviz_gui.texts import tr

FilePath = str | os.PathLike[str]
OVERLAY = Look(diverging="berlin")
"""How a heat map is drawn in a file where nothing else is said."""
_OTHER_PICTURES = re.compile(r"\.(jpe?g?|jfif|webp|avif|hei[cf]|gif|bmp|tiff?)", re.IGNORECASE)
_SHEET_GAP = 2


def check_destination(path: FilePath, suffix: str = "") -> None:
    """Refuse a file that could not be written, before time is spent on what it shall hold.

    Parameters
    ----------
    path
        The file to be.
    suffix
        ``.png`` also refuses the names of other picture formats; most would alter the pixels.

    Raises
    ------
    OutputError
        The folder does not exist, the path is a folder, or its name promises another format.
    """
    target = Path(path)
    name = display_name(target)
    if suffix == ".png" and _OTHER_PICTURES.fullmatch(target.suffix):
        raise OutputError(
            tr(
                "{name} cannot be written: pictures are saved as PNG, which alters no pixel.",
                name=name,
            ),
            tr("Choose a name that ends in .png."),
        )
    if not os.path.isdir(target.parent):  # noqa: PTH112 (it raises where a name is too long)
        folder = display_name(target.parent)
        raise OutputError(
            tr("{name} cannot be written: {folder} is not a folder.", name=name, folder=folder),
            tr("Choose another folder."),
        )
    if os.path.isdir(target):  # noqa: PTH112
        raise OutputError(tr("{name} is a folder.", name=name), tr("Choose the name of a file."))


def overlay(result: HeatmapResult, seen: ByteArray, drawn: Look = OVERLAY) -> ByteArray:
    """Lay a heat map over the picture as the network saw it.

    Parameters
    ----------
    result
        A map (H, W); signed maps are drawn symmetric about zero.
    seen
        uint8 (H, W, 3).
    drawn
        How; by default a signed map over the photograph in grey.

    Returns
    -------
    uint8 (H, W, 3)
    """
    low, high = look.natural_range(result, in_colour=drawn.in_colour)
    return look.painted(result, seen, drawn, low, high)


def feature_strip(result: FeaturePictures) -> ByteArray:
    """Return pictures of gradient ascent side by side, uint8 (H, N · W, 3), or 4 with opacity."""
    return np.concatenate(list(result.shown), axis=1)


def save_overlay(
    result: HeatmapResult,
    seen: ByteArray,
    path: FilePath,
    drawn: Look = OVERLAY,
    carried: bytes = b"",
) -> Path:
    """Write a heat map over its picture as PNG and return the path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    return save_png(path, overlay(result, seen, drawn), carried)


def save_neighbours(result: NearestImages, path: FilePath) -> Path:
    """Write path and similarity of each picture as CSV, the nearest first.

    Returns and raises as ``csv_text.save``.
    """
    rows = ((one.path, f"{one.similarity:.6f}") for one in result.neighbours)
    return csv_text.save(path, csv_text.text(("path", "similarity"), rows))


def save_result(
    result: Result,
    request: Request,
    folder: FilePath,
    *,
    seen: ByteArray | None = None,
    carried: bytes = b"",
) -> tuple[Path, ...]:
    """Write all of a result into a folder, which is made where there is none.

    Arrays become ``.npy`` files named after their fields, bit for bit; ``result.json`` has the
    plain values and names the arrays' files; ``request.json`` replays it; pictures show it.

    Parameters
    ----------
    seen
        uint8 (H, W, 3): the picture as the network saw it, for an overlay beneath a heat map.
    carried
        What the pictures tell of where they come from, as ``carried.of`` gives it.

    Returns
    -------
    The files written.

    Raises
    ------
    OutputError
        The folder cannot be made or a file cannot be written.
    """
    target = Path(folder)
    _make(target)
    arrays: dict[str, npt.NDArray[Any]] = {}
    plain = {
        "task": request.task,
        "fingerprint": request.fingerprint(),
        "result": _plain(result, "", arrays),
    }
    written = [save_npy(target / f"{name}.npy", array) for name, array in arrays.items()]
    for name, picture in _pictures(result, seen).items():
        written.append(save_png(target / f"{name}.png", picture, carried))
    encoded = msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"
    for name, data in (("request.json", request.to_json()), ("result.json", encoded)):
        write_atomically(target / name, data)
        written.append(target / name)
    return tuple(written)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            tr(
                "The folder {folder} cannot be made: {reason}.",
                folder=display_name(folder),
                reason=reason,
            ),
            tr("Choose another folder."),
        ) from None


def _plain(value: Any, name: str, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """Return ``value`` as JSON holds it; arrays are put aside under a name of their own."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"file": f"{name}.npy", "shape": list(value.shape), "dtype": str(value.dtype)}
    if isinstance(value, bytes):
        return None  # a small picture, which the page of them shows
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: _plain(getattr(value, f.name), f"{name}-{f.name}".lstrip("-"), arrays)
            for f in dataclasses.fields(value)
        }
    if isinstance(value, tuple | list):
        return [_plain(item, f"{name}-{i:02d}", arrays) for i, item in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


def _pictures(result: Result, seen: ByteArray | None) -> dict[str, ByteArray]:
    """Return what a result looks like, by file name without suffix."""
    if isinstance(result, Prediction):
        return {"seen": result.seen}
    if isinstance(result, OpenedImage):
        return {"thumbnail": result.thumbnail}
    if isinstance(result, HeatmapResult):
        return _heatmap_pictures(result, seen)
    if isinstance(result, HeatmapGridResult) and seen is not None:
        return {"grid": grid_figure.of_result(result, seen), "seen": seen}
    if isinstance(result, HeatmapFolderResult) and result.rows:
        return {"sheet": sheet.contact_sheet(result.rows, _said_of)}
    if isinstance(result, AttackFolderResult) and result.rows:
        return {"sheet": sheet.contact_sheet(result.rows, _seen_in)}
    if isinstance(result, PlaneResult):
        return {"plane": plane_figure.alone(result)}
    if isinstance(result, AttackResult):
        return _attack_pictures(result)
    if isinstance(result, AttackTrajectory) and result.result is not None:
        return _attack_pictures(result.result)
    if isinstance(result, LayerFilters):
        filters = filter_picture.sheet(result, "berlin")
        return {} if filters is None else {"filters": filters}
    if isinstance(result, LayerMaps):
        return {"maps": _sheet(result.maps)}
    if isinstance(result, FeaturePictures):
        return {"pictures": feature_strip(result)}
    if isinstance(result, SheetOfFeatures) and len(result.channels):
        opaque = np.pad(result.pictures, ((0, 0),) * 3 + ((0, 1),), constant_values=255)
        return {"sheet": render.atlas(opaque, _columns(opaque), _SHEET_GAP)}
    if isinstance(result, SweepResult):
        flipped = next((p for p in result.points if p.epsilon == result.first_flip), None)
        return _attack_pictures(flipped.result) if flipped else {}
    return {}


def _said_of(row: MapRow) -> tuple[str, str]:
    return display_name(row.path), "" if row.target is None else row.target.label


def _seen_in(row: AttackRow) -> tuple[str, str]:
    score = row.predicted if row.after is None else row.after
    return display_name(row.path), "" if score is None else score.label


def _heatmap_pictures(result: HeatmapResult, seen: ByteArray | None) -> dict[str, ByteArray]:
    low, high = look.natural_range(result)
    pictures = {"map": render.apply_colormap(result.map, OVERLAY.colour_map(result), low, high)}
    if result.colour is not None:
        _, bound = look.natural_range(result, in_colour=True)
        pictures["colours"] = render.around_grey(result.colour, bound)
    if seen is not None and seen.shape[:2] == result.map.shape:
        pictures |= {"seen": seen, "overlay": overlay(result, seen)}
    return pictures


def _attack_pictures(result: AttackResult) -> dict[str, ByteArray]:
    strongest = render.strongest_colour(result.adversarial_image - result.clean_image)
    bound = render.signed_range(strongest)
    return {
        "adversarial": quantised(result),
        "clean": in_levels(result.clean_image, result.clean_image, "linf", None),
        "perturbation": render.apply_colormap(strongest, "berlin", -bound, bound),
    }


def _sheet(maps: FloatArray) -> ByteArray:
    low, high = _range(maps)
    return render.atlas(render.tile_strip(maps, "viridis", low, high), _columns(maps), _SHEET_GAP)


def _columns(tiles: npt.NDArray[Any]) -> int:
    return max(1, int(np.ceil(np.sqrt(len(tiles)))))


def _range(values: FloatArray) -> tuple[float, float]:
    """Return the ends of the colour scale of maps: from the least value but at most zero."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0
    return min(0.0, float(finite.min())), max(0.0, float(finite.max()))
