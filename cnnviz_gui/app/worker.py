"""What the worker thread does first: the heavy imports, then everything the window must know."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import OpenModel, Work
from cnnviz_gui.core.result import DeviceInUse, OpenedModel, Result
from cnnviz_gui.engine.runner import Execute, Kit
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known once the worker can work."""

    methods: tuple[Method, ...]
    device: str
    computing: DeviceInUse | None = None
    """More of the device, and what else could be chosen."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the worker computes with."""

    device: str = "auto"
    half: bool = False
    """Half precision where no gradient is needed and it pays."""
    max_bytes: int = 1 << 30
    """Bound of what is kept between jobs."""
    weights_folder: str = ""
    """Where downloaded weights are kept; empty for torch's own cache."""
    offline: bool = False
    """Nothing is fetched from the network."""


_USUAL = Means()


def start(say: Callable[[str], None], means: Means = _USUAL, *, whole: bool = False) -> Kit:
    """Import torch and return what computes and what the window must know.

    Runs on the worker thread; ``say`` tells the window what is being done. ``whole`` imports
    torchvision too, which else the first job does that needs it: nothing can end a thread in the
    midst of an import, and a process that is not ours cannot go without it.
    """
    say(tr("Loading PyTorch"))
    from cnnviz_gui.core import device

    device.give_way()
    device.prepare_torch()
    say(tr("Loading the methods"))
    from cnnviz_gui.core import registry
    from cnnviz_gui.core.execute import execute
    from cnnviz_gui.core.session import Session

    kinds = ("heatmap", "attack", "defence")
    methods = tuple(method for kind in kinds for method in registry.methods(kind))
    from cnnviz_gui.core import web
    from cnnviz_gui.core.models import cache, catalogue

    web.set_offline(means.offline)
    cache.use(means.weights_folder)
    if whole:
        say(tr("Loading torchvision"))
        with contextlib.suppress(ModelError):  # who needs it will be told
            catalogue.torchvision_models()
    say(tr("Trying the device"))
    chosen, note = device.choose(means.device)
    session = Session(means.max_bytes, chosen, half=means.half)
    computing = session.device_in_use(note)
    _keep_imports()
    ready = Ready(methods, computing.description, computing)
    return Kit(functools.partial(_execute, execute), session, ready)


def start_as_set(settings: Settings, say: Callable[[str], None], *, whole: bool = False) -> Kit:
    """Start with the settings of this moment: a worker that takes over has those of now."""
    means = Means(
        settings.device,
        settings.half_precision,
        settings.kept_mb * 10**6,
        settings.weights_folder,
        settings.offline,
    )
    return start(say, means, whole=whole)


def _keep_imports() -> None:
    """Let the garbage collector pass over what is there by now.

    The imports made half a million objects that stay. Looked through again and again, they would
    stop every thread for 250 ms.
    """
    gc.freeze()


def _execute(execute: Execute, request: Work, session: Any, ctx: Context) -> Result:
    """Do what is asked for, and remember what was answered for a file of weights that it opened."""
    loaded = "torchvision" in sys.modules
    try:
        result = execute(request, session, ctx)
    finally:
        if not loaded and "torchvision" in sys.modules:
            _keep_imports()
    if isinstance(request, OpenModel) and isinstance(result, OpenedModel):
        from cnnviz_gui.core.models import remembered

        said = remembered.keep(request.model)
        if said:
            facts = dataclasses.replace(result.facts, notes=(*result.facts.notes, said))
            return dataclasses.replace(result, facts=facts)
    return result
