"""What the manual says of a method, from what stands beside it; in Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import get_args

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.features.presets import PRESETS
from cnnviz_gui.core.params import Spec
from cnnviz_gui.core.registry import Family, Method
from cnnviz_gui.texts import tr

_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
FAMILIES = {
    "layer": tr("At a layer"),
    "gradient": tr("At the pixels"),
    "perturbation": tr("From outside"),
    "relevance": tr("Relevance"),
    "one-step": tr("One step"),
    "iterative": tr("Iterative"),
    "smallest": tr("Smallest perturbation"),
    "score": tr("Score-based black box"),
    "decision": tr("Decision-based black box"),
}


def every_method(methods: Sequence[Method]) -> str:
    """Return a section for each of the methods of a kind, by family."""
    order = get_args(Family)
    made, family = [], ""
    for method in sorted(methods, key=lambda one: order.index(one.family)):
        if method.family != family:
            family = method.family
            made.append(f"## {FAMILIES[family]}")
        made.append(of_method(method))
    return "\n\n".join(made)


def of_method(method: Method) -> str:
    """Return heading, summary, formula, paper, parameters, and what its picture tells."""
    name, shown = f"{method.kind}/{method.name}", tr("Show me")
    told = [
        f"### {method.title} {{#{anchor(method)}}}",
        method.summary,
        f"```formula\n{method.formula}\n```",
        f"[{shown}](show:{name})"
        if method.kind != "defence"
        else f"[{shown}](show:attack/defences)",
    ]
    guide = method.guide
    for said, text in (
        (tr("It tells"), guide.can),
        (tr("It does not tell"), guide.cannot),
        (tr("When"), guide.use),
    ):
        if text:
            told.append(f"**{said}.** {text}")
    if method.specs:
        told.append(parameters(method.specs))
    if method.paper:
        told.append("*" + tr("Paper:") + f"* {paper(method.paper)}.")
    return "\n\n".join(told)


def anchor(method: Method) -> str:
    """Return the name of a method's section."""
    return f"{method.kind}/{method.name}"


def paper(text: str) -> str:
    """Return where a method was published, what has a number at arXiv as a link there."""
    return _ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)


def parameters(specs: Sequence[Spec]) -> str:
    """Return the table of parameters: name, usual value, range, meaning."""
    heads = tr("Parameter"), tr("Usual"), tr("Range"), tr("Meaning")
    rows = [row(*heads), "|---|---|---|---|"]
    for spec in specs:
        cells = (f"**{spec.label}**", _usual(spec), _range(spec), spec.help)
        rows.append(row(*(cell.replace("|", "\\|") for cell in cells)))
    return "\n".join(rows)


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def presets() -> str:
    """Return the table of what pictures of features can be made with at once."""
    rows = [row(tr("Preset"), tr("What it makes")), "|---|---|"]
    rows += [row(f"**{preset.title}**", preset.help) for preset in PRESETS]
    return "\n".join(rows)


def _usual(spec: Spec) -> str:
    if spec.kind == "choice":
        return dict(spec.choices)[str(spec.default)]
    if spec.kind == "bool":
        return tr("yes") if spec.default else tr("no")
    if spec.automatic is not None and not spec.default:
        return tr("automatic")
    return _with_unit(float(spec.default), spec.unit)


def _range(spec: Spec) -> str:
    """Return what may be chosen; of a number whose scale another choice sets, each scale."""
    if spec.kind == "choice":
        return ", ".join(label for _, label in spec.choices)
    if spec.kind == "bool":
        return tr("yes, no")
    if spec.scales:
        each = (
            tr(
                "{name}: {least} to {most}",
                name=_name(key),
                least=fmt.plain(scale.minimum),
                most=_with_unit(scale.maximum, scale.unit),
            )
            for key, scale in spec.scales
        )
        return "; ".join(each)
    if spec.role == "seed":
        return tr("any whole number from 0")
    if math.isinf(spec.maximum):
        return tr("from {least}", least=fmt.plain(spec.minimum))
    return tr(
        "{least} to {most}",
        least=fmt.plain(spec.minimum),
        most=_with_unit(spec.maximum, spec.unit),
    )


def _name(norm: str) -> str:
    return {"linf": "L∞", "l2": "L2", "l1": "L1"}.get(norm, norm)


def _with_unit(value: float, unit: str) -> str:
    return f"{fmt.plain(value)} {unit}".strip()
