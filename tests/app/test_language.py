"""The language of the window: what the settings say, else the system's."""

import json

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from cnnviz_gui import resources, texts
from cnnviz_gui.app import language
from cnnviz_gui.texts import ntr, ptr, tr


@pytest.fixture(autouse=True)
def english_again():
    yield
    texts.use("en")


def test_english_is_said_as_it_stands():
    assert tr("Saved {name}.", name="a.png") == "Saved a.png."
    assert tr("{what} is no name") == "{what} is no name", "nothing is filled in"
    assert [ntr("{n} of {all}", "{n} more of {all}", n, all=9) for n in (1, 2)] == [
        "1 of 9",
        "2 more of 9",
    ]
    assert ptr("verb", "Map") == "Map"


def test_a_language_says_its_own():
    texts.use("de")
    assert texts.language() == "de"
    assert tr("Language") == "Sprache"
    assert tr("no such text {n}", n=1) == "no such text 1", "what is not translated stays English"


def test_within_a_line_english_writes_titles_small_and_german_does_not():
    for title, inside in (("Largest change", "largest change"), ("", "")):
        assert texts.within(title) == inside
    for title in ("L2 weight", "TV weight", "MACs"):
        assert texts.within(title) == title
    texts.use("de")
    assert texts.within("Größte Änderung") == "Größte Änderung"


def test_a_catalogue_that_is_missing_is_named(monkeypatch):
    with pytest.raises(resources.ResourceError, match=r"xx\.mo"):
        texts.use("xx")
    assert texts.language() == "en"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (json.dumps({"language": "de"}), "de"),
        (json.dumps({"language": "en"}), "en"),
        (json.dumps({"language": "system"}), "of system"),
        (json.dumps({"language": "xx"}), "of system"),
        (json.dumps({"language": 5}), "of system"),
        (json.dumps([1]), "of system"),
        ("{", "of system"),
        (None, "of system"),
    ],
)
def test_the_settings_choose_the_language(tmp_path, monkeypatch, stored, expected):
    used = []
    monkeypatch.setattr(texts, "use", used.append)
    monkeypatch.setattr(language, "of_system", lambda: "of system")
    path = tmp_path / "settings.json"
    if stored is not None:
        path.write_text(stored)
    language.begin(path)
    assert used == [expected]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["fr-FR", "de-AT", "en-US"], "de"),
        (["en-US", "de"], "en"),
        (["fr_FR", "nl"], "en"),
        (["de_DE"], "de"),
        ([], "en"),
    ],
)
def test_the_first_language_of_the_user_that_there_is_counts(monkeypatch, wanted, expected):
    monkeypatch.setattr(QLocale, "uiLanguages", lambda _: wanted)
    assert language.of_system() == expected


def test_qts_own_words_are_translated_too(qapp):
    before = QCoreApplication.translate("QPlatformTheme", "Cancel")
    language.dress(qapp)
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == before, "English needs nothing"
    texts.use("de")
    language.dress(qapp)
    try:
        assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    finally:
        for one in qapp.findChildren(QTranslator):
            qapp.removeTranslator(one)
            one.deleteLater()
