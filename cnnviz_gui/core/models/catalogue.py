"""The catalogue: our own networks, and every classifier that the installed torchvision registers.

What is said of torchvision's networks is what torchvision itself says of them and of their weights.
"""

from __future__ import annotations

import difflib
import inspect
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import torch

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.models import cache, given, imagenet, names, own
from cnnviz_gui.core.request import ListNetworks
from cnnviz_gui.core.result import ListedNetworks
from cnnviz_gui.texts import tr

# The first four digits of an identifier are year and month: arxiv.org/abs/1512.03385.
_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d\d)\d\d\.\d{4,5}")


def entries() -> tuple[CatalogueEntry, ...]:
    """Return all networks: given ones, the embedded one and its kin, torchvision's, LeNet-5.

    What is on this machine is looked up anew each time.

    Raises
    ------
    ModelError
        torchvision cannot be imported.
    """
    return _entries_around([_entry(name) for name in torchvision_names()])


def _entries_around(theirs: Sequence[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
    first, last = (tuple(ours.entry() for ours in some) for some in (own.FIRST, own.LAST))
    return (*given.entries(), *first, *theirs, *last)


def run(request: ListNetworks, session: object, ctx: Context) -> ListedNetworks:
    """Answer a request for the catalogue; it needs no session.

    Where torchvision cannot be imported, the networks that do without it are still there.
    """
    ctx.check()
    try:
        return ListedNetworks(entries=entries())
    except ModelError as error:
        return ListedNetworks(entries=_entries_around(()), problem=str(error))


@lru_cache(maxsize=1)
def torchvision_models() -> Any:
    """Return ``torchvision.models``.

    Raises
    ------
    ModelError
        torchvision cannot be imported; the advice is how to mend it.
    """
    try:
        import torchvision.models
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        raise ModelError(
            tr(
                "torchvision does not fit this torch ({version}): {reason}",
                version=torch.__version__,
                reason=_first_line(error),
            ),
            tr("Install a fitting pair: python -m pip install --force-reinstall torch torchvision"),
        ) from error
    return torchvision.models


def torchvision_names() -> tuple[str, ...]:
    """Return the names of torchvision's classifiers, sorted."""
    models = torchvision_models()
    return tuple(sorted(models.list_models(module=models)))


def unknown(name: str) -> ModelError:
    """Return the failure that says there is no such network, with the names that are near."""
    known = (*(ours.name for ours in (*own.FIRST, *own.LAST)), *torchvision_names())
    close = difflib.get_close_matches(name, known, n=4, cutoff=0.5)
    advice = (
        tr("Did you mean: {names}?", names=", ".join(close))
        if close
        else tr("List them with: cnnviz models")
    )
    return ModelError(tr("There is no network {name!r}.", name=name), advice)


def builder(name: str) -> Any:
    """Return torchvision's function that builds a network."""
    return torchvision_models().get_model_builder(name)


def weights(name: str) -> Any | None:
    """Return the best weights that are on this machine, else those that torchvision recommends.

    Weights without classes, which serve as the trunk of a detector, are none of a classifier.
    """
    ranked = _ranked(name)
    here = (member for member in ranked if weights_file(member).is_file())
    return next(here, ranked[0] if ranked else None)


def recommended_weights(name: str) -> Any | None:
    """Return the weights that torchvision recommends, whatever is on this machine."""
    return next(iter(_ranked(name)), None)


def _ranked(name: str) -> list[Any]:
    known = torchvision_models().get_model_weights(name)
    members = [member for member in known if member.meta.get("categories")]
    return sorted(members, key=lambda member: member is not known.DEFAULT)


def weights_file(member: Any) -> Path:
    """Return where torchvision keeps these weights, whether or not they are there."""
    return cache.folder() / str(member.url).rpartition("/")[2]


def transform_numbers(
    member: Any | None,
) -> tuple[int, int, Literal["bilinear", "bicubic"], tuple[float, ...], tuple[float, ...]]:
    """Return input size, size before the crop, interpolation, mean and standard deviation."""
    if member is None:
        return 224, 256, "bilinear", imagenet.MEAN, imagenet.STD
    preset = member.transforms()
    return (
        preset.crop_size[0],
        preset.resize_size[0],
        "bicubic" if preset.interpolation.value == "bicubic" else "bilinear",
        tuple(preset.mean),
        tuple(preset.std),
    )


def _entry(name: str) -> CatalogueEntry:
    member = weights(name)
    meta: dict[str, Any] = {} if member is None else member.meta
    accuracy = meta.get("_metrics", {}).get("ImageNet-1K", {}).get("acc@1", math.nan)
    operations = meta.get("_ops")  # billions of multiply-adds
    build = builder(name)
    return CatalogueEntry(
        name=name,
        title=names.title(name),
        family=names.family(build.__module__),
        parameters=int(meta.get("num_params", 0)),
        weights=_whereabouts(member),
        input_size=transform_numbers(member)[0],
        accuracy=accuracy if math.isfinite(accuracy) else None,
        macs=None if operations is None else operations * 1e9,
        size=meta.get("_file_size"),
        classes=len(meta.get("categories", ())) or 1000,
        year=_year(inspect.getdoc(build) or ""),
        licence=names.licence(meta.get("license", "")) or _package_licence(),
        file="" if member is None else weights_file(member).name,
    )


def _whereabouts(member: Any | None) -> Literal["here", "download", "none"]:
    if member is None:
        return "none"
    return "here" if weights_file(member).is_file() else "download"


def _year(text: str) -> int | None:
    """Return the year of the first paper that ``text`` links to."""
    found = _ARXIV.search(text)
    return None if found is None else 2000 + int(found[1])


@lru_cache(maxsize=1)
def _package_licence() -> str:
    """Return the licence under which torchvision gives away code and weights alike."""
    try:
        said = metadata.metadata("torchvision").json
    except metadata.PackageNotFoundError:
        return ""
    return str(said.get("license_expression") or said.get("license") or "")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
