"""In which ranges the numbers of a session lie, whatever a file says."""

from __future__ import annotations

from typing import Any, Final

RANGES: Final[dict[str, tuple[float, float]]] = {
    "opacity": (0.0, 1.0),
    "place_share": (1e-6, 1.0),
    "attack_scale": (0.0, 1.0),
    "sweep_maximum": (0.0, 1e6),
    "feature_weight": (-100.0, 100.0),
    "feature_pictures": (1, 64),
    "amplification": (0, 100_000),
    "channel": (0, 1 << 20),
    "target": (0, 1 << 20),
    "against": (0, 1 << 20),
    "plane_class": (0, 1 << 20),
    "folder_class": (0, 1 << 20),
    "input_channel": (0, 1 << 20),
}


def in_range(name: str, value: Any) -> bool:
    """Tell whether the number of a field can be; what has no range always can."""
    if name not in RANGES or value is None:
        return True
    low, high = RANGES[name]
    return bool(low <= value <= high)
