"""The whole program, for those who hear it, who use keys alone, who need large letters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QDeadlineTimer, QEventLoop, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QRadioButton,
    QScrollBar,
    QSlider,
    QTabBar,
    QWidget,
)

from cnnviz_gui.app import focus_order
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.panels.controls import ElidedLabel
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.image_surface import ImageSurface
from cnnviz_gui.panels.networks.accuracy_plot import AccuracyPlot
from cnnviz_gui.panels.pane_words import KEYS

_TOLD_BY_QT = (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
)
"""Of these, Qt itself tells a screen reader value, text or items."""

_STAND_ALIKE = (ImageSurface, AccuracyPlot)
"""What is clicked here takes keys elsewhere: the pane of a surface, the table beside a plot."""


def seen(root: QWidget) -> Iterator[QWidget]:
    """Return all that is shown in a window, but not in windows over it."""
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.window() is root.window():
            yield widget


def takes_tab(widget: QWidget) -> bool:
    policy, tab = widget.focusPolicy(), Qt.FocusPolicy.TabFocus
    return policy & tab == tab and widget.isEnabled() and widget.focusProxy() is None


def told(widget: QWidget, part: QAccessible.Text) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(part)


def where(widget: QWidget) -> str:
    names = [type(widget).__name__]
    while (parent := widget.parentWidget()) is not None and len(names) < 4:
        widget = parent
        names.append(type(widget).__name__)
    return " in ".join(names)


def own(widget: QWidget, *methods: str) -> bool:
    """Tell whether our own code takes events that these methods are for."""
    ours = (kind for kind in type(widget).__mro__ if kind.__module__.startswith("cnnviz_gui"))
    return any(method in kind.__dict__ for kind in ours for method in methods)


def nameless(root: QWidget) -> list[str]:
    """Return what can have the focus and has no name."""
    focusable = filter(takes_tab, seen(root))
    return [where(one) for one in focusable if not told(one, QAccessible.Text.Name).strip()]


def without_role(root: QWidget) -> list[str]:
    """Return what can have the focus of which a screen reader cannot say what it is."""
    vague = (QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane)
    focusable = filter(takes_tab, seen(root))
    told_as = ((one, QAccessible.queryAccessibleInterface(one).role()) for one in focusable)
    return [f"{role.name}: {where(one)}" for one, role in told_as if role in vague]


def twins(root: QWidget) -> list[str]:
    """Return controls that stand side by side and are told alike."""
    met: dict[tuple[object, ...], QWidget] = {}
    found = []
    for one in filter(takes_tab, seen(root)):
        words = (told(one, QAccessible.Text.Name), told(one, QAccessible.Text.Description))
        key = (one.parentWidget(), words)
        if key in met:
            found.append(f"{words[0]!r}: {where(met[key])}, {where(one)}")
        met[key] = one
    return found


def untold(root: QWidget) -> list[str]:
    """Return drawn controls that tell nothing of what they show, and pictures without words."""
    found = []
    for one in seen(root):
        said = told(one, QAccessible.Text.Description)
        if isinstance(one, ImagePane):
            if one.state() == "done" and said in ("", KEYS):
                found.append(f"picture {one.accessibleName()!r}: {where(one)}")
        elif own(one, "paintEvent") and takes_tab(one) and not isinstance(one, _TOLD_BY_QT):
            found += [] if said and one.accessibleName() else [f"{said!r}: {where(one)}"]
    return found


def mouse_alone(root: QWidget) -> list[str]:
    """Return what a click does something with and no key reaches."""
    found = []
    for one in seen(root):
        if not one.isEnabled() or _in_group(one) or isinstance(one, _STAND_ALIKE):
            continue
        clicked = isinstance(one, QAbstractButton) or own(one, "mousePressEvent")
        if clicked and not takes_tab(one) and not _keyed_parent(one):
            found.append(f"{one.accessibleName()!r}: {where(one)}")
        keyed = isinstance(one, (*_TOLD_BY_QT, QSlider)) or own(one, "keyPressEvent")
        if clicked and takes_tab(one) and not keyed:
            found.append(f"no keys: {one.accessibleName()!r}: {where(one)}")
    return found


def _in_group(widget: QWidget) -> bool:
    """Tell whether Tab comes to another one of an exclusive choice, and arrows to this."""
    return isinstance(widget, QRadioButton) and any(
        takes_tab(other) for other in widget.parentWidget().findChildren(QRadioButton)
    )


def _keyed_parent(widget: QWidget) -> bool:
    """Tell whether what it is in has the keys for it: a picture's surface is no control."""
    parent = widget.parentWidget()
    while parent is not None and not parent.isWindow():
        if takes_tab(parent) and (own(parent, "keyPressEvent") or isinstance(parent, _TOLD_BY_QT)):
            return True
        parent = parent.parentWidget()
    return False


