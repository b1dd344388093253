"""The colours of the dark and the light scheme, each also of high contrast; ``theme`` hands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one scheme, as ``#RRGGBB``."""

    name: Literal["dark", "light", "dark-contrast", "light-contrast"]
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

    @property
    def dark(self) -> bool:
        """Tell whether the ground is dark."""
        return self.name.startswith("dark")

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

DARK_CONTRAST: Final = Theme(
    name="dark-contrast",
    stage="#000000",
    window="#000000",
    panel="#000000",
    raised="#0D0D0D",
    hover="#262626",
    line="#6B6B6B",
    line_strong="#585858",
    text1="#FFFFFF",
    text2="#FFFFFF",
    text3="#E6E6E6",
    accent="#B8C4FF",
    on_accent="#000000",
    selected="#1C2350",
    clean="#7FE3FF",
    adversarial="#FFB596",
    target="#FFB3EC",
    warning="#FFD76A",
    error="#FFB3AD",
    success="#8FF0AD",
    edge="#B0B0B0",
    field="#B0B0B0",
    track="#2A2A2A",
    rail="#6B6B6B",
    trough="#000000",
    segment="#3A3A3A",
    disabled="#8F8F8F",
    accent_hover="#D0D8FF",
    accent_pressed="#A0AFFF",
)

LIGHT_CONTRAST: Final = Theme(
    name="light-contrast",
    stage="#FFFFFF",
    window="#FFFFFF",
    panel="#FFFFFF",
    raised="#FFFFFF",
    hover="#E8E8E8",
    line="#6E6E6E",
    line_strong="#A0A0A0",
    text1="#000000",
    text2="#000000",
    text3="#1F1F1F",
    accent="#1A2A9E",
    on_accent="#FFFFFF",
    selected="#D5DBFF",
    clean="#00465C",
    adversarial="#7A2600",
    target="#6B1A5C",
    warning="#583900",
    error="#7A0F0A",
    success="#0A4A24",
    edge="#4F4F4F",
    field="#4F4F4F",
    track="#D9D9D9",
    rail="#8A8A8A",
    trough="#FFFFFF",
    segment="#D0D7FF",
    disabled="#6B6B6B",
    accent_hover="#101C7A",
    accent_pressed="#0A1260",
)
