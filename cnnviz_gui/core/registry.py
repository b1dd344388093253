"""The methods there are: each one function in one file, registered where it is defined.

To add a heat map, an attack or a defence, put a file into ``core/heatmaps``, ``core/attacks`` or
``core/defences`` that decorates one function with ``heatmap``, ``attack`` or ``defence``; menu,
form, flags and contract tests follow.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.params import Params, Spec, Value, specs
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.facts import ModelFacts

Kind = Literal["heatmap", "attack", "defence"]
Family = Literal[
    "",
    "layer",
    "gradient",
    "perturbation",
    "relevance",
    "one-step",
    "iterative",
    "smallest",
    "score",
    "decision",
]
"""Of heat maps the first ones, of attacks the last five; methods are listed in this order."""
F = TypeVar("F", bound=Callable[..., Any])
Values = Mapping[str, Value]
"""Of the parameters, by name."""


@dataclass(frozen=True, slots=True)
class Views:
    """How a defence looks at a picture, and what an attack must know of that."""

    count: Callable[[Any], int]
    """Of its parameters: how many views of a picture it puts together."""
    random: bool = False
    """Each view is another draw; an attack that knows the defence takes the mean over draws."""
    straight_through: bool = False
    """It has no gradient of use; an attack that knows it passes the one behind it straight on."""
    votes: bool = False
    """Each view has a vote; else the mean of the probabilities decides."""


@dataclass(frozen=True, slots=True)
class Guide:
    """What the manual tells of a method beyond summary, formula and paper; plain sentences."""

    can: str = ""
    """What its picture, or its success, tells."""
    cannot: str = ""
    """What it does not tell, however much it looks so."""
    use: str = ""
    """When to take it, and what to look at besides."""


@dataclass(frozen=True, slots=True)
class Method:
    """One heat map, attack or defence, described so that no front end needs to know it.

    ``needs`` takes the facts of a network and returns the reason why the method cannot work on it,
    or an empty string.
    """

    kind: Kind
    name: str
    title: str
    summary: str
    formula: str
    paper: str
    params: type[Params]
    needs: Callable[[ModelFacts], str]
    uses_layer: bool
    run: Callable[..., Any]
    gathers: bool = False
    """It takes many passes and streams: not done at every layer unasked."""
    family: Family = ""
    """What a map looks at, how an attack goes about it; methods of a family stand together."""
    targets: bool = True
    """An attack that can be driven towards a class."""
    at_epsilons: Callable[..., Any] | None = None
    """Gives the images of an attack at many epsilons for the cost of one; see ``attack``."""
    views: Views | None = None
    """Of a defence."""
    gradients: Callable[[Values, bool], int] | None = None
    """The most that an attack asks for, where it is not one a step; see ``attack``."""
    ends_early: bool = False
    """An attack that by rule needs few of the steps that it may take."""
    guide: Guide = Guide()
    """For the manual."""
    class_free: bool = False
    """A heat map that looks at no class: the same for each."""

    @property
    def specs(self) -> tuple[Spec, ...]:
        """The descriptions of the parameters, in order."""
        return specs(self.params)


_NO_GUIDE = Guide()
_METHODS: dict[tuple[Kind, str], Method] = {}


def _anything(facts: ModelFacts) -> str:
    return ""


def _register(method: Method) -> None:
    key = (method.kind, method.name)
    if key in _METHODS:
        raise ValueError(f"{method.kind} {method.name!r} is registered twice")
    _METHODS[key] = method


def heatmap(
    name: str,
    *,
    family: Family,
    title: str,
    summary: str,
    formula: str,
    paper: str,
    params: type[Params],
    needs: Callable[[ModelFacts], str] = _anything,
    uses_layer: bool = False,
    gathers: bool = False,
    class_free: bool = False,
    guide: Guide = _NO_GUIDE,
) -> Callable[[F], F]:
    """Register ``run(classifier, image, target, layer, params, ctx) -> HeatmapValue``.

    ``image`` is float32 (1, 3, H, W) in [0, 1]; ``layer`` is the name of a layer, empty for a
    method that uses none. One that ``gathers`` takes many passes and shows what it has on the way;
    one that is ``class_free`` makes nothing of ``target``.
    """

    def decorate(run: F) -> F:
        described = (name, title, summary, formula, paper, params, needs, uses_layer)
        made = (*described, run, gathers, family)
        _register(Method("heatmap", *made, guide=guide, class_free=class_free))
        return run

    return decorate


def attack(
    name: str,
    *,
    family: Family,
    title: str,
    summary: str,
    formula: str,
    paper: str,
    params: type[Params],
    needs: Callable[[ModelFacts], str] = _anything,
    targets: bool = True,
    at_epsilons: Callable[..., Any] | None = None,
    gradients: Callable[[Values, bool], int] | None = None,
    ends_early: bool = False,
    guide: Guide = _NO_GUIDE,
) -> Callable[[F], F]:
    """Register ``run(classifier, image, label, target, params, ctx) -> adversarial image``.

    ``image`` is float32 (N, 3, H, W) in [0, 1] and is not modified; ``label`` int64 (N,) is the
    class to leave, ``target`` int64 (N,) the class to reach or None. The result has the image's
    shape and range and lies in the ball around it.

    An attack whose images at all epsilons come of one computation says so with ``at_epsilons``: it
    takes the same arguments, an image (1, 3, H, W) among them, computes what all have in common,
    and returns a function from M epsilons to the images (M, 3, H, W), each bit for bit what ``run``
    gives at its epsilon. A sweep then asks the network for no more than their logits.

    What it costs is told by its parameters: ``queries``, else ``steps``, times ``restarts`` and
    ``search``. One that asks for another number of gradients says with ``gradients`` how many at
    most, by the values of its parameters and whether there is a target; one that by rule ends long
    before that says ``ends_early``.
    """

    def decorate(run: F) -> F:
        described = (name, title, summary, formula, paper, params, needs)
        made = Method("attack", *described, False, run, family=family, targets=targets)
        _register(
            dataclasses.replace(
                made,
                at_epsilons=at_epsilons,
                gradients=gradients,
                ends_early=ends_early,
                guide=guide,
            )
        )
        return run

    return decorate


def defence(
    name: str,
    *,
    title: str,
    summary: str,
    formula: str,
    paper: str,
    params: type[Params],
    views: Views,
    guide: Guide = _NO_GUIDE,
) -> Callable[[F], F]:
    """Register ``run(image, params, which) -> view``, what the network sees in place of a picture.

    ``image`` is float32 (N, 3, H, W) in [0, 1] and is not modified; view ``which`` has its shape
    and range. It depends on nothing but its arguments, and not on the rest of the batch.
    """

    def decorate(run: F) -> F:
        described = (name, title, summary, formula, paper, params, _anything)
        _register(Method("defence", *described, False, run, views=views, guide=guide))
        return run

    return decorate


def load_methods() -> None:
    """Import every file that may hold a method (and with them torch)."""
    for folder in ("heatmaps", "attacks", "defences"):
        package_name = f"cnnviz_gui.core.{folder}"
        package = importlib.import_module(package_name)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package_name}.{module.name}")


def methods(kind: Kind) -> tuple[Method, ...]:
    """Return all methods of a kind, by name."""
    load_methods()
    return tuple(m for (k, _), m in sorted(_METHODS.items()) if k == kind)


def method(kind: Kind, name: str) -> Method:
    """Return one method.

    Raises
    ------
    MethodError
        There is none of that name.
    """
    if (kind, name) not in _METHODS:  # looking through the folders takes longer than a map
        load_methods()
    try:
        return _METHODS[kind, name]
    except KeyError:
        known = ", ".join(m.name for m in methods(kind))
        raise MethodError(_unknown(kind, name), tr("Known: {known}.", known=known)) from None


def _unknown(kind: Kind, name: str) -> str:
    if kind == "heatmap":
        return tr("There is no heat map {name!r}.", name=name)
    if kind == "attack":
        return tr("There is no attack {name!r}.", name=name)
    return tr("There is no defence {name!r}.", name=name)
