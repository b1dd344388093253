"""F1 opens the manual about what is in view, and its links show what they name."""

import gettext
import re
from typing import get_args, get_type_hints

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QStandardItem,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from cnnviz_gui import resources, texts
from cnnviz_gui.app import actions
from cnnviz_gui.app.manual_desk import _VIEWS, ManualDesk
from cnnviz_gui.core.manual.manual import CHAPTERS, Known, Manual, read
from cnnviz_gui.core.registry import methods
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.places import PLACES
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.selection import STAGES, Display

KINDS = ("heatmap", "attack", "defence")
ALL = tuple(method for kind in KINDS for method in methods(kind))


@pytest.fixture
def state():
    made = AppState()
    made.share(methods=ALL)
    made.choose_method("heatmap", "rise")
    made.choose_method("attack", "square")
    return made


@pytest.fixture
def desk(qtbot, qapp, state):
    if theme.scheme() != "dark":
        theme.apply(qapp, "dark")
    parent = QWidget()
    qtbot.addWidget(parent)
    made = ManualDesk(parent, state)
    made.entries = actions.build((made, Owner(parent)), parent)
    yield made
    made.close()
    PLACES.bring({})


class Owner(QWidget):
    def __getattr__(self, name):
        if name.startswith("on_"):
            return lambda *_: None
        raise AttributeError(name)


def anchors(manual, chapter):
    return [section.anchor for section in manual.sections if section.chapter == chapter]


@pytest.mark.parametrize("stage", STAGES)
def test_it_opens_at_the_chapter_of_the_page(desk, state, stage):
    state.select(stage=stage)
    desk.on_show_manual()
    assert desk.window.isVisible()
    assert desk.window.place == (stage, "")


def test_it_opens_at_a_chapter_or_at_a_search(desk):
    desk.open_chapter("defences")
    assert desk.window.place == ("defences", "")
    desk.search("pgd")
    assert desk.window.contents.search.text() == "pgd"
    assert desk.window.view.marks() or desk.window.contents.tree.model().rowCount()


def test_views_with_a_chapter_of_their_own_open_that(desk, state):
    state.select(stage="heatmaps")
    state.show(heatmap_view="trust")
    desk.on_show_manual()
    assert desk.window.place == ("trust", "")


@pytest.mark.parametrize(
    ("stage", "place"),
    [
        ("heatmaps", ("heatmap-methods", "heatmap/rise")),
        ("attack", ("attack-methods", "attack/square")),
        ("plane", ("attack-methods", "attack/square")),
        ("layers", ("layers", "")),
    ],
)
def test_about_this_method_opens_its_section(desk, state, stage, place):
    state.select(stage=stage)
    desk.on_about_method()
    assert desk.window.place == place
    assert desk.window.contents.tree.currentIndex().isValid()


def test_asked_for_before_the_methods_are_known_it_opens_then(qtbot, desk, state):
    known = state.shared.methods
    state.share(methods=())
    desk.on_show_manual()
    assert desk.window is None
    state.share(methods=known)
    qtbot.waitUntil(lambda: desk.window is not None)


@pytest.mark.parametrize("first", ["asked", "failed"])
def test_after_a_start_that_failed_it_opens_without_methods(qtbot, desk, state, first):
    state.share(methods=())
    if first == "asked":
        desk.on_show_manual()
        assert desk.window is None
    state.share(start_problem="The engine cannot start.", starting="")
    if first == "failed":
        desk.on_show_manual()
    qtbot.waitUntil(lambda: desk.window is not None)
    for chapter in CHAPTERS:
        desk.window.go(chapter)
        assert desk.window.view.toPlainText()


def test_every_action_that_the_text_names_is_there_and_called_so():
    titles = {spec.handler: spec.title.rstrip("…") for spec in actions.SPECS}
    for chapter in CHAPTERS:
        for words, handler in re.findall(r"\[([^\]]+)\]\(action:(\w+)\)", read(chapter)):
            assert titles.get(handler) == words, chapter


def shown():
    manual = Manual(Known({kind: methods(kind) for kind in KINDS}, {}))
    text = "\n".join(manual.text(chapter) for chapter in CHAPTERS)
    return sorted(set(re.findall(r"\]\(show:([^)]+)\)", text)))


def test_show_me_opens_the_page_the_view_or_the_method(desk, state):
    hints = get_type_hints(Display)
    for target in shown():
        desk.show(target)
        first, _, second = target.partition("/")
        selection = state.selection
        if first == "heatmap":
            assert (selection.stage, selection.heatmap_method) == ("heatmaps", second)
        elif first == "attack" and state.shared.method("attack", second):
            assert (selection.stage, selection.attack_method) == ("attack", second)
        else:
            assert selection.stage == first
            assert not second or second in get_args(hints[_VIEWS[first]]), target
            assert not second or getattr(state.display, _VIEWS[first]) == second


def test_the_keys_are_those_in_use(desk):
    desk.entries["fit"].setShortcut(QKeySequence("Ctrl+Alt+9"))
    desk.on_show_manual()
    desk.window.go("keys")
    assert "Ctrl+Alt+9" in desk.window.view.toPlainText()


