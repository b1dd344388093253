"""The text of the manual: what it names is there, and where it leads is a place."""

import re
import shlex
from pathlib import Path
from typing import get_args

import pytest

from cnnviz_gui import resources
from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core.features.params import PARAMETERISATIONS
from cnnviz_gui.core.manual import formulas, pages, sections
from cnnviz_gui.core.manual.manual import (
    CHAPTERS,
    METHODS_IN,
    PARAMETERS,
    Action,
    Known,
    Manual,
    read,
)
from cnnviz_gui.core.params import specs
from cnnviz_gui.core.registry import methods

PROJECT = Path(__file__).parents[2]
KINDS = ("heatmap", "attack", "defence")
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.fixture(scope="module")
def known() -> Known:
    said = {"palette": Action("Help", "Find an action…", "Ctrl+K")}
    return Known({kind: methods(kind) for kind in KINDS}, said)


@pytest.fixture(scope="module")
def manual(known) -> Manual:
    return Manual(known)


def links(text: str) -> list[tuple[str, str]]:
    return re.findall(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)", text)


def test_the_chapters_are_the_files():
    files = {path.stem for path in resources.path("manual").glob("*.md")}
    assert files == set(CHAPTERS)


@every_chapter
def test_every_link_leads_somewhere(manual, chapter):
    lost = []
    for _, target in links(manual.text(chapter)):
        scheme = target.partition(":")[0]
        if scheme in ("action", "show"):
            continue  # see the tests of the window
        _, leads = manual.link("words", target)
        away = not leads or leads.startswith("https://")
        if target in manual.missing or not (away or manual.place(leads, chapter)):
            lost.append(target)
    assert lost == []


@every_chapter
def test_what_a_link_names_is_written_as_it_is_called(manual, chapter):
    """The files can be read as they are: a name in them is the name in the program."""
    for words, target in links(read(chapter)):
        if target.startswith(("method:", "param:", "count:")):
            assert manual.link(words, target)[0].strip("*") == words


@every_chapter
def test_every_chapter_begins_with_its_title_and_has_words(manual, chapter):
    assert manual.text(chapter).startswith("# ")
    own = [section for section in manual.sections if section.chapter == chapter]
    assert own[0].level == 1
    anchors = [section.anchor for section in own]
    assert len(set(anchors)) == len(anchors)


@every_chapter
def test_nothing_of_the_markup_is_left_on_a_page(manual, chapter):
    html = re.sub(r"<code>.*?</code>|<td class=\"code\">.*?</td>", "", manual.page(chapter).html)
    assert not re.search(r"\*\*|\]\(|```|<!--|\{#|^#", html, re.MULTILINE)


def test_every_method_has_its_section(manual):
    there = {(section.chapter, section.anchor) for section in manual.sections}
    for kind in KINDS:
        for method in methods(kind):
            place = METHODS_IN[kind], sections.anchor(method)
            assert place in there
            section = next(s for s in manual.sections if (s.chapter, s.anchor) == place)
            said = (method.summary, method.guide.can, method.guide.cannot, method.guide.use)
            assert all(text in section.words for text in said)
            assert all(f" {spec.label} " in section.words for spec in method.specs)


def test_every_family_has_a_title(manual):
    used = {method.family for kind in KINDS for method in methods(kind)} - {""}
    assert used <= set(sections.FAMILIES) <= set(get_args(sections.Family))


def test_every_way_to_make_a_picture_is_told():
    text = read("features")
    assert all(f"**{title}.**" in text for title in PARAMETERISATIONS.values())


def test_all_parameters_that_are_no_methods_stand_somewhere():
    text = "\n".join(read(chapter) for chapter in CHAPTERS)
    assert set(re.findall(r"<!-- parameters (\w+) -->", text)) == set(PARAMETERS)


def commands() -> list[str]:
    text = "\n".join(read(chapter) for chapter in CHAPTERS)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for line in "\n".join(blocks).splitlines() if line.startswith("cnnviz ")]


@pytest.mark.parametrize("line", commands())
def test_every_command_is_understood(line):
    parse(shlex.split(line)[1:])  # ends with status 2 where it is not


def test_a_link_to_what_is_not_there_keeps_its_words_and_is_noted(known):
    manual = Manual(known)
    wrong = ("action:fly", "method:attack/fly", "param:attack/pgd/fly", "param:fly/fly")
    assert [manual.link("words", target) for target in wrong] == [("words", "")] * 4
    assert manual.missing == set(wrong)
    assert manual.link("find", "action:palette") == ("**Find an action** `Ctrl+K`", "")


def test_the_keys_are_those_of_the_actions(manual):
    assert "| Find an action | `Ctrl+K` |" in manual.text("keys")


