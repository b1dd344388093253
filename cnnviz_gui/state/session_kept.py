"""Kept pictures in the file of a session: by request, made again when it is opened."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from cnnviz_gui.core import named_files, request_ranges
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.state.kept_features import KeptAsked, KeptFeatures
from cnnviz_gui.state.selection import Selection
from cnnviz_gui.texts import tr

CHOSEN: Final = (
    *("layer", "channel", "cell", "target", "feature_target", "feature_negative", "feature_aim"),
    *("feature_second", "feature_weight", "feature_pictures", "feature_preset", "feature_spectrum"),
)
"""What a kept picture is of; what it was made with stands in its request."""
_LANES: Final = ("feature", "feature-second")


def asked(kept: KeptFeatures) -> KeptAsked:
    """Return what makes kept pictures again."""
    return KeptAsked(tuple(part.request for part in kept.parts), kept.selection)


def lane_of(place: int) -> str:
    """Return the lane of the pictures of a network, the first or the second."""
    return _LANES[place]


def described(kept: KeptFeatures | None, waiting: KeptAsked | None) -> dict[str, Any]:
    """Return the entry of a file, none where nothing is kept that a file can tell of."""
    found = asked(kept) if kept is not None and waiting is None else waiting
    if found is None or any(request.model.given for request in found.requests):
        return {}
    chosen = {name: getattr(found.selection, name) for name in CHOSEN}
    return {"kept": {"requests": _plain(found.requests), "chosen": _plain(chosen)}}


def taken(raw: Any, value: Callable[[str, Any], Any], reset: list[str]) -> KeptAsked | None:
    """Do as ``read``, None for no entry; name in ``reset`` what is not valid."""
    try:
        return None if raw is None else read(raw, value)
    except (msgspec.ValidationError, CnnvizError, ValueError, TypeError, OverflowError):
        reset.append(tr("a kept picture"))
        return None


def read(raw: Any, value: Callable[[str, Any], Any]) -> KeptAsked:
    """Take the entry of a file, which may be anybody's.

    Parameters
    ----------
    raw
        Of the JSON object.
    value
        Returns the value of a field of the selection by name, or raises.

    Raises
    ------
    msgspec.ValidationError, CnnvizError, ValueError
        It is of another type or out of range, or has a key that nobody knows.
    """
    if not isinstance(raw, dict) or raw.keys() != {"requests", "chosen"}:
        raise ValueError("kept")
    requests, chosen = raw["requests"], raw["chosen"]
    if not isinstance(requests, list) or not 1 <= len(requests) <= len(_LANES):
        raise ValueError("requests")
    if not isinstance(chosen, dict) or chosen.keys() - set(CHOSEN):
        raise ValueError("chosen")
    made = tuple(_request(one) for one in requests)
    values = {name: value(name, one) for name, one in chosen.items()}
    return KeptAsked(made, dataclasses.replace(Selection(model=made[0].model), **values))


def _request(raw: Any) -> Feature:
    if not isinstance(raw, dict):
        raise ValueError("request")
    request_ranges.check_lengths(raw)
    made = msgspec.convert(raw, Feature)
    if _plain(made) != raw:  # it has more than was read
        raise ValueError("request")
    request_ranges.check(made)
    named = named_files.files(made)
    if made.model.given or any("\0" in f.path or not Path(f.path).is_absolute() for f in named):
        raise ValueError("file")
    return made


def _plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
