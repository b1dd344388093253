"""Made pictures that are kept beside those in use: results, and the settings they came of."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.state.selection import Selection


@dataclass(frozen=True, slots=True, eq=False)
class KeptPart:
    """What one network made, as far as it had come."""

    lane: str
    network: str
    """Its name, with the word for one that is not to be believed."""
    labels: tuple[str, ...]
    request: Feature
    result: FeaturePictures

    @property
    def whole(self) -> bool:
        """Whether all its steps were done."""
        return self.result.done >= self.request.parameters.steps


@dataclass(frozen=True, slots=True, eq=False)
class KeptFeatures:
    """The pictures that were on screen when they were kept, those of the first network first."""

    parts: tuple[KeptPart, ...]
    selection: Selection
    """As it was then."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptAsked:
    """Kept pictures that are still to be made, those of the first network first."""

    requests: tuple[Feature, ...]
    selection: Selection
    """As it was when they were kept."""