def test_only_a_paper_leaves_the_program(desk, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    desk.on_show_manual()
    for target in ("file:///etc/passwd", "http://x.y", "javascript:1", "nowhere.md"):
        desk.window.follow(target)
    assert opened == []
    desk.window.follow("https://arxiv.org/abs/1610.02391")
    assert opened == ["https://arxiv.org/abs/1610.02391"]


def test_back_and_forward_lead_to_where_it_was(desk, qtbot):
    desk.on_show_manual()
    window = desk.window
    window.go("start")
    window.follow("attack.md#norms")
    assert window.place == ("attack", "norms")
    qtbot.mouseClick(window.back, Qt.MouseButton.LeftButton)
    assert window.place == ("start", "")
    qtbot.mouseClick(window.forward, Qt.MouseButton.LeftButton)
    assert window.place == ("attack", "norms")
    assert not window.forward.isEnabled()


def test_a_search_narrows_the_contents_and_marks_the_words(desk):
    desk.on_show_manual()
    window = desk.window
    full = window.contents.tree.model().rowCount()
    window.contents.search.setText("pseudorandom zebra")
    assert window.contents.tree.model().rowCount() == 0
    window.contents.search.setText("Wilson")
    assert window.contents.tree.model().rowCount() == 1
    window.contents.search.returnPressed.emit()
    assert window.place == ("attack", "folder")
    assert window.view.marks() == 1
    window.contents.search.clear()
    assert window.contents.tree.model().rowCount() == full
    assert window.view.marks() == 0


def test_what_the_contents_do_not_show_any_more_is_freed(desk):
    def lines_known():
        return sum(isinstance(one, QStandardItem) for one in Shiboken.getAllValidWrappers())

    desk.on_show_manual()
    contents = desk.window.contents
    contents.search.setText("Wilson")
    contents.search.clear()
    before = lines_known()
    for _ in range(5):
        contents.search.setText("Wilson")
        contents.search.clear()
    assert lines_known() == before


def test_a_search_is_followed_headings_first_and_back_leads_to_where_it_began(desk, qtbot):
    desk.on_show_manual()
    window = desk.window
    window.go("start")
    with qtbot.waitSignal(window.contents.led):
        window.contents.search.setText("loss")
    with qtbot.waitSignal(window.contents.led):
        window.contents.search.setText("heatmap")
    assert window.place == ("heatmaps", "")
    assert window.contents.tree.model().item(0).toolTip() == "Heat maps"
    assert window.view.marks() >= 3
    window.back.click()
    assert window.place == ("start", "")
    with qtbot.waitSignal(window.contents.led):
        window.contents.search.setText("gradcam++")
    assert window.place == ("heatmap-methods", "heatmap/grad-cam-plus-plus")


def test_that_nothing_is_found_stands_below_the_field(desk, qtbot):
    desk.on_show_manual()
    contents = desk.window.contents
    contents.search.setText("quokka")
    told = contents._told
    assert told.text() == "Nothing found"
    qtbot.waitUntil(lambda: told.y() > contents.search.y())
    assert told.geometry().bottom() < contents.tree.y()


def test_pictures_glare_less_in_the_dark_and_their_words_stay_readable(desk, qapp):
    desk.on_show_manual()
    view = desk.window.view
    name, kind = QUrl("pictures/heatmaps.webp"), QTextDocument.ResourceType.ImageResource.value
    shown = {}
    for scheme in ("dark", "light"):
        theme.apply(qapp, scheme)
        image = view.loadResource(kind, name)
        assert image.pixelColor(0, 0).alpha() == 0, "its corners are round"
        small = image.scaled(64, 64)
        shown[scheme] = [small.pixelColor(x, y).lightness() for x in range(64) for y in range(64)]
    theme.apply(qapp, "dark")
    light, dark = sorted(shown["light"]), sorted(shown["dark"])
    assert dark[-200] < 0.85 * light[-200]
    assert dark[-200] - dark[200] > 100


def test_a_command_is_copied_as_it_stands(desk):
    desk.on_show_manual()
    desk.window.go("command-line")
    desk.window.view.anchorClicked.emit("copy:0")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("cnnviz predict photo.jpg --top 5\ncnnviz heatmap")


def test_zoom_stays_within_bounds_and_is_remembered(desk, qtbot):
    desk.on_show_manual()
    view = desk.window.view
    for _ in range(40):
        qtbot.keyClick(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom == 2.5
    assert PLACES.get("zoom.manual", list) == [250]
    qtbot.keyClick(view, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom == 1.0


def test_its_size_comes_back(desk):
    desk.on_show_manual()
    desk.window.resize(780, 500)
    PLACES.bring(PLACES.stored())
    desk.close()
    other = ManualDesk(desk._parent, desk._state)
    other.entries = desk.entries
    other.on_show_manual()
    assert (other.window.width(), other.window.height()) == (780, 500)
    other.close()


def test_no_chapter_is_wider_than_the_window(desk):
    desk.on_show_manual()
    for chapter in CHAPTERS:
        desk.window.go(chapter)
        assert desk.window.view.horizontalScrollBar().maximum() == 0, chapter


def test_every_section_is_found_on_its_page(desk):
    desk.on_show_manual()
    view = desk.window.view
    for chapter in CHAPTERS:
        desk.window.go(chapter)
        block, there = view.document().begin(), set()
        while block.isValid():
            for place in block:
                there.update(place.fragment().charFormat().anchorNames())
            block = block.next()
        assert set(anchors(desk.window._manual, chapter)) <= there | {""}


@pytest.mark.parametrize("language", [name for name in texts.LANGUAGES if name != "en"])
def test_an_action_is_called_as_its_translation_in_that_manual(language):
    """As far as it is translated; the window writes its title there in any case."""
    with resources.path(f"languages/{language}.mo").open("rb") as file:
        said = gettext.GNUTranslations(file)
    titles = {spec.handler: spec.title for spec in actions.SPECS}
    for path in resources.path(f"manual/{language}").iterdir():
        for words, handler in re.findall(r"\[([^\]]+)\]\(action:(\w+)\)", path.read_text("utf-8")):
            translated = said.gettext(titles[handler])
            if translated != titles[handler]:
                assert translated.rstrip("… ") == words, path.name
