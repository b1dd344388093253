"""What the view of the statistics shows: pure functions of selection and findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.layer_requests import ActivationStatistics
from cnnviz_gui.core.layer_results import LayerActivity, NetworkActivity
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import ntr, tr

DEAD = tr("They are exactly 0 at every cell of every picture, as behind a ReLU that never opens")


@dataclass(frozen=True, slots=True, eq=False)
class ShownActivity:
    """What is known of the layers of the network in use."""

    result: NetworkActivity
    request: ActivationStatistics
    current: bool
    complete: bool


def shown_activity(state: AppState) -> ShownActivity | None:
    """Return the statistics of the network in use, perhaps over the pictures before."""
    finding = state.finding("statistics")
    request, value = finding.request, finding.value
    if not isinstance(request, ActivationStatistics) or not isinstance(value, NetworkActivity):
        return None
    if request.model != state.selection.model:
        return None
    return ShownActivity(value, request, finding.current, finding.status == "done")


def layer_activity(state: AppState) -> LayerActivity | None:
    """Return what is known of the layer in use."""
    shown, facts = shown_activity(state), state.shared.facts
    if shown is None or facts is None:
        return None
    return _by_name(shown.result).get(effective_layer(state.selection, facts))


@lru_cache(maxsize=2)
def _by_name(result: NetworkActivity) -> dict[str, LayerActivity]:
    return {layer.layer: layer for layer in result.layers}


@lru_cache(maxsize=4)
def kinds(facts: ModelFacts) -> tuple[tuple[str, str], ...]:
    """Return of which layers a plot can be: a value, and the words for it."""
    found = Counter(row.type for row in facts.layers if row.leaf and not row.operation)
    blocks = sum(row.depth == 0 for row in facts.layers)
    return (
        ("", tr("Every layer")),
        ("/", tr("Blocks ({count})", count=blocks)),
        *((kind, f"{kind} ({count})") for kind, count in found.most_common() if count > 1),
    )


@lru_cache(maxsize=4)
def plotted(result: NetworkActivity, facts: ModelFacts, kind: str) -> tuple[LayerActivity, ...]:
    """Return the layers of a plot in order of execution; ``kind`` is a value of ``kinds``."""
    if kind == "/":
        chosen = {row.name for row in facts.layers if row.depth == 0}
    else:
        chosen = {row.name for row in facts.layers if row.leaf and kind in ("", row.type)}
    return tuple(layer for layer in result.layers if layer.layer in chosen)


def source(state: AppState) -> str:
    """Return what the statistics are of: a folder's name, or the pictures at hand."""
    folder = state.selection.layer_folder
    return PurePath(folder).name or folder if folder else tr("Pictures at hand")


def said(shown: ShownActivity) -> str:
    """Return how many pictures were looked at: ``28 of 33 pictures, 2 unreadable``."""
    result = shown.result
    done, total = fmt.count(result.looked_at), fmt.count(result.total)
    if shown.complete:
        words = [ntr("{count} picture", "{count} pictures", result.total, count=done)]
    else:
        words = [
            ntr(
                "{done} of {total} picture",
                "{done} of {total} pictures",
                result.total,
                done=done,
                total=total,
            )
        ]
    if result.skipped:
        words.append(tr("{n} unreadable", n=len(result.skipped)))
    if result.truncated:
        words.append(tr("the rest of the folder was left out"))
    return ", ".join(words)


def without_zeros(layer: LayerActivity) -> list[float]:
    """Return the shares of the intervals without what is exactly 0, which would dwarf the rest."""
    shares = [float(share) for share in layer.counts]
    if shares and layer.low <= 0 < layer.high:
        place = int(-layer.low / (layer.high - layer.low) * len(shares))
        shares[place] = max(0.0, shares[place] - layer.zeros)
    return shares


def rows(layer: LayerActivity) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Return what sums a layer up, as names, values and, where it says more, tooltips."""
    dead = tr("{done} of {total}", done=len(layer.dead), total=layer.channels)
    mean, std = fmt.significant(layer.mean), fmt.significant(layer.std)
    exact = tr(
        "Mean {mean:.9g}, standard deviation {deviation:.9g}", mean=layer.mean, deviation=layer.std
    )
    return [
        (tr("Mean"), f"{mean} ± {std}", exact),
        (tr("Zeros"), fmt.percent(layer.zeros)),
        (tr("Dead"), dead, DEAD),
    ]
