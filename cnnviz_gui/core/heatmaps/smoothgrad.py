"""SmoothGrad: the gradient, averaged over noisy copies of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.channels import merged, sign
from cnnviz_gui.core.heatmaps.gathering import Pace
from cnnviz_gui.core.heatmaps.gradients import gradients
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class SmoothGradParams(Params):
    """Parameters of SmoothGrad; the paper advises 10 to 20 % of noise and 50 copies."""

    statistic: str = choice(
        "mean",
        {"mean": tr("Mean"), "squared": tr("Mean of the squares"), "variance": tr("Variance")},
        label=tr("Statistic"),
        help=tr("Of the gradients: SmoothGrad, SmoothGrad-Squared or VarGrad."),
    )
    level: float = number(
        0.15,
        0.0,
        1.0,
        step=0.01,
        label=tr("Noise"),
        help=tr("Standard deviation of the noise, as a share of the picture's range of values."),
    )
    samples: int = number(
        50, 1, 1000, label=tr("Copies"), help=tr("How many noisy copies are averaged.")
    )
    sign: str = sign(when=("statistic", ("mean",)))
    score: str = score()
    seed: int = number(
        0,
        0,
        2**31 - 1,
        role="seed",
        label=tr("Seed"),
        help=tr("The same seed draws the same noise."),
    )


@heatmap(
    "smoothgrad",
    family="gradient",
    title="SmoothGrad",
    summary=tr("The gradient at each pixel, averaged over copies of the picture with noise added."),
    formula="max over channels of |1/n · Σ ∂y_c(x + ε) / ∂x|,  ε ~ N(0, σ²),  "
    "σ = noise · (max x − min x)",
    paper=(
        "Smilkov et al. 2017, SmoothGrad, arXiv:1706.03825; squares and variance: "
        "Hooker et al. 2019, arXiv:1806.10758, and Adebayo et al. 2018, arXiv:1810.03307"
    ),
    guide=Guide(
        can=tr(
            "What is stable in the gradient under a little noise: the same question as"
            " saliency, with a quieter answer."
        ),
        cannot=tr(
            "Anything that saliency cannot. It tells of the neighbourhood of the picture"
            " and not of the picture; with much noise it is a blurred picture of edges."
        ),
        use=tr(
            "Whenever a saliency map looks like noise. Raise the noise until the map"
            " settles and not further."
        ),
    ),
    params=SmoothGradParams,
    gathers=True,
)
def smoothgrad(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: SmoothGradParams,
    ctx: Context,
) -> HeatmapValue:
    """Return a statistic of the gradients at noisy copies.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1]. The noise is added to these values and not clipped.

    Returns
    -------
    A map (H, W), in score per unit of [0, 1], or its square. Without noise the mean is saliency.
    """
    gathered, pace = _Gathered(params), Pace()
    noisy = _Noisy(image, params)
    wanted = objective(params.score, target)
    for _, found, _ in gradients(classifier, params.samples, noisy.copy, wanted, ctx):
        for gradient in found:
            gathered.add(gradient)
        if gathered.count < params.samples and pace.due():
            ctx.partial(gathered.value())
    return gathered.value(classifier.facts.labels[target])


class _Noisy:
    """Copies of a picture with noise, each drawn by itself on the CPU from a seed of its own."""

    def __init__(self, image: Tensor, params: SmoothGradParams) -> None:
        generator = torch.Generator().manual_seed(params.seed)
        self._seeds = torch.randint(2**62, (params.samples,), generator=generator).tolist()
        self._spread = params.level * float(image.max() - image.min())
        self._image = image

    def copy(self, number: int) -> Tensor:
        """Return one (1, 3, H, W)."""
        generator = torch.Generator().manual_seed(self._seeds[number])
        noise = torch.randn(self._image.shape, generator=generator)
        return self._image + self._spread * noise.to(self._image)


class _Gathered:
    """Mean and variance of gradients (3, H, W) that come one by one, after Welford 1962."""

    def __init__(self, params: SmoothGradParams) -> None:
        self.count = 0
        self._params = params
        self._mean: Tensor | None = None
        self._spread: Tensor | None = None

    def add(self, gradient: Tensor) -> None:
        """Take one more."""
        self.count += 1
        if self._mean is None or self._spread is None:
            self._mean, self._spread = gradient.clone(), torch.zeros_like(gradient)
            return
        apart = gradient - self._mean
        self._mean += apart / self.count
        self._spread += apart * (gradient - self._mean)

    def value(self, label: str = "") -> HeatmapValue:
        """Return the map of those so far; ``label`` is the class's, once all are there."""
        params = self._params
        assert self._mean is not None and self._spread is not None
        variance = self._spread / self.count
        if params.statistic == "mean":
            found = merged(self._mean, params.sign)
        elif params.statistic == "squared":
            found = (variance + self._mean.square()).amax(0)
        else:
            found = variance.amax(0)
        return HeatmapValue(
            map=found,
            signed=params.statistic == "mean" and params.sign == "signed",
            reason=self._why(variance, label) if label else "",
            samples=self.count,
            expected=params.samples,
        )

    def _why(self, variance: Tensor, label: str) -> str:
        assert self._mean is not None
        still = self._params.statistic == "variance" and not bool(variance.any())
        if still and bool(self._mean.any()):
            return tr(
                "This map is zero everywhere: all copies have the same gradient. Add more noise, or"
                " take more copies."
            )
        return why_flat(self._params.score, self._mean, label)
