"""Names of what the worker does, as the status strip and failures show them."""

from __future__ import annotations

from pathlib import PurePath

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, OpenSpectrum
from cnnviz_gui.core.figure_requests import SaveFigure
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
from cnnviz_gui.core.plane_requests import Plane, PlanePicture, SavePlane
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.request import (
    Attack,
    DownloadWeights,
    Embed,
    FetchImage,
    Forget,
    Heatmap,
    HeatmapLayers,
    InspectCheckpoint,
    InspectLayer,
    ListImages,
    ListNetworks,
    Nearest,
    OpenImage,
    OpenModel,
    Predict,
    ProbeNormalisation,
    ReadLabels,
    SaveAdversarial,
    Sweep,
    Thumbnails,
    UseDevice,
    Work,
)
from cnnviz_gui.core.restore_work import FindFiles, OpenRequest
from cnnviz_gui.core.save_work import CopyDrawing, SaveDrawing, SaveFilm, SaveNumbers, SaveStep
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.trust_requests import Sanity, Trust
from cnnviz_gui.state.app_state import Shared
from cnnviz_gui.state.network_title import title_of, title_while_opening


def describe(request: Work, shared: Shared) -> str:
    """Return what the worker is given to do in a few words: ``Grad-CAM``, ``PGD sweep``."""
    match request:
        case Heatmap():
            method = shared.method("heatmap", request.method)
            title = method.title if method else request.method
            return f"{title} under attack" if request.attack is not None else title
        case HeatmapLayers():
            return f"{describe(request.heatmap, shared)} of every layer"
        case GradCamSteps():
            return "Grad-CAM step by step"
        case Locate():
            return "Place of a heat map"
        case HeatmapGrid():
            return "Grid of heat maps"
        case HeatmapFolder():
            folder = PurePath(request.folder.path).name or request.folder.path
            method = shared.method("heatmap", request.method)
            return f"{method.title if method else request.method} of {folder}"
        case Plane():
            return f"Plane along {describe(request.attack, shared)}"
        case Defences():
            return f"Defences against {describe(request.attack, shared)}"
        case AdaptiveAttacks():
            return f"{describe(request.attack, shared)} that knows the defence"
        case Masking():
            return f"Gradients of {describe(request.attack, shared)}"
        case PlanePicture():
            return "Picture of the plane"
        case Trust():
            return f"Trust in {describe(request.heatmap, shared)}"
        case Sanity():
            return f"{describe(request.heatmap, shared)} with random weights"
        case Attack():
            method = shared.method("attack", request.method)
            return method.title if method else request.method
        case AttackFolder():
            folder = PurePath(request.folder.path).name or request.folder.path
            method = shared.method("attack", request.method)
            return f"{method.title if method else request.method} on {folder}"
        case AttackSteps():
            return f"{describe(request.attack, shared)} step by step"
        case Sweep():
            return f"{describe(request.attack, shared)} sweep"
        case Borders():
            return f"Borders by {describe(request.attack, shared)}"
        case AttackBorders(methods=(use,)):
            method = shared.method("attack", use.method)
            return f"Smallest epsilon of {method.title if method else use.method}"
        case AttackBorders():
            return "Smallest epsilon by attack"
        case AttackRace():
            return "Race of the attacks"
        case Feature():
            labels = shared.facts.labels if shared.facts is not None else ()
            return f"Picture for {request.units[0].described(labels)}"
        case OpenSpectrum():
            return f"Reading {PurePath(request.path).name}"
        case FeatureSheet(kept_only=True):
            return f"Pictures kept of {request.layer}"
        case FeatureSheet():
            return f"Pictures for the channels of {request.layer}"
        case InspectLayer():
            whose = "Attacked" if request.attack is not None else "Feature"
            return f"{whose} maps of {request.layer}"
        case Contributions():
            return f"Contributions of {request.layer}"
        case InspectFilters():
            return f"Filters of {request.layer}"
        case ActivationStatistics():
            return "Statistics of the activations"
        case ExamineCell():
            return f"Arithmetic of a cell of {request.layer}"
        case ChannelClasses():
            return f"Classes of channel {request.channel}"
        case FlippingSet():
            return f"Channels of {request.layer} that flip the label"
        case TopPatches():
            folder = PurePath(request.folder).name or request.folder
            return f"Patches for channel {request.channel} in {folder}"
        case Predict(edits=(_, *_)):
            return "Prediction with channels edited"
        case Predict():
            return "Prediction" if request.attack is None else "Transfer of the attack"
        case Embed():
            return "Embedding"
        case Nearest():
            return f"Similar pictures in {PurePath(request.folder).name or request.folder}"
        case UseDevice():
            return "Changing the device"
        case SaveAdversarial(repair=True):
            return f"Repairing {PurePath(request.path).name}"
        case (
            SaveAdversarial()
            | SaveFigure()
            | SavePlane()
            | SaveFilm()
            | SaveDrawing()
            | SaveStep()
            | SaveNumbers()
        ):
            return f"Saving {PurePath(request.path).name}"
        case CopyDrawing():
            return "Drawing the picture for the clipboard"
        case Forget():
            return "Forgetting results"
        case OpenModel():
            file = request.model.checkpoint
            title = PurePath(file.path).name if file else title_while_opening(request.model, shared)
            return f"Opening {title}"
        case InspectCheckpoint():
            return f"Reading {PurePath(request.path).name}"
        case ReadLabels():
            return "Reading class names"
        case ProbeNormalisation():
            return "Trying normalisations"
        case DownloadWeights():
            return f"Download of {title_of(request.name, shared)}"
        case ListNetworks():
            return "Looking for networks"
        case OpenImage():
            return f"Reading {PurePath(request.image.path).name}"
        case OpenRequest():
            return f"Reading {PurePath(request.path).name}"
        case FindFiles():
            return "Looking for the files of a result"
        case ListImages():
            return "Looking for pictures"
        case Thumbnails():
            return "Thumbnails"
        case FetchImage():
            return "Fetching the picture"
    return request.task
