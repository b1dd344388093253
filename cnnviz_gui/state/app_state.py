"""The observable state of the window. Belongs to the GUI thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from cnnviz_gui.core.facts import CatalogueEntry, ModelFacts
from cnnviz_gui.core.params import Params, build
from cnnviz_gui.core.registry import Kind, Method
from cnnviz_gui.core.request import ImageRef, ModelRef, SaveAdversarial
from cnnviz_gui.core.result import DeviceInUse
from cnnviz_gui.core.save_work import SaveStep
from cnnviz_gui.state import beginning, making
from cnnviz_gui.state.attack_plan import sweep_maximum
from cnnviz_gui.state.bulletin import Bulletin, Observer
from cnnviz_gui.state.downloads import DownloadState
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.kept_features import KeptAsked, KeptFeatures
from cnnviz_gui.state.pictures_at_hand import StripEntry as StripEntry
from cnnviz_gui.state.recovered import Recovered
from cnnviz_gui.state.restored import Restore
from cnnviz_gui.state.selection import Display, Selection
from cnnviz_gui.state.writer import NoWriter, Writer
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class SaveAgain:
    """A file of an attack that can be written again, or in another way."""

    request: SaveAdversarial | SaveStep
    facts: ModelFacts | None
    """Of the network that was attacked, which may not be the one in use any more."""


@dataclass(frozen=True, slots=True)
class ShowReport:
    """The report of the crash in which the last run ended."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know that is not about one panel."""

    text: str
    level: str = "info"
    """``info``, ``warning`` or ``error``."""
    details: str = ""
    remedy: str = ""
    """Label of the button that applies ``remedy_ref``; empty for none."""
    remedy_ref: ImageRef | SaveAgain | ShowReport | Restore | Recovered | None = None
    """The picture to open instead, the file to be written again, the report to be shown, the
    request or the work to be restored."""
    stays: bool = False
    """The next one does not take its place: what became of a file is to be read."""
    done: bool = False
    """It says that something was done as it was asked: the next one that does takes its place."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What the status strip shows of the job that runs."""

    text: str
    lane: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """Everything observable that is neither chosen nor found."""

    starting: str = tr("Starting")
    """What the program does before it is ready; empty once it is."""
    start_problem: str = ""
    facts: ModelFacts | None = None
    """Of the network in use, ``Selection.model``."""
    pending_model: ModelRef | None = None
    """The network that was chosen and is not ready yet; the one in use stays until it is."""
    second_facts: ModelFacts | None = None
    """Of ``Selection.second``."""
    pending_second: ModelRef | None = None
    """The network to compare with that is not ready yet."""
    pending_image: str = ""
    """Name of the picture that is being read; the one in use stays until it is."""
    catalogue: tuple[CatalogueEntry, ...] = ()
    downloads: tuple[DownloadState, ...] = ()
    """Weights on their way; the first that is active runs."""
    offline: bool = False
    """The user wants nothing to be downloaded."""
    methods: tuple[Method, ...] = ()
    strip: tuple[StripEntry, ...] = ()
    notice: Notice | None = None
    """The newest, until something else is begun."""
    notices: tuple[Notice, ...] = ()
    """All that are to be seen: what stays until it is dismissed, and the newest."""
    activity: Activity | None = None
    waiting: int = 0
    kept_features: KeptFeatures | None = None
    """Made pictures that stay beside those in use; ``kept_asked`` are still to be made again."""
    kept_asked: KeptAsked | None = None
    save_folder: str = ""
    """The folder that a file was written to last; empty before the first."""
    own_folders: tuple[str, ...] = ()
    """Of the program: samples, what was pasted; nobody looks there for a file of their own."""
    device: str = ""
    """Where jobs are computed, in a few words."""
    computing: DeviceInUse | None = None
    """The same in full, with what else could be chosen; None before the worker is ready."""

    def method(self, kind: Kind, name: str) -> Method | None:
        """Return the method of that name, or None while methods are unknown."""
        return next((m for m in self.methods if m.kind == kind and m.name == name), None)

    def of_kind(self, kind: Kind) -> tuple[Method, ...]:
        """Return the methods of a kind."""
        return tuple(m for m in self.methods if m.kind == kind)


