"""What survives a restart, as one JSON file.

Not QSettings: it reports no error on random bytes and reads "maybe" as true. Each key is checked on
its own; a broken one is reset, the file is set aside, and the program starts all the same.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec

from cnnviz_gui.core.errors import OutputError, ParameterError
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.params import Params, build
from cnnviz_gui.core.registry import Method
from cnnviz_gui.state.epsilon_words import EpsilonUnit
from cnnviz_gui.state.selection import Photograph, Stage
from cnnviz_gui.texts import tr

MAX_RECENT = 12
_FEATURE = "feature:ascent"
LEAST_KEPT_MB, MOST_KEPT_MB = 64, 1 << 20


@dataclass(slots=True)
class Settings:
    """Everything that is remembered; every field has a default that works."""

    scheme: Literal["system", "light", "dark"] = "system"
    geometry: str = ""
    """Base64 of the window's geometry."""
    layout: str = ""
    """Base64 of the docks' arrangement."""
    places: dict[str, Any] = field(default_factory=dict)
    """Where the hand left all else, by name; see ``panels.places``."""
    recent_images: list[str] = field(default_factory=list)
    recent_networks: list[str] = field(default_factory=list)
    recent_sessions: list[str] = field(default_factory=list)
    second_network: str = ""
    """The network compared with; empty for none."""
    stage: Stage = "heatmaps"
    heatmap_method: str = "grad-cam"
    attack_method: str = "pgd"
    feature_preset: str = "fast"
    keys: dict[str, list[str]] = field(default_factory=dict)
    """Keys of actions that differ from the usual ones, by the actions' names."""
    parameters: dict[str, dict[str, bool | int | float | str]] = field(default_factory=dict)
    """Values by ``kind:method``."""
    opacity: float = 0.62
    heatmap_colours: Literal["inferno", "viridis", "grey", "jet"] = "inferno"
    heatmap_layout: Literal["overlay", "side-by-side"] = "side-by-side"
    photograph: Photograph = "colour"
    photograph_signed: Photograph = "grey"
    heatmap_in_colour: bool = False
    epsilon_unit: EpsilonUnit = "255ths"
    last_folder: str = ""
    """Where pictures were opened last."""
    save_folder: str = ""
    """Where a file was written last."""
    last_session_folder: str = ""
    """Where a session was opened or saved last."""
    last_weights_folder: str = ""
    similar_folder: str = ""
    """Where similar pictures were looked for last."""
    device: str = "auto"
    """Where to compute: ``auto``, or the name of a device."""
    half_precision: bool = False
    """Compute predictions, embeddings and feature maps in half precision where that pays."""
    kept_mb: int = 1024
    """Bound of the networks, pictures and results kept in memory; counts from the next start."""
    weights_folder: str = ""
    """Where downloaded weights are kept; empty for torch's own cache."""
    offline: bool = False
    """Nothing is fetched from the network."""
    reduced_motion: bool = False
    high_contrast: bool = False
    """Nothing moves by itself."""
    language: str = "system"
    """The language of the window, a key of ``texts.LANGUAGES``; counts from the next start."""
    text_size: Literal[100, 125, 150, 200] = 100
    """How large text and all else is drawn, in per cent; counts from the next start."""

    def add_recent_image(self, path: str) -> None:
        """Put a picture at the top of the recent ones."""
        self.recent_images = _moved_up(path, self.recent_images)

    def add_recent_network(self, name: str) -> None:
        """Put a network at the top of the recent ones."""
        self.recent_networks = _moved_up(name, self.recent_networks)

    def add_recent_session(self, path: str) -> None:
        """Put a session at the top of the recent ones."""
        self.recent_sessions = _moved_up(path, self.recent_sessions)

    def parameters_of(self, method: Method) -> Params | None:
        """Return the parameters of last time; None where there are none, or not valid any more."""
        stored = self.parameters.get(f"{method.kind}:{method.name}")
        try:
            return None if stored is None else build(method.params, stored)
        except ParameterError:
            return None

    def feature_parameters(self) -> FeatureParams:
        """Return those that pictures were made with last, else those of the preset."""
        chosen = preset(self.feature_preset)
        usual = chosen.parameters if chosen is not None else FeatureParams()
        try:
            return build(FeatureParams, usual.values() | self.parameters.get(_FEATURE, {}))
        except ParameterError:
            return usual

    def keep_feature(self, name: str, parameters: FeatureParams) -> None:
        """Remember a preset and what was made of it."""
        self.feature_preset = name
        self.parameters[_FEATURE] = parameters.values()


def _moved_up(item: str, items: list[str]) -> list[str]:
    return [item, *(other for other in items if other != item)][:MAX_RECENT]


class SettingsFile:
    """Reads and writes ``Settings``; never raises, says once what went wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Settings, str]:
        """Return the settings and a sentence about what had to be mended, usually empty."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return Settings(), ""
        except OSError as error:
            return Settings(), tr(
                "The settings cannot be read ({reason}); using defaults.", reason=error.strerror
            )
        try:
            stored = msgspec.json.decode(data, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Settings(), self._set_aside(tr("The settings file was damaged"))
        settings, broken = _checked(stored)
        if broken:
            return settings, self._set_aside(
                tr("Settings were not valid: {names}", names=", ".join(broken))
            )
        return settings, ""

    def peek(self) -> Settings:
        """Return what can be read of the settings, and mend nothing."""
        try:
            return _checked(msgspec.json.decode(self.path.read_bytes(), type=dict[str, Any]))[0]
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Settings()

    def write(self, settings: Settings) -> str:
        """Save and return a sentence about what went wrong, usually empty."""
        # numpy comes with it, which the first paint does not wait for.
        from cnnviz_gui.core.files import write_atomically

        data = msgspec.json.format(msgspec.json.encode(dataclasses.asdict(settings)), indent=2)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, data)
        except (OSError, OutputError) as error:
            return tr("The settings cannot be saved: {error}", error=error)
        return ""

    def _set_aside(self, why: str) -> str:
        backup = self.path.with_suffix(".BAK")
        try:
            self.path.replace(backup)
        except OSError:
            return tr("{what}; using defaults.", what=why)
        return tr(
            "{what}; using defaults. The old file is kept as {file}.", what=why, file=backup.name
        )


def _checked(stored: dict[str, Any]) -> tuple[Settings, list[str]]:
    """Take every valid key; name the others. A key of a newer version is passed over."""
    hints = get_type_hints(Settings)
    good: dict[str, Any] = {}
    broken: list[str] = []
    for name, value in stored.items():
        if name not in hints:
            continue
        try:
            good[name] = msgspec.convert(value, hints[name])
        except msgspec.ValidationError:
            broken.append(name)
    if not 0.0 <= good.get("opacity", 0.0) <= 1.0:
        broken.append("opacity")
        del good["opacity"]
    if not LEAST_KEPT_MB <= good.get("kept_mb", LEAST_KEPT_MB) <= MOST_KEPT_MB:
        broken.append("kept_mb")
        del good["kept_mb"]
    return Settings(**good), broken
