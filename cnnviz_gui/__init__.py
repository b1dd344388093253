"""One live window onto a convolutional image classifier: see its layers, explain it, attack it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from PySide6.QtWidgets import QMainWindow
    from torch import nn


def show(
    module: nn.Module,
    labels: Sequence[str] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    input_size: int = 224,
    channels: int | None = None,
    title: str | None = None,
    images: Iterable[str | PathLike[str]] = (),
    *,
    resize_size: int | None = None,
) -> QMainWindow | None:
    """Open the window on a classifier of your own.

    In a script this returns once the window is closed. Where Qt's event loop is run by somebody
    else, in a notebook after ``%gui qt`` or in a program that has a ``QApplication``, it returns
    the window at once. Each call opens another window.

    The module is copied, to float32 and evaluation mode; the one you gave is not altered, and what
    you do to it later is not seen. Its methods run as they are: show only code you trust.

    Parameters
    ----------
    module
        Takes float32 (N, channels, input_size, input_size), normalised, and returns logits (N, K);
        or probabilities, one logit (N, 1), or a tuple or dict with one of these. An exported
        program is taken as well.
    labels
        A name for each of the K classes; two for one logit. None: ImageNet's for 1000 classes,
        else numbers.
    mean, std
        What pictures in [0, 1] are normalised with, three numbers or, for grey, one. None:
        ImageNet's, (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225).
    input_size
        Side of the square pictures, in pixels.
    channels
        1 for grey, 3 for colours, 4 for colours and an opaque fourth; None: as many as the first
        convolution reads.
    title
        What the network is called; None for the name of its class.
    images
        Files or folders to open first; none for the program's own samples.
    resize_size
        What the short side of a picture is resized to before its middle is cut out, in pixels.
        None: 256 for 224 and in proportion for other sizes, but ``input_size`` itself below 128.

    Returns
    -------
    The window, or None after it was closed.

    Raises
    ------
    cnnviz_gui.core.errors.ModelError
        What was given is no classifier of such pictures, or the labels do not fit; no window opens.
    cnnviz_gui.core.errors.CnnvizError
        No window can be opened here.

    Examples
    --------
    >>> import cnnviz_gui, torchvision
    >>> network = torchvision.models.resnet18(num_classes=2)
    >>> cnnviz_gui.show(network, labels=["cat", "dog"])  # doctest: +SKIP
    """
    from importlib import import_module
    from os import fspath

    # by name: no part of the package may depend on another through the package itself
    given: Any = import_module("cnnviz_gui.core.models.given")
    ref = given.register(
        module,
        labels=labels,
        mean=mean,
        std=std,
        input_size=input_size,
        resize_size=resize_size,
        channels=channels,
        title=title,
    )
    paths = [images] if isinstance(images, str) else [fspath(image) for image in images]
    try:
        shown: Any = import_module("cnnviz_gui.app.shown")
        window: QMainWindow | None = shown.open_window(ref, given.title(ref), paths)
    except BaseException:
        given.forget(ref)
        raise
    return window


def __getattr__(name: str) -> str:
    """Look up ``__version__`` when somebody asks; reading the metadata takes a while."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cnnviz_gui.core.version import version

    return version()