def out_of_order(part: QWidget) -> list[str]:
    """Return where Tab leaps back within a part: up within a column, or to the left in a row."""
    window = part.window()
    order = [one for one in focus_order.controls(window) if part.isAncestorOf(one)]
    found = []
    for one, after in itertools.pairwise(order):
        here, there = _on_screen(one), _on_screen(after)
        beside = here.top() < there.bottom() and there.top() < here.bottom()
        up = there.bottom() <= here.top() and there.left() < here.right()
        if (beside and there.left() < here.left() and there.right() <= here.left()) or up:
            found.append(f"{one.accessibleName()!r} before {after.accessibleName()!r}")
    return found


def _on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint()), widget.size())


def cut(root: QWidget) -> list[str]:
    """Return buttons and lines of text that are shown in part, and are not told whole."""
    found = []
    for one in seen(root):
        if one.visibleRegion().isEmpty():
            continue  # shown, but not laid out yet or scrolled away
        match one:
            case ElidedLabel():
                short = one.shown_text().endswith("…") and not one.text().endswith("…")
            case QLabel() if one.wordWrap():
                short = one.height() < one.heightForWidth(one.width())
            case QLabel():
                room, needed = one.contentsRect().width(), one.sizeHint().width()
                short = "<" not in one.text() and needed > room + 2 * one.margin() + 1
            case QAbstractButton() if one.text():
                short = one.width() < one.minimumSizeHint().width()
            case _:
                continue
        if short and one.text() not in one.toolTip():
            found.append(f"{one.text()!r}, {one.width()} wide: {where(one)}")
    return found


def faint(root: QWidget) -> list[str]:
    """Return lines of text with less than 4.5:1 to what they stand on, as it is drawn."""
    drawn, found = root.grab().toImage(), []
    for one in seen(root):
        if (
            isinstance(one, QLabel)
            and one.isEnabled()
            and one.text()
            and not one.visibleRegion().isEmpty()
        ):
            corner = one.mapTo(root, QPoint()) * drawn.devicePixelRatio()
            inks = one.palette().color(one.foregroundRole()), drawn.pixelColor(corner)
            low, high = sorted(map(luminance, inks))
            if (high + 0.05) / (low + 0.05) < 4.5:
                found.append(f"{one.text()!r}, {inks[0].name()} on {inks[1].name()}: {where(one)}")
    return found


