"""``cnnviz feature``: pictures by gradient ascent."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.feature_requests import Feature, SpectrumRef, Unit
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.files import save_npy, save_png
from cnnviz_gui.core.film_file import save_gif
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import duration, shape, significant
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.result_files import feature_strip
from cnnviz_gui.core.save_work import Film

if TYPE_CHECKING:
    from cnnviz_gui.cli.desk import Desk
    from cnnviz_gui.core.context import Context
    from cnnviz_gui.core.session import Session


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> Feature:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """
    weight = -1.0 if arguments.negative else 1.0
    if arguments.layer is None:
        wanted: Sequence[int | None] = (resolve(facts.labels, arguments.target),)
    else:
        wanted = arguments.channel or (None,)
    units = tuple(
        Unit(layer=arguments.layer or "", channel=channel, cell=arguments.cell, weight=weight)
        for channel in wanted
    )
    return Feature(
        model=model,
        units=units,
        parameters=arguments.parameters,
        aim=arguments.aim,
        pictures=arguments.pictures if arguments.aim in ("blend", "differ") else 1,
        image=None if arguments.image is None else ImageRef(path=arguments.image),
        spectrum=None if arguments.spectrum is None else SpectrumRef(path=arguments.spectrum),
    )


def sealed(asked: Feature, session: Session, ctx: Context) -> Feature:
    """Return the request with the whole path of its spectrum's file, and its checksum."""
    if asked.spectrum is None:
        return asked
    from cnnviz_gui.core import run_feature  # imports torch

    path = str(Path(asked.spectrum.path).absolute())
    named = dataclasses.replace(asked, spectrum=dataclasses.replace(asked.spectrum, path=path))
    return run_feature.exactly(named, session, ctx)


def report(asked: Feature, result: FeaturePictures) -> dict[str, Any]:
    """Return what a picture is for, its parameters, and what answers to it."""
    return {
        "model": str(asked.model),
        "objective": result.of,
        "aim": asked.aim,
        "units": [dataclasses.asdict(unit) for unit in asked.units],
        "parameters": asked.parameters.values(),
        "spectrum": None if asked.spectrum is None else asked.spectrum.path,
        "activation": result.activation,
        "curve": [float(value) for value in result.curve],
        "shape": list(result.pictures.shape),
        "seconds": result.seconds,
    }


def write(
    arguments: argparse.Namespace,
    asked: Feature,
    result: FeaturePictures,
    at: Desk,
    told: dict[str, Any],
) -> None:
    """Write the files that are asked for, and tell where they are."""
    if arguments.save:
        told["saved"] = {
            "path": str(save_png(arguments.save, feature_strip(result), at.told(asked)))
        }
    if arguments.gif:
        told["gif"] = str(save_gif(arguments.gif, Film.of(result.film)))
    if arguments.array:
        told["array"] = str(save_npy(arguments.array, result.pictures))


def lines(result: FeaturePictures, told: dict[str, Any]) -> list[str]:
    """Return what a picture is for, how far it came, and what was written."""
    first, last = significant(float(result.curve[0])), significant(result.activation)
    written = [told.get("saved", {}).get("path"), told.get("gif"), told.get("array")]
    return [
        f"{result.of}, {result.done} steps, {duration(result.seconds)}",
        f"answer from {first} to {last}, {shape(result.pictures.shape[1:3])} pixels",
        *(f"wrote {Path(path)}" for path in written if path),
    ]
