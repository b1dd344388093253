"""How far a heat map is to be trusted: what the network says without what the map marks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from cnnviz_gui.core import run_heatmap, scores
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.faithfulness import Examination
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.heatmaps.gathering import Pace, in_passes
from cnnviz_gui.core.result import FloatArray
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Trust
from cnnviz_gui.core.trust_results import TrustResult
from cnnviz_gui.texts import tr


def run(request: Trust, session: Session, ctx: Context) -> TrustResult:
    """Return the curves of a heat map, of random maps and of a blob in the middle.

    The map and the answer are remembered ones where there are any.

    Raises
    ------
    CnnvizError
        The heat map cannot be had, or it puts no pixel before another.
    """
    exact = run_heatmap.exactly(request.heatmap, session, ctx)
    key = ("trust", dataclasses.replace(request, heatmap=exact).fingerprint())
    kept = session.recall(key)
    if isinstance(kept, TrustResult):
        return kept
    own_seconds = session.stopwatch.start()
    result = _compute(request, session, ctx)
    result = dataclasses.replace(result, seconds=own_seconds())
    session.remember(key, result, _nbytes(result))
    return result


def require_order(found: HeatmapResult) -> None:
    """Refuse a map that puts no pixel before another.

    Raises
    ------
    MethodError
        It is blank, not finite, or the same everywhere.
    """
    finite = bool(np.isfinite(found.map).all())
    if finite and found.map.min() < found.map.max():
        return
    raise MethodError(
        found.reason or tr("This map is the same everywhere: it puts no pixel before another."),
        tr("There is nothing to be tested."),
    )


def _compute(request: Trust, session: Session, ctx: Context) -> TrustResult:
    explained = run_heatmap.explained(request.heatmap, session, ctx)
    found = run_heatmap.run(request.heatmap, session, Part(ctx))
    require_order(found)
    target, network = found.target, explained.network
    examination = Examination(
        explained.image, found.map, target.probability, network, request.parameters
    )
    questions = examination.questions()
    done = 0

    def passed(numbers: Sequence[int]) -> npt.NDArray[np.float64]:
        pictures = examination.pictures([questions[number] for number in numbers])
        exact = torch.stack([scores.as_list(row) for row in network.logits(pictures, ctx)])
        return exact.softmax(1)[:, target.index].numpy()

    def result() -> TrustResult:
        return TrustResult(
            method=found.method,
            layer=found.layer,
            target=target,
            map=examination.of_map,
            centre=examination.of_middle,
            random=examination.of_chance,
            done=done,
            expected=len(questions),
        )

    pace = Pace()
    for numbers, probabilities in in_passes(network, range(len(questions)), passed, ctx):
        examination.answer([questions[number] for number in numbers], probabilities)
        done += len(numbers)
        if done < len(questions) and pace.due():
            ctx.partial(result())
    return result()


def _nbytes(result: TrustResult) -> int:
    curves: list[FloatArray] = []
    for one in (result.map, result.centre, result.random):
        curves += [one.deletion, one.insertion]
    return sum(curve.nbytes for curve in curves)
