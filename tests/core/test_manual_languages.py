"""The manual in other languages: the same chapters, links, pictures and commands as in English."""

import re
from collections import Counter

import pytest

from cnnviz_gui import resources, texts
from cnnviz_gui.core.manual import manual as manual_module
from cnnviz_gui.core.manual import pages
from cnnviz_gui.core.manual.manual import CHAPTERS, Action, Known, Manual, read
from cnnviz_gui.core.registry import methods

OTHERS = [name for name in texts.LANGUAGES if name != "en"]
KINDS = ("heatmap", "attack", "defence")
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)
every_other = pytest.mark.parametrize("language", OTHERS)


def written(chapter, language=""):
    return resources.path(f"manual/{language}/{chapter}.md").read_text("utf-8")


def targets(text):
    return Counter(re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", text))


def pictures(text):
    return re.findall(r"!\[[^\]]+\]\((?:\.\./)?([^)]+)\)", text)


def code(text):
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [(kind, "" if kind == "formula" else held) for kind, held in blocks]


def levels(text):
    without = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [found[0] for line in without.splitlines() if (found := pages.heading(line))]


@every_other
def test_every_chapter_is_there_in_every_language(language):
    files = {path.stem for path in resources.path(f"manual/{language}").iterdir()}
    assert files == set(CHAPTERS)


@every_other
@every_chapter
def test_a_chapter_holds_the_same_in_every_language(language, chapter):
    english, other = written(chapter), written(chapter, language)
    assert targets(other) == targets(english)
    assert pictures(other) == pictures(english)
    assert code(other) == code(english)
    assert levels(other) == levels(english)
    made = re.compile(r"^<!-- .+ -->$", re.MULTILINE)
    assert made.findall(other) == made.findall(english)
    assert Counter(re.findall(r"`[^`\n]+`", other)) == Counter(re.findall(r"`[^`\n]+`", english))


@every_other
def test_pictures_lie_where_the_text_says(language):
    folder = resources.path(f"manual/{language}")
    for chapter in CHAPTERS:
        for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", written(chapter, language)):
            assert (folder / name).is_file(), name


@every_other
@every_chapter
def test_every_link_within_the_manual_leads_somewhere(monkeypatch, language, chapter):
    monkeypatch.setattr(manual_module, "language", lambda: language)
    said = {"palette": Action("Help", "Find an action…", "Ctrl+K")}
    manual = Manual(Known({kind: methods(kind) for kind in KINDS}, said))
    assert manual.text(chapter).partition("\n")[0] == written(chapter, language).partition("\n")[0]
    page = manual.page(chapter)
    assert all(resources.path(f"manual/{name}").is_file() for name in page.pictures)
    for target in re.findall(r'href="([^":]+)"', page.html):
        assert manual.place(target, chapter), target
    html = re.sub(r"<code>.*?</code>|<td class=\"code\">.*?</td>", "", page.html)
    assert not re.search(r"\*\*|\]\(|```|<!--|\{#|^#", html, re.MULTILINE)


def test_the_chapter_is_that_of_the_language_in_use():
    assert read("keys").startswith("# Keys\n")
    texts.use("de")
    try:
        assert read("keys").startswith("# Tasten\n")
        assert "](pictures/layers.webp)" in read("layers")
    finally:
        texts.use("en")


def test_a_language_without_a_manual_has_the_english_one(monkeypatch):
    monkeypatch.setattr(manual_module, "language", lambda: "fr")
    assert read("keys") == written("keys")
