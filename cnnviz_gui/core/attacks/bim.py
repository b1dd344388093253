"""BIM: FGSM in small steps, from the picture itself."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import budget
from cnnviz_gui.core.attacks.pgd import REACH, PgdParams, pgd
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class BimParams(Params):
    """Parameters of BIM."""

    epsilon: float = budget.epsilon()
    steps: int = number(10, 1, 1000, label=tr("Steps"), help=tr("Gradient steps."))
    step_size: float = budget.step_size(REACH)
    keep: str = budget.keep()


@attack(
    "bim",
    family="iterative",
    title="BIM",
    summary=tr("FGSM again and again in small steps: PGD without its random start."),
    formula="x₀ = x; xₜ₊₁ = clip(xₜ + α · sign(∇ₓ CE(f(xₜ), y)), x ± ε); towards a target: minus",
    paper="Kurakin et al. 2017, Adversarial Examples in the Physical World, arXiv:1607.02533",
    guide=Guide(
        can=tr(
            "Whether small steps inside the L∞ ball find an adversarial picture near the"
            " path of the gradient."
        ),
        cannot=tr(
            "Robustness: it always starts at the picture and so may stick at one poor place."
        ),
        use=tr("For runs that must give the same without chance; otherwise PGD."),
    ),
    params=BimParams,
)
def bim(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: BimParams,
    ctx: Context,
) -> Tensor:
    """Return float32 (N, 3, H, W) in [0, 1] inside the ball; arguments are those of ``pgd``."""
    given = PgdParams(
        epsilon=params.epsilon,
        steps=params.steps,
        step_size=params.step_size,
        random_start=False,
        keep=params.keep,
    )
    return pgd(classifier, image, label, target, given, ctx)
