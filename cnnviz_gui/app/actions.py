"""Every action of the window, once: menus, keys, the command palette and the help read this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from cnnviz_gui.panels import icons
from cnnviz_gui.state.keys import KEYS, Named
from cnnviz_gui.texts import ptr, tr

MENUS: Final = {
    "File": ptr("menu", "File"),
    "Edit": ptr("menu", "Edit"),
    "View": ptr("menu", "View"),
    "Network": ptr("menu", "Network"),
    "Run": ptr("menu", "Run"),
    "Help": ptr("menu", "Help"),
}
"""What the menus are called, by name; each begins with another letter, which opens it."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One action; what it does is the method ``on_`` + ``handler`` of one of its owners."""

    handler: str
    menu: str
    """A name in ``MENUS``."""
    title: str
    shortcut: str = ""
    icon: str = ""
    checkable: bool = False
    opens_group: bool = False
    """A line stands above it."""
    choice: str = ""
    """Of the actions that share this name exactly one is checked."""


SPECS: Final = (
    Spec("new_session", "File", tr("New session"), "Ctrl+N", "file-plus"),
    Spec("open_files", "File", tr("Open pictures…"), "Ctrl+O", "folder-open"),
    Spec("open_folder", "File", tr("Open a folder…"), "Ctrl+Shift+O", "folder"),
    Spec("similar_folder", "File", tr("Find similar pictures in a folder…"), "", "folders"),
    Spec(
        "open_session",
        "File",
        tr("Open a session…"),
        "Ctrl+Alt+Shift+O",
        "folder-open",
        opens_group=True,
    ),
    Spec("save_session", "File", tr("Save the session"), "Ctrl+Alt+Shift+S", "floppy-disk"),
    Spec("save_session_as", "File", tr("Save the session as…"), "", "floppy-disk"),
    Spec("next_picture", "File", tr("Next picture"), "Ctrl+Right", "arrow-right", opens_group=True),
    Spec("previous_picture", "File", tr("Previous picture"), "Ctrl+Left", "arrow-left"),
    Spec("close_picture", "File", tr("Close picture"), "Ctrl+W", "x"),
    Spec("close_others", "File", tr("Close other pictures"), "", "x-circle"),
    Spec("save_picture", "File", tr("Save the picture…"), "Ctrl+S", "export", opens_group=True),
    Spec("save_jpeg", "File", tr("Save the attack as JPEG…"), "", "image-square"),
    Spec("save_figure", "File", tr("Save the figure…"), "Ctrl+Alt+S", "article"),
    Spec("save_array", "File", tr("Save the raw array…"), "Ctrl+Shift+S", "table"),
    Spec("save_request", "File", tr("Save the request…"), "Ctrl+E", "file-text"),
    Spec("save_film", "File", tr("Save the animation…"), "", "film-strip"),
    Spec("save_crop", "File", tr("Save the crop…"), "", "image"),
    Spec("close_window", "File", tr("Quit"), "Ctrl+Q", "sign-out", opens_group=True),
    Spec("undo", "Edit", tr("Undo"), "Ctrl+Z", "arrow-counter-clockwise"),
    Spec("redo", "Edit", tr("Redo"), "Ctrl+Shift+Z", "arrow-clockwise"),
    Spec("paste", "Edit", tr("Paste a picture"), "Ctrl+V", "clipboard", opens_group=True),
    Spec("copy_picture", "Edit", tr("Copy the picture"), "Ctrl+C", "copy"),
    Spec("copy_request", "Edit", tr("Copy the request"), "Ctrl+Shift+C", "file-text"),
    Spec("copy_python", "Edit", tr("Copy as Python"), "", "code"),
    Spec("copy_command", "Edit", tr("Copy as a command"), "", "terminal-window"),
    Spec("choose_target", "Edit", tr("Target class…"), "Ctrl+T", "crosshair", opens_group=True),
    Spec("clear_target", "Edit", tr("Target the winner"), "Ctrl+Shift+T", "crosshair-simple"),
    Spec("settings", "Edit", tr("Settings…"), "Ctrl+,", "gear", opens_group=True),
    Spec("show_layers", "View", tr("Show layers"), "Ctrl+1", "stack"),
    Spec("show_features", "View", tr("Show features"), "Ctrl+2", "sparkle"),
    Spec("show_heatmaps", "View", tr("Show heat maps"), "Ctrl+3", "fire"),
    Spec("show_attack", "View", tr("Show attack"), "Ctrl+4", "lightning"),
    Spec("show_plane", "View", tr("Show the decision plane"), "Ctrl+5", "grid-four"),
    Spec("show_similar", "View", tr("Show similar pictures"), "Ctrl+6", "folders"),
    Spec(
        "toggle_layout",
        "View",
        tr("Overlay or side by side"),
        "Ctrl+D",
        "columns",
        opens_group=True,
    ),
    Spec("toggle_link", "View", tr("Link the cursors"), "Ctrl+L", "link", checkable=True),
    Spec("blink", "View", tr("Blink clean and adversarial"), "Ctrl+Shift+D", "eye"),
    Spec("fit", "View", tr("Fit the pictures"), "Ctrl+0", "arrows-in"),
    Spec(
        "theme_system",
        "View",
        tr("Theme of the system"),
        "",
        "desktop",
        opens_group=True,
        choice="theme",
    ),
    Spec("theme_light", "View", tr("Light theme"), "", "sun", choice="theme"),
    Spec("theme_dark", "View", tr("Dark theme"), "", "moon", choice="theme"),
    Spec("full_screen", "View", tr("Full screen"), "F11", "corners-out", opens_group=True),
    Spec("reset_layout", "View", tr("Reset the layout"), "Ctrl+Shift+L", "arrow-counter-clockwise"),
    Spec(
        "area_wider",
        "View",
        tr("Widen this part"),
        "Alt+Shift+PgDown",
        "arrows-out",
        opens_group=True,
    ),
    Spec("area_narrower", "View", tr("Narrow this part"), "Alt+Shift+PgUp", "arrows-in"),
    Spec("area_taller", "View", tr("Make this part taller"), "Alt+Shift+End", "arrow-down"),
    Spec("area_lower", "View", tr("Make this part lower"), "Alt+Shift+Home", "arrow-up"),
    Spec("notifications", "View", tr("Notifications"), "", "bell", opens_group=True),
    Spec("choose_network", "Network", tr("Choose a network…"), "Ctrl+M", "cube"),
    Spec("open_checkpoint", "Network", tr("Open checkpoint…"), "Ctrl+Alt+O", "file-arrow-up"),
    Spec("compare", "Network", tr("Compare with…"), "Ctrl+Shift+M", "columns", opens_group=True),
    Spec("swap_networks", "Network", tr("Swap the two"), "F6", "swap"),
    Spec("stop_comparing", "Network", tr("Stop comparing"), "", "x"),
    Spec(
        "search_layers",
        "Network",
        tr("Search the layers…"),
        "Ctrl+F",
        "magnifying-glass",
        opens_group=True,
    ),
    Spec("save_layers", "Network", tr("Save the layer table…"), "", "table"),
    Spec("next_layer", "Network", tr("Next layer"), "Ctrl+Down", "arrow-down", opens_group=True),
    Spec("previous_layer", "Network", tr("Previous layer"), "Ctrl+Up", "arrow-up"),
    Spec("recommended_layer", "Network", tr("Recommended layer"), "Ctrl+Home", "target"),
    Spec(
        "next_channel", "Network", tr("Next channel"), "Alt+Right", "arrow-right", opens_group=True
    ),
    Spec("previous_channel", "Network", tr("Previous channel"), "Alt+Left", "arrow-left"),
    Spec("silence_channel", "Network", tr("Silence the channel"), "Alt+S", "eye-slash"),
    Spec("restore_channels", "Network", tr("Restore all channels"), "Alt+Shift+S", "eye"),
    Spec("compute_again", "Run", tr("Compute again"), "F5", "arrow-clockwise"),
    Spec("start", "Run", tr("Start, or go on with, what is in view"), "Ctrl+Return", "play"),
    Spec("start_attack", "Run", tr("Attack the picture"), "", "lightning"),
    Spec("epsilon_up", "Run", tr("More epsilon"), "Ctrl+Shift+Right", "plus"),
    Spec("epsilon_down", "Run", tr("Less epsilon"), "Ctrl+Shift+Left", "minus"),
    Spec(
        "make_feature",
        "Run",
        tr("Make, pause or go on with the picture"),
        "Ctrl+G",
        "sparkle",
        opens_group=True,
    ),
    Spec("feature_longer", "Run", tr("More steps of the picture"), "Ctrl+Shift+G", "plus"),
    Spec("feature_anew", "Run", tr("The picture again from another start"), "", "dice-five"),
    Spec("feature_keep", "Run", tr("Keep the picture beside the next one"), "Ctrl+B", "push-pin"),
    Spec(
        "feature_back",
        "Run",
        tr("Take the settings of the kept picture back"),
        "Ctrl+Shift+B",
        "arrow-u-up-left",
    ),
    Spec("feature_sheet", "Run", tr("One picture or all channels"), "Ctrl+Alt+G", "grid-four"),
    Spec("cancel", "Run", tr("Cancel the job"), "Esc", "x", opens_group=True),
    Spec("cancel_all", "Run", tr("Cancel all jobs"), "Shift+Esc", "x-circle"),
    Spec("palette", "Help", tr("Find an action…"), "Ctrl+K", "magnifying-glass"),
    Spec("open_menus", "Help", tr("Open the menu bar"), "F10", "list"),
    Spec("next_area", "Help", tr("Next part of the window"), "Ctrl+F6", "columns"),
    Spec("previous_area", "Help", tr("Previous part of the window"), "Ctrl+Shift+F6", "columns"),
    Spec("show_manual", "Help", tr("Manual"), "F1", "book-open", opens_group=True),
    Spec("about_method", "Help", tr("About this method"), "Shift+F1", "question"),
    Spec("show_shortcuts", "Help", tr("Keyboard shortcuts…"), "Ctrl+Alt+K", "keyboard"),
    Spec("copy_report", "Help", tr("Copy a report"), "", "copy", opens_group=True),
    Spec("save_report", "Help", tr("Save a report…"), "", "file-text"),
    Spec("about", "Help", tr("About"), "", "info", opens_group=True),
)