FOLLOWS = "follows"
"""Told beside changes that the program makes because of one that the hand made."""
_MOST_NOTICES = 4
_FEATURED = (
    *("model", "layer", "channel", "cell", "target", "feature_target", "feature_negative"),
    *("feature_aim", "feature_second", "feature_weight", "feature_pictures"),
)
"""Choices whose change asks for another picture, which cannot go on from the present one."""
_UNFOLLOWED = {"channel", "target", "feature_negative"}
"""Those of them that are nothing to a picture that follows the photograph."""


class AppState:
    """Selection, display settings, shared facts and one finding a lane.

    Panels write what the hand does and draw what the state says. A change to an equal value is no
    change, so a control that writes back what it was just shown starts no loop.
    """

    def __init__(self) -> None:
        self.selection = Selection()
        self.display = Display()
        self.shared = Shared()
        self.findings: dict[str, Finding] = {}
        self.remembered: dict[tuple[Kind, str], Params] = {}
        """The parameters last used with each method."""
        self.bulletin = Bulletin()
        self.writer: Writer = NoWriter()
        """Of files, for all who ask where one is to go."""

    def observe(self, observer: Observer, *, at_once: bool = False, first: bool = False) -> None:
        """Call a bound method with the names of what changed, until its object dies.

        ``at_once`` for those who decide something and must see every change, not only the last;
        ``first`` for what is under the hand and draws quickly.
        """
        self.bulletin.observe(observer, at_once=at_once, first=first)

    def finding(self, lane: str) -> Finding:
        """Return what is known in a lane."""
        return self.findings.get(lane, Finding())

    def select(self, **changes: Any) -> None:
        """Change the selection; what depends on a changed choice is reset with it.

        A target the network has no class for becomes the winner: on an accelerator an index out of
        range ends the whole context, so none may ever be asked for.
        """
        target, facts = changes.get("target"), self.shared.facts
        if target is not None and facts is not None and not 0 <= target < len(facts.labels):
            changes["target"] = None
        self._replace("selection", self._settled(_consistent(self.selection, changes)))
        self._remember()

    def follow(self, **changes: Any) -> None:
        """Change the selection because of something else that was changed: no step of its own."""
        self._replace("selection", self._settled(_consistent(self.selection, changes)), FOLLOWS)

    def bring_back(self, values: Mapping[str, Any]) -> None:
        """Set fields of selection and display as they were at another time, in one go.

        They are a whole: each is taken as it is, and only what is not among them is reset with what
        it depends on. Nothing counts as begun by it.
        """
        chosen = {name: value for name, value in values.items() if hasattr(self.selection, name)}
        shown = {name: value for name, value in values.items() if hasattr(self.display, name)}
        told = chosen.get("attack_told", self.selection.attack_told)
        chosen = self._settled(_consistent(self.selection, chosen)) | {"attack_told": told}
        old = self.selection, self.display
        self.selection = dataclasses.replace(self.selection, **chosen)
        self.display = dataclasses.replace(self.display, **shown)
        self._remember()
        self.bulletin.post(
            frozenset(
                name
                for before, after, names in zip(
                    old, (self.selection, self.display), (chosen, shown), strict=True
                )
                for name in names
                if getattr(before, name) != getattr(after, name)
            )
        )

    def _remember(self) -> None:
        """Keep the parameters in use for when their method is chosen again."""
        chosen = self.selection
        for kind, name, parameters in (
            ("heatmap", chosen.heatmap_method, chosen.heatmap_parameters),
            ("attack", chosen.attack_method, chosen.attack_parameters),
        ):
            if parameters is not None:
                self.remembered[cast(Kind, kind), name] = parameters

    def choose_method(self, kind: Kind, name: str) -> None:
        """Select a method with the parameters last used with it; an unknown name is ignored."""
        method = self.shared.method(kind, name)
        if method is None:
            return
        parameters = self.last_parameters(method)
        self.select(**{f"{kind}_method": name, f"{kind}_parameters": parameters})

    def last_parameters(self, method: Method) -> Params:
        """Return the parameters last used with a method, its defaults where it was not used."""
        return self.remembered.get((method.kind, method.name)) or build(method.params, {})

    def show(self, **changes: Any) -> None:
        """Change how results are drawn."""
        self._replace("display", changes)

    def share(self, *also: str, **changes: Any) -> None:
        """Change shared facts; ``also`` is told beside them, such as ``FOLLOWS``."""
        if "notice" in changes:
            changes["notices"] = _in_sight(self.shared.notices, changes["notice"])
        self._replace("shared", changes, *also)

    def dismiss(self, notice: Notice) -> None:
        """Take a notice away."""
        left = tuple(one for one in self.shared.notices if one is not notice)
        newest = self.shared.notice
        self._replace("shared", {"notices": left, "notice": None if newest is notice else newest})

    def use_network(self, model: ModelRef, facts: ModelFacts) -> None:
        """Take a network that is ready; layer, channel and target belonged to the former one."""
        self.shared = dataclasses.replace(self.shared, facts=facts, pending_model=None)
        changes = _consistent(self.selection, {"model": model})
        self.selection = dataclasses.replace(self.selection, **changes)
        self.bulletin.post(frozenset({"facts", "pending_model", *changes}))

    def use_second(self, model: ModelRef | None, facts: ModelFacts | None) -> None:
        """Take a network to compare with that is ready, or none."""
        self.shared = dataclasses.replace(self.shared, second_facts=facts, pending_second=None)
        changes = self._settled({"second": model, "feature_second_begin": None})
        self.selection = dataclasses.replace(self.selection, **changes)
        self.bulletin.post(frozenset({"second_facts", "pending_second", *changes}))

    def swap_networks(self) -> None:
        """Let the second network be the one in use; a class both know stays the target."""
        old, shared = self.selection, self.shared
        if old.second is None or shared.facts is None or shared.second_facts is None:
            return
        first, second = shared.facts, shared.second_facts
        changes: dict[str, Any] = {"model": old.second, "second": old.model}
        if first.labels == second.labels:
            changes["target"] = old.target
        changes = _consistent(old, changes)
        self.shared = dataclasses.replace(shared, facts=second, second_facts=first)
        self.selection = dataclasses.replace(old, **changes)
        self.bulletin.post(frozenset({"facts", "second_facts", *changes}))

    def found(self, lane: str, finding: Finding) -> None:
        """Replace what is known in a lane."""
        if self.finding(lane) != finding:
            self.findings[lane] = finding
            self.bulletin.post(frozenset({f"finding.{lane}"}))

    def _settled(self, changes: dict[str, Any]) -> dict[str, Any]:
        changes = making.settled(self.selection, self.display, self.findings, changes)
        return beginning.settled(self.selection, self.shared.method, changes)

    def _replace(self, part: str, changes: dict[str, Any], *also: str) -> None:
        old = getattr(self, part)
        new = dataclasses.replace(old, **changes)
        changed = frozenset(name for name in changes if getattr(old, name) != getattr(new, name))
        if changed:
            setattr(self, part, new)
            self.bulletin.post(changed.union(also))