def test_a_search_wants_every_word_and_counts_them(manual):
    section = next(s for s in manual.sections if s.anchor == "heatmap/rise")
    assert section.hits(["RISE"]) == section.hits(["rise"]) > 0
    assert section.hits(["rise", "zebra"]) == 0
    assert section.hits([]) == 0


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("**b** *i* `c*d*`", "<p><b>b</b> <i>i</i> <code>c*d*</code></p>"),
        ("# T {#x/y}", '<h1><a name="x/y"></a>T</h1>'),
        ("* one\n  more\n* two", "<ul><li>one more</li><li>two</li></ul>"),
        ("[w](https://x.y/z)", '<p><a href="https://x.y/z">w</a></p>'),
    ],
)
def test_marks_become_html(text, html):
    assert pages.render(text, lambda words, target: (words, target)).html == html


def test_code_can_be_copied_as_it_was():
    page = pages.render("```sh\na  <b>\n\nc\n```", lambda words, target: (words, target))
    assert page.blocks == ["a  <b>\n\nc"]
    assert 'href="copy:0"' in page.html
    assert "a&nbsp;&nbsp;&lt;b&gt;<br>&nbsp;<br>c" in page.html


def test_a_formula_is_aligned_and_its_letters_stand_as_in_a_book():
    html = formulas.to_html("ReLU(Σₖ αₖ Aₖ),  αₖ = mean of ∂y_c / ∂x²")
    assert html.count('align="right"') == 1
    assert "ReLU(Σ<sub>k</sub> <i>α</i><sub>k</sub> <i>A</i><sub>k</sub>)" in html
    assert "mean of ∂<i>y</i><sub>c</sub> / ∂<i>x</i><sup>2</sup>" in html
    assert 'align="right"><i>α</i><sub>k</sub></td>' in html
    assert "align" not in formulas.to_html("argmax P(f(x) = k)")


def test_a_formula_is_not_torn_within_brackets():
    plane = "x(a, b) = clip(x₀ + a · g + b · h, 0, 1),  h ⊥ g"
    assert formulas.clauses(plane) == ["x(a, b) = clip(x₀ + a · g + b · h, 0, 1)", "h ⊥ g"]
    html = formulas.to_html(plane)
    assert "<i>x</i>(<i>a</i>, <i>b</i>)" in html
    assert "<i>a</i> · <i>g</i> + <i>b</i> · <i>h</i>" in html
    assert "<i>a</i><sub>j</sub>" in formulas.to_html("Rⱼ = Σₖ aⱼ wⱼₖ")
    assert "<i>U</i> Σ" in formulas.to_html("A = U Σ Vᵀ"), "a matrix"
    assert "U(<i>r</i>" in formulas.to_html("r ∼ U(r₀, 1)"), "a distribution"
    assert "over a window of" in formulas.to_html("median of x over a window of w × w")
    assert "the paper's" in formulas.to_html("x;  the paper's: y").replace("&#x27;", "'")


@every_chapter
def test_brackets_of_every_line_of_a_formula_balance(manual, chapter):
    blocks = re.findall(r"^```formula\n(.+?)\n```", manual.text(chapter), re.DOTALL | re.MULTILINE)
    for line in (line for block in blocks for line in formulas.clauses(block)):
        for left, right in ("()", "[]"):
            assert line.count(left) == line.count(right), line


def test_the_libraries_to_install_are_those_that_qt_needs():
    block = read("troubleshooting").partition("sudo apt-get install")[2].partition("```")[0]
    listed = (PROJECT / "packaging/linux/apt-deps.txt").read_text("utf-8").splitlines()
    needed = {line for line in listed if line and not line.startswith("#")}
    assert set(block.replace("\\\n", " ").split()) == {"python3-venv"} | needed


def test_a_table_of_parameters_says_default_range_and_meaning():
    pgd = next(method for method in methods("attack") if method.name == "pgd")
    table = sections.parameters(pgd.specs)
    assert "| **Epsilon** | 4 / 255 | L∞: 0 to 64 / 255; L2: 0 to 32; L1: 0 to 5000 |" in table
    assert "| **Step size** | automatic |" in table
    assert "| **Seed** | 0 | any whole number from 0 |" in table
    assert "| **Random start** | yes | yes, no |" in table
    assert len(table.splitlines()) == 2 + len(specs(pgd.params))


@every_chapter
def test_every_picture_is_there_and_small(manual, chapter):
    for name in manual.page(chapter).pictures:
        path = resources.path(f"manual/{name}")
        assert path.stat().st_size < 150_000, name


def test_no_picture_is_left_over(manual):
    named = {name for chapter in CHAPTERS for name in manual.page(chapter).pictures}
    there = resources.path("manual/pictures").iterdir()
    assert {f"pictures/{path.name}" for path in there} == named
