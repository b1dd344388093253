"""The table of actions."""

import gettext
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow

from cnnviz_gui import resources, texts
from cnnviz_gui.app import actions
from cnnviz_gui.app.actions import SPECS
from cnnviz_gui.app.areas import Areas
from cnnviz_gui.app.closing import Closing
from cnnviz_gui.app.commands import Commands
from cnnviz_gui.app.copying import Copying
from cnnviz_gui.app.keyboard import Keyboard
from cnnviz_gui.app.manual_desk import ManualDesk
from cnnviz_gui.app.notifications import Notifications
from cnnviz_gui.app.sessions import Sessions
from cnnviz_gui.app.undoing import Undoing
from cnnviz_gui.panels import icons, key_tip, theme
from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.stage import Stage
from cnnviz_gui.panels.top_bar import TopBar
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.selection import STAGES

README = Path(__file__).parents[2] / "README.md"
OWNERS = (Commands, Keyboard, Undoing, Notifications, ManualDesk, Copying, Sessions, Closing, Areas)
"""Whose methods the actions are."""


def test_no_two_actions_share_a_key():
    keys = Counter(QKeySequence(spec.shortcut).toString() for spec in SPECS if spec.shortcut)
    assert "" not in keys
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("language", sorted({*texts.LANGUAGES} - {"en"}))
def test_each_menu_begins_with_another_letter_in_every_language(language):
    with resources.path(f"languages/{language}.mo").open("rb") as file:
        said = gettext.GNUTranslations(file)
    letters = Counter(said.pgettext("menu", name)[0].lower() for name in actions.MENUS)
    assert max(letters.values()) == 1, letters


def test_every_action_has_a_handler():
    handled = {name for owner in OWNERS for name in dir(owner)}
    assert [spec.handler for spec in SPECS if f"on_{spec.handler}" not in handled] == []


def test_the_number_of_a_key_is_the_place_of_the_tab():
    keys = {spec.handler: spec.shortcut for spec in SPECS}
    shown = [keys[f"show_{name}"] for name in STAGES]
    assert shown == [f"Ctrl+{place}" for place in range(1, len(STAGES) + 1)]
    assert [spec.shortcut for spec in SPECS if spec.shortcut in shown] == shown  # in the menu too


def test_the_tabs_and_the_readme_name_these_keys(qtbot):
    stage = Stage(AppState())
    qtbot.addWidget(stage)
    tabs = stage.tabs
    named = [f"{tabs.tabText(n)} (Ctrl+{n + 1})" for n in range(tabs.count())]
    assert [tabs.tabToolTip(n) for n in range(tabs.count())] == named
    told = re.findall(r"\*\*([^*]+)\*\* \(Ctrl\+(\d)\)", README.read_text("utf-8"))
    assert [f"{title} (Ctrl+{key})" for title, key in told] == named


def test_every_action_has_an_icon_that_there_is(qapp):
    for spec in SPECS:
        assert not spec.icon or not icons.icon(spec.icon).isNull(), spec.icon


class Owner(QObject):
    def __getattr__(self, name):
        return lambda *_: None


def test_every_entry_of_a_menu_has_a_letter_of_its_own(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    menus = actions.fill(window.menuBar(), actions.build((Owner(),), window))
    letters = [re.findall("&(.)", one.text()) for one in window.menuBar().actions()]
    assert letters == [[title[0]] for title in actions.MENUS]
    for menu in menus.values():
        entries = [one.text() for one in menu.actions() if not one.isSeparator()]
        letters = [letter.lower() for text in entries for letter in re.findall("&(.)", text)]
        assert len(letters) == len(set(letters)) == len(entries), entries
    plain = {spec.handler: spec.title for spec in SPECS}
    marked = actions.mnemonics(SPECS)
    assert {name: text.replace("&", "") for name, text in marked.items()} == plain


def test_a_menu_marks_what_is_in_use(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    made = actions.build((Owner(),), window)
    view = actions.fill(window.menuBar(), made)["View"]
    theme.apply(QApplication.instance(), "dark")
    view.resize(view.sizeHint())
    for chosen in ("theme_dark", "theme_light", "toggle_link"):
        made[chosen].setChecked(False)
        made["theme_system"].setChecked(chosen == "theme_dark" or chosen == "theme_light")
        rect = view.actionGeometry(made[chosen])
        mark = QRect(rect.left(), rect.top(), 32, rect.height())
        before = view.grab(mark).toImage()
        made[chosen].setChecked(True)
        assert view.grab(mark).toImage() != before, chosen
    assert not made["theme_system"].isChecked()


def test_a_key_opens_the_menu_bar(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    menus = actions.fill(window.menuBar(), actions.build((Owner(),), window))
    window.show()
    Commands.on_open_menus(SimpleNamespace(_window=window))
    assert menus["File"].isVisible()
    menus["File"].close()


def test_a_button_that_names_the_key_of_an_action_has_its_icon(qtbot):
    state, found = AppState(), 0
    wanted = {spec.handler: spec.icon for spec in SPECS}
    for made in (Stage(state), TopBar(state)):
        qtbot.addWidget(made)
        for button in made.findChildren(IconButton):
            said = key_tip._TIPS._said.get(button)
            if said is not None:
                found += 1
                assert said[1] in wanted, said
                assert button._icon in (wanted[said[1]], "question"), said
    assert found >= 4
