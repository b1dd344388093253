"""Settings that belong together, by name."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.texts import ptr, tr


@dataclass(frozen=True, slots=True)
class Preset:
    """A choice of all parameters at once."""

    name: str
    title: str
    help: str
    parameters: FeatureParams


PRESETS = (
    Preset(
        "fast",
        tr("Fast"),
        tr("A recognisable picture within seconds: Fourier coefficients and a few random views."),
        FeatureParams(),
    ),
    Preset(
        "sharp",
        tr("Sharp"),
        tr("Larger, with more steps and several views each: takes its time."),
        FeatureParams(
            size=320,
            steps=256,
            rate=0.006,
            views=2,
            jitter=16.0,
            turn=10.0,
            stretch=0.2,
        ),
    ),
    Preset(
        "maco",
        "MACO",
        tr("Only the phases move; the magnitudes stay those of natural images."),
        FeatureParams(
            parameterisation="maco",
            size=320,
            steps=256,
            optimiser="nadam",
            rate=1.0,
            views=4,
            jitter=0.0,
            turn=0.0,
            stretch=0.0,
            nearest=0.4,
            farthest=0.9,
            noise=0.05,
            transparent=True,
        ),
    ),
    Preset(
        "course",
        ptr("lecture", "Course"),
        tr("The lecture's loop: noise of 64 × 64, the map's mean, 50 steps, pixels bound by ±1.5."),
        FeatureParams(
            parameterisation="pixel",
            size=64,
            steps=50,
            rate=0.1,
            jitter=0.0,
            turn=0.0,
            stretch=0.0,
            bound=1.5,
            redirect=0,
        ),
    ),
    Preset(
        "class-l2",
        tr("Class, L2"),
        tr("The practical's class picture: from grey, normalised gradient, L2 and blur."),
        FeatureParams(
            parameterisation="pixel",
            start="grey",
            size=224,
            steps=192,
            optimiser="normalised",
            rate=0.012,
            jitter=8.0,
            turn=5.0,
            stretch=0.1,
            l2=0.001,
            blur=0.5,
            blur_every=4,
            redirect=0,
        ),
    ),
    Preset(
        "deepdream",
        "DeepDream",
        tr("From the photograph, through four sizes, whatever the layer sees in it."),
        FeatureParams(
            parameterisation="pixel",
            start="photograph",
            size=384,
            steps=40,
            optimiser="normalised",
            rate=0.006,  # 1.5 of 255, as Mordvintsev's
            jitter=32.0,
            turn=0.0,
            stretch=0.0,
            octaves=4,
            growth=1.4,
            redirect=0,
        ),
    ),
    Preset(
        "rebuild",
        tr("Rebuild"),
        tr("Feature inversion: from noise to a picture that the layer takes for the photograph."),
        FeatureParams(
            size=224,
            steps=256,
            rate=0.02,
            jitter=0.0,
            turn=0.0,
            stretch=0.0,
            variation=0.2,
            redirect=0,
        ),
    ),
)


def preset(name: str) -> Preset | None:
    """Return the preset of that name, or None."""
    return next((one for one in PRESETS if one.name == name), None)


def preset_of(parameters: FeatureParams) -> Preset | None:
    """Return the preset with just these parameters, or None."""
    return next((one for one in PRESETS if one.parameters == parameters), None)