def _in_sight(old: tuple[Notice, ...], new: Notice | None) -> tuple[Notice, ...]:
    """Return the notices to be seen once a new one came, or none: the newest is the last.

    Of very many the oldest go, but for what offers work that would be lost with it.
    """
    done = new is not None and new.done
    stay = tuple(one for one in old if one.stays and one != new and not (done and one.done))
    seen = (*stay, new) if new is not None else stay
    others = [one for one in seen if not isinstance(one.remedy_ref, Recovered)]
    pushed_out = others[: max(0, len(seen) - _MOST_NOTICES)]
    return tuple(one for one in seen if all(one is not other for other in pushed_out))


def _consistent(old: Selection, changes: dict[str, Any]) -> dict[str, Any]:
    """Add what must change together: another network has other layers and classes."""
    complete = dict(changes)
    other_network = "model" in changes and changes["model"] != old.model
    if other_network:
        complete = {"layer": "", "channel": None, "target": None, "edits": ()} | complete
        complete.setdefault("against", None)
        complete.setdefault("truth", None)
        complete.setdefault("grid_classes", ())
        complete.setdefault("grid_layers", ())
        complete.setdefault("attack_folder", None)
        complete.setdefault("attack_awaited", None)
        complete.setdefault("attack_started", False)
        complete.setdefault("attack_told", None)
        complete.setdefault("borders_started", False)
        complete.setdefault("race_started", False)
        complete.setdefault("smallest_of", None)
        complete.setdefault("plane_started", False)
        complete.setdefault("plane_point", None)
        complete.setdefault("plane_class", None)
        complete.setdefault("feature_started", False)  # of whatever was being made
        complete.setdefault("feature_second", None)
        complete.setdefault("sheet_started", False)
    if complete.get("image", old.image) != old.image:
        complete.setdefault("truth", None)
    if complete.get("folder", old.folder) != old.folder:
        complete.setdefault("attack_folder", None)
    if "attack_opened" not in complete and not _still_opened(old, complete):
        complete["attack_opened"] = None
    if complete.get("against", old.against) != old.against:
        complete["against_of"] = complete.get("image", old.image)
    other = {
        name for name in _FEATURED if complete.get(name, getattr(old, name)) != getattr(old, name)
    }
    if other:
        complete.setdefault("dream_wanted", False)
    if other - (_UNFOLLOWED if old.feature_aim in ("direction", "imitate") else set()):
        complete.setdefault("feature_begin", None)
    if "feature_begin" in complete and complete["feature_begin"] is None:
        complete.setdefault("feature_second_begin", None)
    if "image" in changes and changes["image"] != old.image:
        complete.setdefault("attack_started", False)
        complete.setdefault("borders_started", False)
        complete.setdefault("race_started", False)
        complete.setdefault("smallest_of", None)
        complete.setdefault("plane_started", False)
        complete.setdefault("plane_point", None)
        complete.setdefault("flip_wanted", False)
    # A recommended layer, the empty name, is another layer in another network.
    if other_network or ("layer" in complete and complete["layer"] != old.layer):
        complete.setdefault("channel", None)
        complete.setdefault("cell", None)
        complete.setdefault("input_channel", 0)
        complete.setdefault("matrix_window", None)
        complete.setdefault("patches_of", None)
        complete.setdefault("flip_wanted", False)
    point, plane = old.plane_point, changes.get("plane_parameters")
    if point is not None and plane is not None and max(map(abs, point)) > plane.reach:
        complete.setdefault("plane_point", None)  # it lies beyond the plane
    parameters = changes.get("attack_parameters")
    if parameters is not None:
        complete.setdefault("sweep_maximum", _axis_end(old, parameters))
    return complete


def _still_opened(old: Selection, changes: dict[str, Any]) -> bool:
    """Tell whether the form has its epsilon of a picture that was opened out of a folder.

    Not once the hand has moved it, nor where another attack was begun on a folder.
    """
    opened, before = old.attack_opened, old.attack_folder
    begun = changes.get("attack_folder", before)
    if opened is None or before is None or begun is None:
        return False
    parameters = changes.get("attack_parameters")
    moved = isinstance(parameters, type(opened)) and parameters != opened
    same = (begun.method, begun.parameters) == (before.method, before.parameters)
    return same and not moved


def _axis_end(old: Selection, parameters: Params) -> float:
    """Keep the end of the epsilon axis unless the norm changed or epsilon lies beyond it."""
    before = old.attack_parameters.values() if old.attack_parameters is not None else {}
    values = parameters.values()
    epsilon = float(values.get("epsilon", 0.0))
    if before.get("norm") == values.get("norm") and epsilon <= old.sweep_maximum:
        return old.sweep_maximum
    return sweep_maximum(parameters, at_least=epsilon)
