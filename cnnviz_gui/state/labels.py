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
from cnnviz_gui.core.restore_work import CompareWeights, FindFiles, OpenRequest
from cnnviz_gui.core.save_work import CopyDrawing, SaveDrawing, SaveFilm, SaveNumbers, SaveStep
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.trust_requests import Sanity, Trust
from cnnviz_gui.state.app_state import Shared
from cnnviz_gui.state.network_title import title_of, title_while_opening
from cnnviz_gui.texts import tr


def describe(request: Work, shared: Shared) -> str:
    """Return what the worker is given to do in a few words: ``Grad-CAM``, ``PGD sweep``."""
    match request:
        case Heatmap():
            method = shared.method("heatmap", request.method)
            title = method.title if method else request.method
            return (
                tr("{method} under attack", method=title) if request.attack is not None else title
            )
        case HeatmapLayers():
            return tr("{method} of every layer", method=describe(request.heatmap, shared))
        case GradCamSteps():
            return tr("Grad-CAM step by step")
        case Locate():
            return tr("Place of a heat map")
        case HeatmapGrid():
            return tr("Grid of heat maps")
        case HeatmapFolder():
            folder = PurePath(request.folder.path).name or request.folder.path
            method = shared.method("heatmap", request.method)
            return tr(
                "{method} of {folder}",
                method=method.title if method else request.method,
                folder=folder,
            )
        case Plane():
            return tr("Plane along {attack}", attack=describe(request.attack, shared))
        case Defences():
            return tr("Defences against {attack}", attack=describe(request.attack, shared))
        case AdaptiveAttacks():
            return tr("{attack} that knows the defence", attack=describe(request.attack, shared))
        case Masking():
            return tr("Gradients of {attack}", attack=describe(request.attack, shared))
        case PlanePicture():
            return tr("Picture of the plane")
        case Trust():
            return tr("Trust in {method}", method=describe(request.heatmap, shared))
        case Sanity():
            return tr("{method} with random weights", method=describe(request.heatmap, shared))
        case Attack():
            method = shared.method("attack", request.method)
            return method.title if method else request.method
        case AttackFolder():
            folder = PurePath(request.folder.path).name or request.folder.path
            method = shared.method("attack", request.method)
            return tr(
                "{attack} on {folder}",
                attack=method.title if method else request.method,
                folder=folder,
            )
        case AttackSteps():
            return tr("{attack} step by step", attack=describe(request.attack, shared))
        case Sweep():
            return tr("{attack} sweep", attack=describe(request.attack, shared))
        case Borders():
            return tr("Borders by {attack}", attack=describe(request.attack, shared))
        case AttackBorders(methods=(use,)):
            method = shared.method("attack", use.method)
            return tr("Smallest epsilon of {attack}", attack=method.title if method else use.method)
        case AttackBorders():
            return tr("Smallest epsilon by attack")
        case AttackRace():
            return tr("Race of the attacks")
        case Feature():
            labels = shared.facts.labels if shared.facts is not None else ()
            return tr("Picture for {unit}", unit=request.units[0].described(labels))
        case OpenSpectrum():
            return tr("Reading {file}", file=PurePath(request.path).name)
        case FeatureSheet(kept_only=True):
            return tr("Pictures kept of {layer}", layer=request.layer)
        case FeatureSheet():
            return tr("Pictures for the channels of {layer}", layer=request.layer)
        case InspectLayer():
            if request.attack is not None:
                return tr("Attacked maps of {layer}", layer=request.layer)
            return tr("Feature maps of {layer}", layer=request.layer)
        case Contributions():
            return tr("Contributions of {layer}", layer=request.layer)
        case InspectFilters():
            return tr("Filters of {layer}", layer=request.layer)
        case ActivationStatistics():
            return tr("Statistics of the activations")
        case ExamineCell():
            return tr("Arithmetic of a cell of {layer}", layer=request.layer)
        case ChannelClasses():
            return tr("Classes of channel {channel}", channel=request.channel)
        case FlippingSet():
            return tr("Channels of {layer} that flip the label", layer=request.layer)
        case TopPatches():
            folder = PurePath(request.folder).name or request.folder
            return tr(
                "Patches for channel {channel} in {folder}", channel=request.channel, folder=folder
            )
        case Predict(edits=(_, *_)):
            return tr("Prediction with channels edited")
        case Predict():
            return tr("Prediction") if request.attack is None else tr("Transfer of the attack")
        case Embed():
            return tr("Embedding")
        case Nearest():
            return tr(
                "Similar pictures in {folder}",
                folder=PurePath(request.folder).name or request.folder,
            )
        case UseDevice():
            return tr("Changing the device")
        case SaveAdversarial(repair=True):
            return tr("Repairing {file}", file=PurePath(request.path).name)
        case (
            SaveAdversarial()
            | SaveFigure()
            | SavePlane()
            | SaveFilm()
            | SaveDrawing()
            | SaveStep()
            | SaveNumbers()
        ):
            return tr("Saving {file}", file=PurePath(request.path).name)
        case CopyDrawing():
            return tr("Drawing the picture for the clipboard")
        case Forget():
            return tr("Forgetting results")
        case OpenModel():
            file = request.model.checkpoint
            title = PurePath(file.path).name if file else title_while_opening(request.model, shared)
            return tr("Opening {network}", network=title)
        case InspectCheckpoint():
            return tr("Reading {file}", file=PurePath(request.path).name)
        case ReadLabels():
            return tr("Reading class names")
        case ProbeNormalisation():
            return tr("Trying normalisations")
        case DownloadWeights():
            return tr("Download of {network}", network=title_of(request.name, shared))
        case ListNetworks():
            return tr("Looking for networks")
        case OpenImage():
            return tr("Reading {file}", file=PurePath(request.image.path).name)
        case OpenRequest():
            return tr("Reading {file}", file=PurePath(request.path).name)
        case CompareWeights():
            return tr("Comparing the weights")
        case FindFiles():
            return tr("Looking for the files of a result")
        case ListImages():
            return tr("Looking for pictures")
        case Thumbnails():
            return tr("Thumbnails")
        case FetchImage():
            return tr("Fetching the picture")
    return request.task
