"""Which shared libraries Qt expects of a Linux system, and the command that installs them.

The wheels of PySide6 bring Qt but not what Qt itself is linked against. The table holds what a
bare Debian 12 and 13 lack; the rest comes with these packages. Imports no Qt.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Library:
    """One shared library and the package that holds it, by family of distributions."""

    soname: str
    debian: str
    fedora: str
    arch: str


COMMON = (
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Library("libgthread-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Library("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
)
"""Needed on every platform, also without a screen."""

XCB = (
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Library(
        "libxcb-render-util.so.0",
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
    ),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
)
"""Needed on an X display."""

WAYLAND = (
    Library("libwayland-client.so.0", "libwayland-client0", "libwayland-client", "wayland"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", "wayland"),
)
"""Needed on a Wayland display."""

_FAMILIES = {
    "debian": ("debian", "apt-get install"),
    "ubuntu": ("debian", "apt-get install"),
    "fedora": ("fedora", "dnf install"),
    "rhel": ("fedora", "dnf install"),
    "centos": ("fedora", "dnf install"),
    "arch": ("arch", "pacman -S"),
}


def needed(platform: str) -> tuple[Library, ...]:
    """Return what Qt needs for a platform such as ``"xcb"``, ``"wayland"`` or ``"offscreen"``."""
    return COMMON + {"xcb": XCB, "wayland": WAYLAND}.get(platform, ())


def find(soname: str) -> Library | None:
    """Return the entry of a library, or None if the table has none."""
    return next((entry for entry in COMMON + XCB + WAYLAND if entry.soname == soname), None)


def read_os_release(folder: Path = Path("/etc")) -> dict[str, str]:
    """Return the fields of the file that names the distribution; empty when it cannot be read."""
    try:
        text = (folder / "os-release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def install_advice(missing: Iterable[Library], os_release: Mapping[str, str]) -> str:
    """Return one sentence with one command that installs all of these libraries.

    On a distribution whose package names are not known, the sentence gives those of Debian.
    """
    entries = list(missing)
    names = [os_release.get("ID", ""), *os_release.get("ID_LIKE", "").split()]
    family, command = next((_FAMILIES[n] for n in names if n in _FAMILIES), ("", ""))
    packages = " ".join(dict.fromkeys(getattr(e, family or "debian") for e in entries))
    if not family:
        return f"Install the packages that hold them; Debian calls these {packages}."
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"Install them with `{sudo}{command} {packages}`."
