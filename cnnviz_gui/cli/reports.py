"""What ``--json`` prints: plain values under the keys that scripts rely on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.request import Attack, Heatmap, ModelRef, Predict, Request
from cnnviz_gui.core.result import (
    AttackResult,
    Downloaded,
    Embedding,
    NearestImages,
    Prediction,
    Result,
    Transfer,
)


def score_report(score: Score) -> dict[str, Any]:
    """Return ``{index, label, probability}``."""
    return {"index": score.index, "label": score.label, "probability": float(score.probability)}


def layers_report(model: ModelRef, facts: ModelFacts) -> dict[str, Any]:
    """Return the layer table with its totals.

    ``receptive_field``, ``jump`` and ``offset`` of a layer are one number where height and width
    agree, else ``[down, across]``. They are null where each cell sees the whole picture, and where
    ``field_known`` is false.
    """
    return {
        "model": str(model),
        "trained": facts.trained,
        "weights": facts.weights,
        "input_size": facts.input_size,
        "layers": [_layer_report(layer) for layer in facts.layers],
        "parameters": facts.parameters,
        "macs": facts.macs,
        "recommended_layer": facts.recommended_layer,
    }


def _layer_report(layer: LayerFacts) -> dict[str, Any]:
    pairs = {name: getattr(layer, name) for name in ("receptive_field", "jump", "offset")}
    return dataclasses.asdict(layer) | {
        name: pair[0] if pair is not None and pair[0] == pair[1] else pair
        for name, pair in pairs.items()
    }


def prediction_report(asked: Predict, result: Prediction) -> dict[str, Any]:
    """Return the best classes, best first."""
    return {
        "model": str(asked.model),
        "predictions": [score_report(score) for score in result.scores],
        "enlarged": result.enlarged,
        "seconds": result.seconds,
    }


def heatmap_report(asked: Heatmap, result: HeatmapResult) -> dict[str, Any]:
    """Return what a heat map is of, its parameters and its range."""
    finite = result.map[np.isfinite(result.map)]
    return {
        "model": str(asked.model),
        "method": result.method,
        "layer": result.layer,
        "target": score_report(result.target),
        "against": None if result.against is None else score_report(result.against),
        "parameters": asked.parameters.values(),
        "seconds": result.seconds,
        "signed": result.signed,
        "minimum": float(finite.min()) if finite.size else None,
        "maximum": float(finite.max()) if finite.size else None,
        "shape": list(result.map.shape),
        "reason": result.reason,
        "samples": result.samples,
        "notes": list(result.notes),
    }


def attack_report(asked: Attack, result: AttackResult) -> dict[str, Any]:
    """Return what an attack did and what it cost."""
    return {
        "model": str(asked.model),
        "method": result.method,
        "epsilon": result.epsilon,
        "norm": result.norm,
        "success": bool(result.success),
        "target": None if result.target is None else score_report(result.target),
        "clean": [score_report(score) for score in result.clean],
        "adversarial": [score_report(score) for score in result.adversarial],
        "norms": dataclasses.asdict(result.norms),
        "forwards": result.forwards,
        "backwards": result.backwards,
        "parameters": asked.parameters.values(),
        "scale": asked.scale,
        "seconds": result.seconds,
    }


def transfer_report(asked: Predict, result: Transfer) -> dict[str, Any]:
    """Return whether another network is fooled, and what it says of both images."""
    return {
        "model": str(asked.model),
        "success": result.success,
        "target": None if result.target is None else score_report(result.target),
        "clean": [score_report(score) for score in result.clean],
        "adversarial": [score_report(score) for score in result.scores],
        "resized": result.resized,
    }


def download_report(result: Downloaded) -> dict[str, Any]:
    """Return where the weights of a network are now."""
    return {
        "model": result.name,
        "path": result.path,
        "bytes": result.size,
        "seconds": result.seconds,
    }


def embedding_report(model: ModelRef, result: Embedding) -> dict[str, Any]:
    """Return which layer the vector is given to, and its size, range and length."""
    vector = result.vector
    return {
        "model": str(model),
        "layer": result.layer,
        "size": int(vector.size),
        "minimum": float(vector.min()),
        "maximum": float(vector.max()),
        "length": float(np.linalg.norm(vector.astype(np.float64))),
        "seconds": result.seconds,
    }


def nearest_report(found: NearestImages, folder: str) -> dict[str, Any]:
    """Return the pictures most like the one in question, the nearest first."""
    return {
        "folder": folder,
        "looked_at": found.looked_at,
        "truncated": found.truncated,
        "neighbours": [
            {"path": one.path, "similarity": one.similarity} for one in found.neighbours
        ],
        "skipped": [{"path": path, "reason": reason} for path, reason in found.skipped],
        "seconds": found.seconds,
    }


def run_report(asked: Request, result: Result, paths: Sequence[Path]) -> dict[str, Any]:
    """Return what was replayed and which files were written."""
    return {
        "task": asked.task,
        "fingerprint": asked.fingerprint(),
        "seconds": result.seconds,
        "files": [str(path) for path in paths],
    }