def luminance(colour: QColor) -> float:
    """Return the relative luminance of WCAG 2."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    parts = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def out_of_reach(root: QWidget) -> list[str]:
    """Return controls of which a part lies outside of what they are in, and nothing scrolls."""
    found = []
    for one in filter(takes_tab, seen(root)):
        parent = one.parentWidget()
        while parent is not None and not parent.isWindow():
            if isinstance(parent.parentWidget(), QAbstractScrollArea):
                break
            inside = parent.rect()
            place = QRect(one.mapTo(parent, QPoint()), one.size())
            if not inside.adjusted(-1, -1, 1, 1).contains(place):
                lies = f"{place.getRect()} in {inside.getRect()}"
                found.append(f"{one.accessibleName()!r}, {lies}: {where(one)}")
                break
            parent = parent.parentWidget()
    return found


def overlapping(root: QWidget) -> list[str]:
    """Return controls that lie over one another."""
    every = [one for one in seen(root) if takes_tab(one)]
    found = []
    for place, one in enumerate(every):
        for other in every[place + 1 :]:
            apart = one.isAncestorOf(other) or other.isAncestorOf(one)
            if apart or one.parentWidget() is not other.parentWidget():
                continue
            if one.geometry().intersects(other.geometry()):
                found.append(f"{one.accessibleName()!r} and {other.accessibleName()!r}")
    return found


Kind = Callable[[QWidget], list[str]]
"""Returns the faults of one kind in what a window shows."""


@dataclass
class Walk:
    """What was found wrong on the way through the whole program, by kind."""

    faults: dict[str, list[str]] = field(default_factory=dict)

    def look(self, root: QWidget, place: str, *kinds: Kind) -> None:
        for kind in kinds:
            told = self.faults.setdefault(kind.__name__, [])
            told += [f"{place}: {fault}" for fault in kind(root)]

    def of(self, kind: Callable[..., list[str]]) -> list[str]:
        """Return the faults of a kind, each only where it was met first."""
        met: dict[str, str] = {}
        for fault in self.faults[kind.__name__]:
            met.setdefault(fault.partition(": ")[2], fault)
        return list(met.values())


VIEWS = (
    *(("layers", "layer_view", view) for view in ("maps", "filters", "statistics", "table")),
    *(("features", "feature_view", view) for view in ("picture", "sheet")),
    *(("heatmaps", "heatmap_view", view) for view in ("map", "grid", "steps", "trust", "folder")),
    *(
        ("attack", "attack_view", view)
        for view in ("picture", "steps", "borders", "race", "defences", "folder")
    ),
    ("plane", "", ""),
    ("similar", "", ""),
)
DIALOGS = ("settings", "choose_network", "palette", "show_shortcuts")
USUAL = (1600, 1000)
ENLARGED_HALF, ENLARGED_TWICE = (853, 480), (800, 500)
"""What letters of 150 % leave of 1280 x 720, and of 200 % of 1600 x 1000: all is drawn larger."""
EVERYWHERE = (nameless, without_role, twins, untold, mouse_alone, cut, out_of_reach, overlapping)


def until(what: Callable[[], object]) -> None:
    """Let the program go on until something is true."""
    deadline = QDeadlineTimer(250_000)
    while not what():
        assert not deadline.hasExpired()
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def settle(window: QWidget) -> None:
    """Let all be laid out: what wraps asks for its height once it has its width, and so on."""
    before: list[QRect] = []
    still = 0

    def lies_still() -> bool:
        nonlocal before, still
        QTest.qWait(10)
        now = [one.geometry() for one in seen(window)]
        still = still + 1 if now == before else 0
        before = now
        return still == 3

    until(lies_still)


def go_through(explorer: Explorer, walk: Walk) -> None:
    """Look at every view of every page, and at all dialogs that need no file."""
    attack(explorer)
    look_at_views(explorer, walk, USUAL, *EVERYWHERE, ordered=True)
    for size in (ENLARGED_HALF, ENLARGED_TWICE):
        look_at_pages(explorer, walk, size, cut, out_of_reach, overlapping)
    look_at_colours(explorer, walk)
    look_at_dialogs(explorer, walk, *EVERYWHERE)


def attack(explorer: Explorer) -> None:
    """Let there be an attack to be looked at."""
    explorer.state.select(stage="attack")
    explorer.commands.actions["start_attack"].trigger()
    until(lambda: explorer.state.finding("attack").status == "done")


def look_at_views(
    explorer: Explorer, walk: Walk, size: tuple[int, int], *kinds: Kind, ordered: bool = False
) -> None:
    """Look at every view of every page, and with ``ordered`` at the way of Tab through it."""
    window, state = explorer.window, explorer.state
    window.resize(*size)
    for stage, name, view in VIEWS:
        state.select(stage=stage)
        if name:
            state.show(**{name: view})
        until(lambda: not state.bulletin.waits)
        settle(window)
        walk.look(window, f"{stage} {view}".strip(), *kinds)
        explorer.commands.actions["cancel_all"].trigger()
        parts = (window.stage.page, window.top_bar, window.status, *window.docks.values())
        for part in parts if ordered else ():
            walk.look(part, stage, out_of_order)


def look_at_pages(explorer: Explorer, walk: Walk, size: tuple[int, int], *kinds: Kind) -> None:
    """Look at every page, with the view that was seen of it last."""
    window, state = explorer.window, explorer.state
    window.resize(*size)
    for stage in dict.fromkeys(stage for stage, _, _ in VIEWS):
        state.select(stage=stage)
        until(lambda: not state.bulletin.waits)
        settle(window)
        assert window.size().toTuple() == size
        walk.look(window, f"{stage} at {size}", *kinds)
        explorer.commands.actions["cancel_all"].trigger()


def look_at_colours(explorer: Explorer, walk: Walk) -> None:
    """Look at every page in both themes."""
    window, state, actions = explorer.window, explorer.state, explorer.commands.actions
    window.resize(*USUAL)
    for scheme in ("theme_light", "theme_dark"):
        actions[scheme].trigger()
        for stage in dict.fromkeys(stage for stage, _, _ in VIEWS):
            state.select(stage=stage)
            until(lambda: not state.bulletin.waits)
            QApplication.processEvents()
            walk.look(window, f"{stage} {scheme}", faint)
            actions["cancel_all"].trigger()


def look_at_dialogs(
    explorer: Explorer, walk: Walk, *kinds: Kind, keys: tuple[str, ...] = DIALOGS
) -> None:
    """Open windows that need no file, one after the other."""
    for key in keys:
        before = set(filter(QWidget.isVisible, QApplication.topLevelWidgets()))

        def examine(before: set[QWidget] = before, key: str = key) -> None:
            fresh = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w not in before]
            assert fresh, key
            for one in fresh:
                settle(one)
                walk.look(one, key, *kinds)
                one.close()

        QTimer.singleShot(0, examine)  # some of them wait to be closed
        explorer.commands.actions[key].trigger()
        QApplication.processEvents()


def walked(folder: Path, way: Callable[[Explorer, Walk], None]) -> Walk:
    """Return what is found wrong on a way through the real program, with its files in a folder."""
    explorer = Explorer(folder / "config" / "settings.json", folder / "cache", guest=True)
    made = Walk()
    try:
        explorer.show()
        until(lambda: explorer.complete and explorer.state.finding("heatmap").status == "done")
        until(lambda: explorer.networks.listing.known)
        way(explorer, made)
    finally:
        explorer.window.close()
        explorer.window.deleteLater()
    return made


@pytest.fixture(scope="module")
def walk(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The real program with its embedded network, once for all tests: it takes seconds."""
    return walked(tmp_path_factory.mktemp("whole"), go_through)


def test_all_that_can_have_the_focus_has_a_name(walk: Walk) -> None:
    assert walk.of(nameless) == []


def test_all_that_can_have_the_focus_is_told_as_what_it_is(walk: Walk) -> None:
    assert walk.of(without_role) == []


def test_no_two_neighbours_are_told_alike(walk: Walk) -> None:
    assert walk.of(twins) == []


def test_what_is_drawn_is_told_in_words(walk: Walk) -> None:
    assert walk.of(untold) == []


def test_all_that_can_be_clicked_has_its_keys(walk: Walk) -> None:
    assert walk.of(mouse_alone) == []


def test_tab_follows_the_order_of_reading(walk: Walk) -> None:
    assert walk.of(out_of_order) == []


def test_no_word_is_cut_that_is_not_told_whole(walk: Walk) -> None:
    assert walk.of(cut) == []


def test_every_line_of_text_can_be_read_in_both_themes(walk: Walk) -> None:
    assert walk.of(faint) == []


def test_all_controls_lie_inside_of_what_holds_them(walk: Walk) -> None:
    assert walk.of(out_of_reach) == []


def test_no_control_lies_over_another(walk: Walk) -> None:
    assert walk.of(overlapping) == []
