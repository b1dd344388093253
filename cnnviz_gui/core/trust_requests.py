"""What can be asked about a heat map: how far it is to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.request import Heatmap, Request
from cnnviz_gui.texts import tr

_FILLS = {"mean": tr("Mean colour"), "blur": tr("Blurred picture"), "black": tr("Black")}


def _seed() -> Any:
    return number(
        0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of what is random here.")
    )


@dataclass(frozen=True, slots=True)
class TrustParams(Params):
    """How the pixels that a map marks are taken away and given back."""

    curve_points: int = number(
        28,
        2,
        224,
        label=tr("Curve points"),
        help=tr("Steps of each curve; of 224 × 224 pixels, 28 take 1792 at a time."),
    )
    delete_to: str = choice(
        "mean", _FILLS, label=tr("Delete to"), help=tr("What deleted pixels become.")
    )
    insert_into: str = choice(
        "blur", _FILLS, label=tr("Insert into"), help=tr("What the picture is inserted into.")
    )
    random_map: str = choice(
        "alike",
        {"alike": tr("Equally coarse"), "pixels": tr("Pixel by pixel")},
        label=tr("Random"),
        help=tr(
            "The random map is as coarse as the map that is tested, or made pixel by pixel; single"
            " pixels tear every texture."
        ),
    )
    random_draws: int = number(
        3, 1, 16, label=tr("Draws"), help=tr("Random maps whose curves are averaged.")
    )
    seed: int = _seed()


@dataclass(frozen=True, slots=True)
class SanityParams(Params):
    """How the weights are made random."""

    stages: int = number(
        10,
        2,
        60,
        label=tr("Stages"),
        help=tr("Maps on the way from the trained network to one with random weights."),
    )
    seed: int = _seed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust(Request):
    """How fast the class goes and comes with the pixels that a heat map marks; streams."""

    task: ClassVar[str] = "trust"
    heatmap: Heatmap
    parameters: TrustParams = TrustParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanity(Request):
    """The same heat map while the weights become random from the top down; streams."""

    task: ClassVar[str] = "sanity"
    heatmap: Heatmap
    parameters: SanityParams = SanityParams()
