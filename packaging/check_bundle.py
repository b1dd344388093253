"""Try a bundle as its user would: its size, its self-test, a picture on its command line.

::

    python packaging/check_bundle.py dist/cnnviz-gui --most-mb 1000

Needs nothing but Python, and neither the program nor a display.
"""

from __future__ import annotations

import argparse
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SECONDS = 600
_SUFFIX = ".exe" if sys.platform == "win32" else ""
_FOREIGN = ("PYTHON", "QT_", "LD_LIBRARY_PATH", "DYLD_", "VIRTUAL_ENV", "DISPLAY", "WAYLAND_")
"""What begins the names of variables that would let a bundle find what it does not hold."""


class BundleError(Exception):
    """A bundle that nobody should get; the message says why."""


def measure(bundle: Path) -> tuple[int, list[tuple[int, str]]]:
    """Return the bytes of all files, links not counted, and the largest files."""
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    sizes = sorted(((path.stat().st_size, path.name) for path in files), reverse=True)
    return sum(size for size, _ in sizes), sizes[:5]


def start(bundle: Path, name: str, *arguments: str, home: Path) -> str:
    """Run a program of the bundle in a bare environment and return what it printed."""
    program = bundle / f"{name}{_SUFFIX}"
    if not program.is_file():
        raise BundleError(f"{program} does not exist.")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    own = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
    began = time.perf_counter()
    done = subprocess.run(
        [program, *arguments],
        cwd=home,
        env=kept | own,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    print(f"{name} {arguments[0]}: status {done.returncode}, {time.perf_counter() - began:.1f} s")
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        raise BundleError(f"{name} {' '.join(arguments)} failed.\n{done.stderr.rstrip()}")
    return done.stdout


def check_links(bundle: Path) -> None:
    """Refuse links that lead nowhere: trimming took the file and left them."""
    lost = sorted(
        path.name for path in bundle.rglob("*") if path.is_symlink() and not path.exists()
    )
    if lost:
        raise BundleError(f"Links lead nowhere: {', '.join(lost)}.")


def check_texts(bundle: Path) -> None:
    """Refuse a bundle whose window or whose dialogs of Qt would speak English only."""
    for held in ("_resources/manual/*.md", "_resources/languages/*.mo", "qtbase_*.qm"):
        if not any(bundle.rglob(held)):
            raise BundleError(f"It has no {held.rpartition('/')[2]}.")


def check_size(bundle: Path, most_mb: float | None) -> None:
    """Print how large a bundle is; a trimming that no longer works shows here first."""
    size, largest = measure(bundle)
    print(f"{bundle.name}: {size / 1e6:.0f} MB")
    for count, name in largest:
        print(f"  {count / 1e6:6.0f} MB  {name}")
    if most_mb is not None and size > most_mb * 1e6:
        raise BundleError(f"It has {size / 1e6:.0f} MB; {most_mb:.0f} MB are allowed.")


def check_programs(bundle: Path) -> None:
    """Let both programs work, on the bundle's own picture."""
    samples = sorted(bundle.rglob("_resources/samples/*.png"))
    if not samples:
        raise BundleError("It has no sample pictures.")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        start(bundle, "cnnviz-gui", "--selftest", home=home)
        start(bundle, "cnnviz", "predict", str(samples[0]), home=home)
        drawn = home / "map.png"
        start(bundle, "cnnviz", "heatmap", "grad-cam", str(samples[0]), "--save", str(drawn),
              home=home)  # fmt: skip
        data = drawn.read_bytes()
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise BundleError("The heat map it saved is no PNG.")
        print("the heat map: {} x {} pixels".format(*struct.unpack(">II", data[16:24])))


def main() -> int:
    """Check a bundle and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path, help="folder that holds the programs")
    parser.add_argument("--most-mb", type=float, help="how large it may be")
    arguments = parser.parse_args()
    try:
        check_size(arguments.bundle, arguments.most_mb)
        check_links(arguments.bundle)
        check_programs(arguments.bundle.resolve())
        check_texts(arguments.bundle)
    except (BundleError, OSError, subprocess.TimeoutExpired) as error:
        print(f"The bundle is not sound: {error}", file=sys.stderr)
        return 1
    print("The bundle is sound.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
