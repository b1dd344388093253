"""What the user has chosen: one frozen record, changed only by replacing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.border_requests import AttackBorders, BorderParams
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, KnowingParams
from cnnviz_gui.core.feature_requests import Feature, SpectrumRef, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.place_requests import SHARE, Box
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.request import ChannelEdit, Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.trust_requests import TrustParams
from cnnviz_gui.state.epsilon_words import EpsilonUnit

Stage = Literal["layers", "features", "heatmaps", "attack", "plane", "similar"]
STAGES: tuple[Stage, ...] = ("layers", "features", "heatmaps", "attack", "plane", "similar")
Step = Literal["maps", "gradients", "weights", "sum", "picture"]
Photograph = Literal["colour", "grey", "none"]
FeatureTarget = Literal["channel", "neuron", "layer", "class"]
FeatureAim = Literal["excite", "joint", "blend", "differ", "direction", "imitate"]
EMBEDDED = ModelRef(name="efficientnet_lite0")
PLAIN = FeatureParams()
USUAL_TRUST = TrustParams()
USUAL_PLANE = PlaneParams()
USUAL_BORDERS = BorderParams()
USUAL_RACE = RaceParams()
USUAL_KNOWING = KnowingParams()
Told = tuple[str, Params | None, int | None]
"""Method, parameters and target of an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One network, one picture, one layer, one channel, one target class, one method a kind.

    The method fields are empty until the methods are known, shortly after the start.
    """

    model: ModelRef = EMBEDDED
    second: ModelRef | None = None
    """A network to compare with, on the same picture; None for no comparison."""
    image: ImageRef | None = None
    layer: str = ""
    """Empty for the network's recommended layer."""
    channel: int | None = None
    cell: tuple[int, int] | None = None
    """Row and column in the maps of the layer; None for none."""
    edits: tuple[ChannelEdit, ...] = ()
    """Channels that are silenced or scaled, in whatever layer."""
    flip_wanted: bool = False
    """Look for channels of the layer that change the prediction; not before the user asks."""
    filter_view: Literal["whole", "filter", "input"] = "whole"
    """Which kernels are shown: in colour or one slice of every filter, all slices of the chosen
    filter, one slice of every filter.
    """
    input_channel: int = 0
    """Of the layer in use, whose slices are shown."""
    filter_order: Literal["index", "norm"] = "index"
    matrix_window: tuple[int, int, int, int] | None = None
    """Part of the matrix of weights that is looked at: top, left, bottom, right; None for all."""
    layer_folder: str = ""
    """Whose pictures statistics and patches are taken from; empty for the pictures at hand."""
    patches_of: tuple[str, int] | None = None
    """Layer and channel whose patches are looked for in the folder; only the one the eye rests on,
    for each is a pass over the whole folder.
    """
    target: int | None = None
    """Class to explain and to attack towards; None for the winner."""
    against: int | None = None
    """Heat maps tell why the target rather than this class; None for the target by itself."""
    against_of: ImageRef | None = None
    """The picture for which that class was chosen."""
    trust_parameters: TrustParams = USUAL_TRUST
    sanity_of: Heatmap | None = None
    """The heat map that is to be checked against random weights; not before the user asks."""
    place_share: float = SHARE
    """Of a map's maximum: what is at least so high belongs to the place it marks."""
    truth: Box | None = None
    """The box that the hand drew over the picture, in pixels as the network sees it."""
    stage: Stage = "heatmaps"
    heatmap_method: str = ""
    heatmap_parameters: Params | None = None
    grid_across: Literal["classes", "layers", "networks"] = "classes"
    """What the columns of the grid of heat maps are."""
    grid_methods: tuple[str, ...] = ()
    """Its rows; none for the quick ones that the network can do."""
    grid_classes: tuple[int, ...] = ()
    """Its columns where they are classes; none for the most probable."""
    grid_layers: tuple[str, ...] = ()
    """The same where they are layers; none for the last at each resolution."""
    attack_method: str = ""
    attack_parameters: Params | None = None
    attack_started: bool = False
    """Nothing of an attack is computed before the user asks for it."""
    attack_told: Told | None = None
    """What was last begun by hand; see ``beginning``."""
    attack_scaled: bool = False
    """The slider scales the perturbation found, rather than have it found anew."""
    attack_scale: float = 1.0
    """By how much."""
    sweep_maximum: float = 0.0
    """Right end of the epsilon axis, in the unit of the norm; 0 until the methods are known."""
    borders_by: Literal["classes", "attacks"] = "classes"
    """Of what each bar is: a class reached by the attack in use, or another attack."""
    border_parameters: BorderParams = USUAL_BORDERS
    border_attacks: tuple[str, ...] = ()
    """The attacks that are compared; none for the one in use and the quick ones."""
    borders_with: str = ""
    """The attack that was in use when the comparison began: looking at a row makes that one the one
    in use, and the rows stay.
    """
    borders_norm: str = "linf"
    """How attacks are measured beside one another, whatever the one in use has."""
    borders_started: bool = False
    """No border is looked for before the user asks for it."""
    smallest_of: AttackBorders | None = None
    """The attack whose smallest epsilon is looked for, to put the slider there."""
    race_parameters: RaceParams = USUAL_RACE
    race_attacks: tuple[str, ...] = ()
    """The attacks of the race; none for all but ascents without a bound."""
    race_started: bool = False
    """No race is run before the user asks for it."""
    defences_off: tuple[str, ...] = ()
    """Defences that are not tried on the attack."""
    defence_parameters: tuple[MethodUse, ...] = ()
    """Of those whose parameters are not as usual."""
    adaptive: AdaptiveAttacks | None = None
    """The attack, and the defences that the user wants it to know."""
    knowing_parameters: KnowingParams = USUAL_KNOWING
    """Of such attacks."""
    plane_parameters: PlaneParams = USUAL_PLANE
    plane_started: bool = False
    """Nothing of a plane is computed before the user asks for it."""
    plane_class: int | None = None
    """Whose attack lies across; None for the likeliest that the attack does not reach."""
    plane_image: ImageRef | None = None
    """The picture of the strip that lies across; None for the next one."""
    plane_point: tuple[float, float] | None = None
    """Whose picture is shown: how far along the attack, and across it."""
    feature_target: FeatureTarget = "channel"
    """What is to be pictured: the channel in use, its cell, its layer, or the target class."""
    feature_negative: bool = False
    """Picture what it dislikes."""
    feature_aim: FeatureAim = "excite"
    feature_second: Unit | None = None
    """What it is joined or blended with; None for the next channel or class."""
    feature_weight: float = 1.0
    """Of the second, beside 1 of the first."""
    feature_pictures: int = 4
    """How many are made together, to blend or to differ."""
    feature_preset: str = "fast"
    """The preset that was chosen last; the parameters may have been changed since."""
    feature_parameters: FeatureParams = PLAIN
    feature_spectrum: SpectrumRef | None = None
    """Whose magnitudes MACO keeps; None for those of natural images."""
    feature_begin: Feature | None = None
    """The ascent whose picture this one goes on from; None for a start of its own."""
    feature_second_begin: Feature | None = None
    """The same of the second network."""
    feature_started: bool = False
    """No picture is made before the user asks for it; false again while it pauses."""
    sheet_started: bool = False
    """The same of the pictures of all channels."""
    dream_wanted: bool = False
    """The dossier is to show what excites the channel."""
    folder: str = ""
    """Of whose pictures the heat maps are looked at; empty until the user has opened one."""
    folder_nested: bool = False
    """With the pictures in the folders in it."""
    folder_curves: bool = False
    """With deletion and insertion of each map, which take long."""
    attack_folder: AttackFolder | None = None
    """The attacks on a folder that the user has begun; nothing of them is computed before."""
    attack_opened: Params | None = None
    """Those that opening one of its pictures set: what was begun is still what is asked."""
    attack_awaited: ImageRef | None = None
    """The picture that is being opened and is to be attacked once it is open."""
    similar_folder: str = ""
    """Where to look for pictures like the one in use; empty until the user has said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedRange:
    """A colour range that is kept for the maps it makes sense for."""

    method: str
    signed: bool
    """Maps of another method or of the other kind are in other units."""
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """How results are drawn; never changes what is computed."""

    opacity: float = 0.62
    heatmap_colours: Literal["inferno", "viridis", "grey", "jet"] = "inferno"
    photograph: Photograph = "colour"
    """What lies under a map without a sign."""
    photograph_signed: Photograph = "grey"
    """The same under one with a sign, whose hues are lost among those of a photograph."""
    heatmap_in_colour: bool = False
    """A map that was merged of three colours is drawn in these, around grey."""
    heatmap_view: Literal["map", "grid", "steps", "trust", "folder"] = "map"
    """How heat maps are looked at."""
    attack_view: Literal["picture", "steps", "borders", "race", "defences", "folder"] = "picture"
    """How attacks are looked at."""
    epsilon_unit: EpsilonUnit = "255ths"
    """How sizes in L∞ are written."""
    amplification: int = 0
    """Factor by which a perturbation is shown; 0 for one that suits it."""
    blinking: bool = False
    """Clean and adversarial picture stand in the same place in turns."""
    attack_step: int | None = None
    """The number of the step in sight; None for the image that is returned."""
    race_order: str = "rank"
    """By which figure the attacks of a race are sorted."""
    race_falling: bool = False
    """The largest comes first."""
    folder_look: Literal["tiles", "table"] = "tiles"
    folder_order: str = "file"
    """By which figure the pictures of a folder are sorted."""
    folder_falling: bool = False
    """The largest, or the last in the alphabet, comes first."""
    folder_words: str = ""
    """Only pictures whose name or class has these words."""
    folder_class: int | None = None
    """Only pictures of this predicted class; None for all."""
    place_view: Literal["off", "contour", "box", "mask"] = "off"
    """What is drawn of the place that a map marks."""
    drawing_box: bool = False
    """The next drag over the picture draws ``Selection.truth``."""
    heatmap_step: Step = "maps"
    """Which step of Grad-CAM is shown."""
    grid_scale: Literal["own", "row"] = "own"
    """The colour scale of a map in the grid: of its own, or one for all of its method."""
    heatmap_layout: Literal["overlay", "side-by-side"] = "side-by-side"
    locked_range: LockedRange | None = None
    """Colour range of the heat map kept while it changes; None for each map's own range."""
    layer_view: Literal["maps", "filters", "statistics", "table"] = "maps"
    """What of a layer is shown large."""
    layer_share: Literal["parameters", "macs"] = "parameters"
    """What the bars in tree and table are shares of."""
    map_order: Literal["strength", "index", "maximum", "contribution", "moved"] = "strength"
    """``moved``: by how far the attack moved each map."""
    maps_beside: bool = False
    """The maps of the adversarial image stand beside the clean ones."""
    map_colours: Literal["viridis", "inferno", "grey"] = "viridis"
    map_scale: Literal["common", "own"] = "common"
    statistics_of: str = ""
    """Layers whose statistics are plotted: a type, ``/`` for the outermost, empty for all."""
    map_upsampling: Literal["nearest", "bilinear"] = "nearest"
    """How a map is laid over the photograph."""
    feature_view: Literal["picture", "sheet"] = "picture"
    feature_pixels: bool = False
    """Made pictures are enlarged without smoothing."""
    sheet_order: Literal["index", "strength"] = "index"
    linked: bool = True
    """Pictures shown side by side share zoom and cursor."""
