"""The colours of the dark and of the light scheme; ``theme`` hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one scheme, as ``#RRGGBB``."""

    name: Literal["dark", "light"]
    stage: str
    window: str
    panel: str
    raised: str
    hover: str
    line: str
    line_strong: str
    text1: str
    text2: str
    text3: str
    accent: str
    on_accent: str
    selected: str
    clean: str
    adversarial: str
    target: str
    warning: str
    error: str
    success: str
    edge: str
    """Of buttons, whose words say where they are."""
    field: str
    """Of what is typed in, chosen from or switched: 3:1 to all that it stands on."""
    track: str
    """The empty part of a bar."""
    rail: str
    """The empty part of a slider."""
    trough: str
    """Behind the segments of an exclusive choice."""
    segment: str
    """The chosen segment."""
    disabled: str
    """Text and icons of what cannot be used now."""
    accent_hover: str
    accent_pressed: str

    def color(self, token: str) -> QColor:
        """Return a token as a colour."""
        return QColor(getattr(self, token))


DARK: Final = Theme(
    name="dark",
    stage="#121315",
    window="#191B1E",
    panel="#1E2023",
    raised="#292C31",
    hover="#31353B",
    line="#2B2E33",
    line_strong="#3D4148",
    text1="#ECEEF0",
    text2="#B4B9C1",
    text3="#999FA9",
    accent="#8FA2FF",
    on_accent="#10131F",
    selected="#2A3052",
    clean="#4FC1E0",
    adversarial="#FF8F66",
    target="#E08CCB",
    warning="#F0BC4E",
    error="#FF7B72",
    success="#6ECB8B",
    edge="#2B2E33",
    field="#727985",
    track="#2B2E33",
    rail="#3D4148",
    trough="#191B1E",
    segment="#31353B",
    disabled="#5E646D",
    accent_hover="#A3B3FF",
    accent_pressed="#7F93F5",
)

LIGHT: Final = Theme(
    name="light",
    stage="#E9EAEC",
    window="#F3F4F5",
    panel="#FBFBFC",
    raised="#FFFFFF",
    hover="#ECEEF1",
    line="#DFE1E5",
    line_strong="#C6CAD0",
    text1="#16181B",
    text2="#4A5058",
    text3="#5F666F",
    accent="#3F4FD0",
    on_accent="#FFFFFF",
    selected="#E3E6FB",
    clean="#06708C",
    adversarial="#B5400F",
    target="#9C3587",
    warning="#8A5A00",
    error="#B42318",
    success="#176E3C",
    edge="#C6CAD0",
    field="#7F858C",
    track="#E4E6EA",
    rail="#E4E6EA",
    trough="#ECEEF1",
    segment="#FFFFFF",
    disabled="#A3A8B0",
    accent_hover="#3443BC",
    accent_pressed="#2B39A6",
)
