"""What the program says, in the language of its user.

The code says everything in English, and the English text is the key to the others: a text is handed
to ``tr`` as it stands, with what varies as named values, so that a translation can put them in its
own order. Catalogues are those of GNU gettext: ``resources/languages/LANGUAGE.po`` is written by
hand, ``packaging/languages.py`` fills in new texts and makes the ``.mo`` that is read here.

The language is chosen before anything else is imported, as many texts are made with the modules.
"""

from __future__ import annotations

import gettext

from cnnviz_gui import resources

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Those there are, each by its own name."""

_said: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"
_mirrored = False
_OPEN, _CLOSE = "\u2068", "\u2069"
"""First strong isolate and its end: what is between them reads as its own first letter says."""


def tr(text: str, /, **values: object) -> str:
    """Return a text in the language in use, with the values in place of ``{name}``."""
    said = _said.gettext(text)
    return said.format(**_set_apart(values)) if values else said


def ntr(one: str, many: str, n: int, /, **values: object) -> str:
    """Return a text for one or for many, with the number in place of ``{n}``."""
    return _said.ngettext(one, many, n).format(n=n, **_set_apart(values))


def ptr(context: str, text: str, /) -> str:
    """Return a text of one meaning among others, which the context tells translators."""
    return _said.pgettext(context, text)


def within(title: str, /) -> str:
    """Return a title as it stands inside a sentence or a list: in English it begins small.

    ``L2 weight`` and ``TV weight`` stay as they are, and so does all in languages that write nouns
    with a capital.
    """
    if _language != "en" or title[1:2].isupper() or title[1:2].isdigit():
        return title
    return title[:1].lower() + title[1:]


def mirror(mirrored: bool) -> None:
    """Say whether sentences run from the right to the left from now on."""
    global _mirrored
    _mirrored = mirrored


def apart(text: str, /) -> str:
    """Return a text that reads its own way wherever it stands in a window that is mirrored.

    ``4.65 M`` and ``/home/me/cat.png`` run from the left to the right in any language.
    """
    if not _mirrored or not text:
        return text
    return "\n".join(f"{_OPEN}{line}{_CLOSE}" for line in text.split("\n"))


def _set_apart(values: dict[str, object]) -> dict[str, object]:
    if not _mirrored:
        return values
    return {name: apart(one) if isinstance(one, str) else one for name, one in values.items()}


def language() -> str:
    """Return the language in use, a key of ``LANGUAGES``."""
    return _language


def use(name: str) -> None:
    """Say everything in a language from now on.

    Raises
    ------
    ResourceError
        The program was installed without its catalogue.
    """
    global _said, _language
    if name == "en":
        _said = gettext.NullTranslations()
    else:
        with resources.path(f"languages/{name}.mo").open("rb") as file:
            _said = gettext.GNUTranslations(file)
    _language = name