# Texts name keys wherever they stand, also where nothing is known of actions.
KEYS.register({s.handler: Named(s.title, (s.shortcut,) if s.shortcut else ()) for s in SPECS})
KEYS.native = lambda key: QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def build(
    owners: Sequence[QObject], window: QWidget, specs: Iterable[Spec] = SPECS
) -> dict[str, QAction]:
    """Make the actions, connected to methods of their owners, and give the window their keys."""
    specs = tuple(specs)
    letters = mnemonics(specs)
    made: dict[str, QAction] = {}
    choices: dict[str, QActionGroup] = {}
    for spec in specs:
        action = QAction(letters[spec.handler], window)
        action.setObjectName(spec.handler)
        action.setCheckable(spec.checkable or bool(spec.choice))
        if spec.choice:
            if spec.choice not in choices:
                choices[spec.choice] = QActionGroup(window)
            choices[spec.choice].addAction(action)
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.setShortcuts([QKeySequence(key) for key in KEYS.of(spec.handler)])
        if spec.icon:
            action.setIcon(icons.icon(spec.icon))
        if action.isCheckable():  # the icon would stand where the mark does
            action.setIconVisibleInMenu(False)
        slot = f"on_{spec.handler}"
        owner = next(owner for owner in owners if hasattr(owner, slot))
        action.triggered.connect(getattr(owner, slot))
        window.addAction(action)
        made[spec.handler] = action
    return made


