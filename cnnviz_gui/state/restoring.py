"""From a request back to what is selected, so that the page in sight asks for that very request.

Pure functions. Network and pictures come first, since another one resets what is chosen of it:
``needs`` tells which; what ``restored`` returns is selected once they are in use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
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
from cnnviz_gui.core.named_files import files, model_of
from cnnviz_gui.core.place_requests import Locate
from cnnviz_gui.core.plane_requests import Plane, PlanePicture
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import (
    Attack,
    Embed,
    Heatmap,
    HeatmapLayers,
    ImageRef,
    InspectLayer,
    ModelRef,
    Nearest,
    OpenModel,
    Predict,
    Request,
    Sweep,
)
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.trust_requests import Sanity, Trust
from cnnviz_gui.state import restored_attacks as attacks
from cnnviz_gui.state import restored_layers as layers
from cnnviz_gui.state import session_file, settings_fields
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.restored import Changes, Restored, remembered


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be in use before that."""

    model: ModelRef | None
    images: tuple[ImageRef, ...]
    """To be opened one after the other; the last one is the picture in use."""


def needs(request: Request) -> Needs:
    """Return network and pictures of a request."""
    pictures = [one for one in files(request) if isinstance(one, ImageRef)]
    if isinstance(request, Plane | PlanePicture):  # what lies across comes after the picture
        pictures.reverse()
    elif isinstance(request, ActivationStatistics):
        pictures = [*pictures[1:], *pictures[:1]]
    return Needs(model_of(request), tuple(pictures))


def restorable(request: Request) -> bool:
    """Tell whether there is a page that shows the answer."""
    return type(request) in _WAYS


def restored(request: Request, methods: tuple[Method, ...] = ()) -> Restored:
    """Return what is to be chosen; ``methods`` are all there are.

    Raises
    ------
    KeyError
        No page shows the answer to such a request.
    CnnvizError
        It asks for what cannot be set.
    """
    found = _WAYS[type(request)](request)
    if isinstance(request, Defences | AdaptiveAttacks):
        on = {use.method for use in request.methods}
        off = (m.name for m in methods if m.kind == "defence" and m.name not in on)
        found.selection["defences_off"] = tuple(off)
    return found


def choose(state: AppState, found: Restored) -> tuple[str, ...]:
    """Select what was restored, once network and pictures are in use.

    Returns how that is called which the network has not, and which is as usual instead.
    """
    chosen, shown = found.selection, found.display
    reset: tuple[str, ...] = ()
    if state.shared.facts is not None:
        present = settings_fields.values(state.selection, state.display)
        fit, reset = session_file.fitting(present | chosen | shown, state.shared.facts)
        chosen, shown = ({name: fit[name] for name in part} for part in (chosen, shown))
    state.remembered.update(found.remembered)
    if shown:
        state.show(**shown)
    state.select(**chosen)
    given = found.selection.keys() | found.display.keys()
    return tuple(dict.fromkeys(settings_fields.title(name) for name in reset if name in given))


def _heatmap(asked: Heatmap) -> Restored:
    chosen: Changes = {
        "stage": "heatmaps",
        "heatmap_method": asked.method,
        "heatmap_parameters": asked.parameters,
        "layer": asked.layer,
        "target": asked.target,
        "against": asked.against,
        "edits": asked.edits,
    }
    if asked.attack is None:
        return Restored(chosen, {"heatmap_view": "map"})
    attack = attacks.attacked(asked.attack)
    return Restored(chosen | attack.selection, attack.display)


def _of_map(view: str, asked: Any, **more: Any) -> Restored:
    found = _heatmap(asked.heatmap)
    return Restored(found.selection | more, found.display | {"heatmap_view": view})


def _layers(asked: HeatmapLayers) -> Restored:
    found = _of_map("map", asked)
    found.selection.pop("layer")  # it shows all
    return found


def _place(asked: Locate) -> Restored:
    found = _of_map("map", asked, place_share=asked.share, truth=asked.truth)
    found.display["place_view"] = "contour"
    return found


def _steps(asked: GradCamSteps) -> Restored:
    found = _of_map("steps", asked)
    use = MethodUse(method=asked.heatmap.method, parameters=asked.heatmap.parameters)
    return Restored(found.selection, found.display, remembered("heatmap", (use,)))


def _grid(asked: HeatmapGrid) -> Restored:
    several = len(asked.layers) > 1
    alone = asked.targets[0] if several and len(asked.targets) == 1 else None
    chosen: Changes = {
        "stage": "heatmaps",
        "grid_across": "layers" if several else "classes",
        "grid_methods": tuple(use.method for use in asked.methods),
        "grid_classes": () if several else asked.targets,
        "grid_layers": asked.layers if several else (),
        "target": alone,
        "against": asked.against,
        "edits": asked.edits,
    }
    if not several:
        chosen["layer"] = asked.layers[0] if asked.layers else ""
    return Restored(chosen, {"heatmap_view": "grid"}, remembered("heatmap", asked.methods))


def _map_folder(asked: HeatmapFolder) -> Restored:
    chosen: Changes = {
        "stage": "heatmaps",
        "folder": asked.folder.path,
        "folder_nested": asked.folder.nested,
        "folder_curves": asked.curves,
        "heatmap_method": asked.method,
        "heatmap_parameters": asked.parameters,
        "target": asked.target,
        "against": asked.against,
        "layer": asked.layer,
        "place_share": asked.share,
        "edits": asked.edits,
    }
    return Restored(chosen, {"heatmap_view": "folder", "folder_words": "", "folder_class": None})


def _similar(asked: Embed | Nearest) -> Restored:
    folder = {"similar_folder": asked.folder} if isinstance(asked, Nearest) else {}
    return Restored({"stage": "similar", **folder})


def _predict(asked: Predict) -> Restored:
    if asked.attack is not None:
        return attacks.attacked(asked.attack)
    return Restored({"edits": asked.edits})


_WAYS: dict[type[Request], Callable[[Any], Restored]] = {
    Predict: _predict,
    Heatmap: _heatmap,
    HeatmapLayers: _layers,
    Trust: lambda asked: _of_map("trust", asked, trust_parameters=asked.parameters),
    Sanity: lambda asked: _of_map("trust", asked, sanity_of=asked.heatmap),
    Locate: _place,
    GradCamSteps: _steps,
    HeatmapGrid: _grid,
    HeatmapFolder: _map_folder,
    Attack: attacks.attacked,
    Sweep: attacks.sweep,
    AttackSteps: lambda asked: attacks.of_attack("steps", asked.attack),
    Borders: attacks.borders,
    AttackBorders: attacks.attack_borders,
    AttackRace: attacks.race,
    Defences: attacks.defences,
    AdaptiveAttacks: attacks.adaptive,
    Masking: lambda asked: attacks.of_attack("defences", asked.attack),
    AttackFolder: attacks.attack_folder,
    Plane: attacks.plane,
    PlanePicture: attacks.point,
    Feature: layers.feature,
    FeatureSheet: layers.sheet,
    InspectLayer: layers.maps,
    Contributions: lambda asked: layers.inside("maps", asked, target=asked.target),
    InspectFilters: layers.filters,
    ActivationStatistics: layers.statistics,
    ExamineCell: lambda asked: layers.inside("maps", asked, cell=(asked.row, asked.column)),
    ChannelClasses: lambda asked: layers.inside("maps", asked),
    TopPatches: layers.patches,
    FlippingSet: lambda asked: layers.inside("maps", asked, flip_wanted=True),
    Embed: _similar,
    Nearest: _similar,
    OpenModel: lambda asked: Restored({"stage": "layers"}, {"layer_view": "table"}),
}
