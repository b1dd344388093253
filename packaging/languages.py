"""Keep the catalogues of languages together with the code.

``python packaging/languages.py`` takes over new texts of the code into each
``resources/languages/*.po``, drops those that are gone, and compiles what the program reads.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ROOT / "resources" / "languages"
_CHANGING = (b'"POT-', b'"PO-', b'"Last-', b'"Generated-', b'"Report-', b'"Language-Team')
KEYWORDS = {"tr": None, "ntr": (1, 2), "ptr": ((1, "c"), 2)}


def template() -> Catalog:
    """Return all texts of the code, with where they stand."""
    found = Catalog(charset="utf-8")
    folder = ROOT / "cnnviz_gui"
    methods = [("**.py", "python")]
    for name, _, text, _, context in sorted(
        extract_from_dir(folder, method_map=methods, keywords=KEYWORDS), key=lambda one: one[:2]
    ):
        found.add(text, locations=[(f"cnnviz_gui/{name}", 0)], context=context)
    return found


def updated(path: Path, texts: Catalog) -> Catalog:
    """Return a catalogue with the texts of the code, translated as far as it was."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def text(catalogue: Catalog) -> bytes:
    """Return a catalogue as translators see it, without what changes whenever it is written."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, include_lineno=False)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_CHANGING))


def main() -> None:
    """Update and compile all of them."""
    texts = template()
    for path in sorted(LANGUAGES.glob("*.po")):
        catalogue = updated(path, texts)
        path.write_bytes(text(catalogue))
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        done = sum(bool(one.string and all(one.string)) for one in catalogue if one.id)
        print(f"{path.name}: {done} of {len(catalogue)} texts")


if __name__ == "__main__":
    main()