def mnemonics(specs: Iterable[Spec]) -> dict[str, str]:
    """Return the titles by handler, a letter in each marked by &, none twice in a menu.

    The first letter of a word is taken if it is free, any other if it has to be; where none is
    left, an entry before it takes another one.
    """
    specs = tuple(specs)
    holders: dict[str, dict[str, tuple[Spec, int]]] = {}
    for spec in specs:
        _mark(spec, holders.setdefault(spec.menu, {}), set())
    held = {spec.handler: place for menu in holders.values() for spec, place in menu.values()}
    marked = {spec.handler: spec.title for spec in specs}
    for name, place in held.items():
        marked[name] = f"{marked[name][:place]}&{marked[name][place:]}"
    return marked


def _mark(spec: Spec, taken: dict[str, tuple[Spec, int]], tried: set[str]) -> bool:
    """Give an entry a letter that no other of its menu has; return whether there is one."""
    title = spec.title
    places = [n for n, letter in enumerate(title) if letter.isalpha()]
    places.sort(key=lambda n: n > 0 and title[n - 1].isalpha())
    free = [n for n in places if title[n].lower() not in taken]
    for place in (*free, *places):
        letter = title[place].lower()
        if letter in tried:
            continue
        tried.add(letter)
        if letter not in taken or _mark(taken[letter][0], taken, tried):
            taken[letter] = spec, place
            return True
    return False


def fill(
    bar: QMenuBar, actions: dict[str, QAction], specs: Iterable[Spec] = SPECS
) -> dict[str, QMenu]:
    """Put the actions into the menus and return those by name."""
    menus = {name: bar.addMenu(f"&{title}") for name, title in MENUS.items()}
    for spec in specs:
        menu = menus[spec.menu]
        if spec.opens_group and menu.actions():
            menu.addSeparator()
        menu.addAction(actions[spec.handler])
    return menus
