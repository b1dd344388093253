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


def tr(text: str, /, **values: object) -> str:
    """Return a text in the language in use, with the values in place of ``{name}``."""
    said = _said.gettext(text)
    return said.format(**values) if values else said


def ntr(one: str, many: str, n: int, /, **values: object) -> str:
    """Return a text for one or for many, with the number in place of ``{n}``."""
    return _said.ngettext(one, many, n).format(n=n, **values)


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
