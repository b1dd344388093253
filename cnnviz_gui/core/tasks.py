"""What a file or a script may ask for, by name."""

from __future__ import annotations

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, OpenSpectrum
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    ChannelClasses,
    Contributions,
    ExamineCell,
    FlippingSet,
    InspectFilters,
    TopPatches,
)
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.place_requests import Locate
from cnnviz_gui.core.plane_requests import Plane, PlanePicture
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.request import (
    Attack,
    Embed,
    FetchImage,
    Forget,
    Heatmap,
    HeatmapLayers,
    InspectCheckpoint,
    InspectLayer,
    ListImages,
    Nearest,
    OpenImage,
    OpenModel,
    Predict,
    ProbeNormalisation,
    ReadLabels,
    Request,
    Sweep,
    Thumbnails,
)
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.trust_requests import Sanity, Trust

RESULTS: dict[str, type[Request]] = {
    cls.task: cls
    for cls in (
        OpenModel,
        Predict,
        Embed,
        Nearest,
        InspectLayer,
        Contributions,
        InspectFilters,
        ActivationStatistics,
        ExamineCell,
        ChannelClasses,
        FlippingSet,
        TopPatches,
        Heatmap,
        Attack,
        AttackSteps,
        HeatmapLayers,
        Trust,
        Defences,
        AdaptiveAttacks,
        Masking,
        Plane,
        PlanePicture,
        Borders,
        AttackBorders,
        AttackRace,
        Sanity,
        HeatmapGrid,
        HeatmapFolder,
        GradCamSteps,
        Locate,
        AttackFolder,
        Sweep,
        Feature,
        FeatureSheet,
    )
}
"""Those whose answers are shown on a page: what somebody else's picture or file may ask for.

They read the files that were found for them, compute, and change nothing.
"""
TASKS: dict[str, type[Request]] = RESULTS | {
    cls.task: cls
    for cls in (
        InspectCheckpoint,
        ReadLabels,
        ProbeNormalisation,
        OpenImage,
        ListImages,
        FetchImage,
        Thumbnails,
        OpenSpectrum,
        Forget,
    )
}
