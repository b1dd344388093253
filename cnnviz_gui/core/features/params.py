"""What there is to choose when a picture is made by gradient ascent."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.params import Params, choice, flag, number
from cnnviz_gui.texts import ptr, tr

PARAMETERISATIONS = {"fourier": "Fourier", "pixel": tr("Pixel"), "maco": "MACO"}
STARTS = {"noise": tr("Noise"), "grey": tr("Grey"), "photograph": tr("Photograph")}
OPTIMISERS = {
    "adam": "Adam",
    "nadam": "NAdam",
    "gradient": tr("Gradient"),
    "normalised": tr("Normalised gradient"),
}
MOST_STEPS = 4096
_MADE_OF_PIXELS = ("parameterisation", ("pixel",))


@dataclass(frozen=True, slots=True)
class FeatureParams(Params):
    """Parameters of feature visualisation; the defaults are the preset ``fast``."""

    parameterisation: str = choice(
        "fourier",
        PARAMETERISATIONS,
        label=tr("Parameterisation"),
        help=tr(
            "What is optimised: the pixels, the Fourier coefficients of decorrelated"
            " colours, or with MACO their phases alone, with the magnitudes of natural"
            " images."
        ),
    )
    start: str = choice(
        "noise",
        STARTS,
        label=ptr("of the ascent", "Start"),
        help=tr("The picture before the first step; grey is half way from black to white."),
    )
    size: int = number(
        160, 16, 1024, step=16, unit="px", label=tr("Size"), help=tr("Side of the picture.")
    )
    steps: int = number(96, 1, MOST_STEPS, step=16, label=tr("Steps"), help=tr("Gradient steps."))
    optimiser: str = choice(
        "adam",
        OPTIMISERS,
        label=tr("Optimiser"),
        help=tr(
            "How a step follows from the gradient; normalised is divided by its mean"
            " absolute value, and the rate is then, of pixels, a share of the way from"
            " black to white."
        ),
    )
    rate: float = number(
        0.015, 0.0001, 100.0, step=0.005, label=tr("Rate"), help=tr("Length of a step.")
    )
    decay: float = number(
        1.5,
        0.0,
        2.0,
        step=0.1,
        when=("parameterisation", ("fourier",)),
        label=tr("Decay"),
        help=tr(
            "How fast coefficients fall with the frequency; 1 is the law of natural images,"
            " more is calmer."
        ),
    )
    views: int = number(
        1,
        1,
        32,
        label=tr("Views"),
        help=tr("Random views of the picture that each step looks at, together."),
    )
    jitter: float = number(
        8.0,
        0.0,
        64.0,
        unit="px",
        label=tr("Jitter"),
        help=tr("How far a view is moved, at most, in pixels of the picture."),
    )
    turn: float = number(
        8.0, 0.0, 180.0, unit="°", label=tr("Turn"), help=tr("How far a view is turned, at most.")
    )
    stretch: float = number(
        0.1,
        0.0,
        0.9,
        step=0.05,
        label=tr("Stretch"),
        help=tr("How much larger or smaller a view is, at most."),
    )
    nearest: float = number(
        1.0,
        0.05,
        1.0,
        step=0.05,
        label=ptr("of the views", "Nearest"),
        help=tr("Share of the side that the closest view shows."),
    )
    farthest: float = number(
        1.0,
        0.05,
        1.0,
        step=0.05,
        label=ptr("of the views", "Farthest"),
        help=tr("Share of the side that the widest view shows."),
    )
    noise: float = number(
        0.0, 0.0, 0.5, step=0.01, label=tr("Noise"), help=tr("Random noise added to each view.")
    )
    l1: float = number(
        0.0, 0.0, 100.0, step=0.5, label="L1", help=tr("Weight of the mean distance from mid-grey.")
    )
    l2: float = number(
        0.0,
        0.0,
        10.0,
        step=0.001,
        label="L2",
        help=tr("Weight of the sum of squared distances from mid-grey."),
    )
    variation: float = number(
        0.0,
        0.0,
        100.0,
        step=0.5,
        label=tr("Total variation"),
        help=tr("Weight of the mean difference between neighbouring pixels."),
    )
    blur: float = number(
        0.0,
        0.0,
        5.0,
        step=0.1,
        unit="px",
        when=_MADE_OF_PIXELS,
        label=tr("Blur"),
        help=tr("Blur of the picture itself."),
    )
    blur_every: int = number(
        4,
        1,
        100,
        unit=tr("steps"),
        when=_MADE_OF_PIXELS,
        label=tr("Blur every"),
        help=tr("How often the picture is blurred."),
    )
    bound: float = number(
        0.0,
        0.0,
        10.0,
        step=0.1,
        when=_MADE_OF_PIXELS,
        label=tr("Bound"),
        help=tr(
            "Largest normalised value a pixel may have; with 0 it lies between black and white."
        ),
    )
    octaves: int = number(
        1,
        1,
        8,
        when=_MADE_OF_PIXELS,
        label=tr("Octaves"),
        help=tr("Sizes the picture grows through, for DeepDream."),
    )
    growth: float = number(
        1.4,
        1.1,
        2.0,
        step=0.1,
        when=_MADE_OF_PIXELS,
        label=tr("Growth"),
        help=tr("From one octave to the next."),
    )
    redirect: int = number(
        16,
        0,
        64,
        unit=tr("steps"),
        label=tr("Redirect"),
        help=tr("First steps in which gradients pass ReLUs that are shut, against dead starts."),
    )
    differ: float = number(
        1.0,
        0.0,
        10.0,
        step=0.1,
        label=tr("Differ"),
        help=tr("How much several pictures of one channel must differ."),
    )
    transparent: bool = flag(
        False,
        when=("parameterisation", ("maco",)),
        label=tr("Transparent"),
        help=tr("Fade out what the ascent hardly touched."),
    )
    seed: int = number(
        0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of the start and of the views.")
    )

    @property
    def grows(self) -> bool:
        """Whether the picture grows on its way: the number of steps decides when, not just the end.

        Octaves that are set and not in use, as of Fourier coefficients, let nothing grow.
        """
        return self.parameterisation == "pixel" and self.octaves > 1
