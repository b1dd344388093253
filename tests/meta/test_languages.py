"""The texts of the code and their translations."""

import gettext
import string
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

PROJECT = Path(__file__).parents[2]

LANGUAGES = PROJECT / "resources" / "languages"
CATALOGUES = sorted(LANGUAGES.glob("*.po"))


@pytest.fixture(scope="module")
def template():
    sys.path.insert(0, str(PROJECT / "packaging"))
    try:
        import languages
    finally:
        sys.path.pop(0)
    return languages.template()


def read(path):
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def fields(text):
    """Return what a text leaves open, with how it is written there."""
    parts = string.Formatter().parse(text)
    return {(name, spec, how) for _, name, spec, how in parts if name is not None}


def forms(message):
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    one, many = message.id
    return [(one, message.string[0]), *((many, each) for each in message.string[1:])]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_holds_the_texts_of_the_code(path, template):
    ours = {(one.context, one.id) for one in template if one.id}
    theirs = {(one.context, one.id) for one in read(path) if one.id}
    assert ours == theirs, "python packaging/languages.py brings them together"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_what_the_program_reads_is_what_translators_wrote(path):
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for one in read(path):
        if one.id and isinstance(one.id, str) and one.string:
            if one.context:
                assert compiled.pgettext(one.context, one.id) == one.string
            else:
                assert compiled.gettext(one.id) == one.string
        elif one.id and all(one.string):
            assert [compiled.ngettext(*one.id, n) for n in (1, 2)] == list(one.string)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_leaves_the_same_things_open(path):
    for message in read(path):
        for said, translated in forms(message) if message.id else ():
            if translated:
                there = fields(translated)
                assert there <= fields(said) and there >= fields(said) - {("n", "", None)}, said


def test_every_text_of_the_code_can_be_filled_in(template):
    for message in template:
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            for name, _, _ in fields(text) if "{" in text else ():
                assert name.isidentifier(), text
