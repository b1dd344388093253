"""The window of the manual: contents and search at the left, the text at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.manual.manual import CHAPTERS, Manual
from cnnviz_gui.core.manual.pages import Page
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import IconButton, Label, window_parts
from cnnviz_gui.panels.manual.contents import Contents
from cnnviz_gui.panels.manual.manual_view import ManualView
from cnnviz_gui.panels.places import keep_splitter
from cnnviz_gui.texts import tr

_USUAL = QSize(1120, 760)
_LEAST = QSize(720, 420)
_ZOOM = 1.1


class ManualWindow(QWidget):
    """Not modal: it can stand beside the program, and closing it hides it."""

    shown_wanted = Signal(str)
    """What ``show:`` leads to: a page, a view of it or a method."""

    def __init__(self, manual: Manual, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("manual")
        self.setWindowTitle(tr("Manual"))
        self.setWindowIcon(icons.icon("book-open"))
        self.setMinimumSize(_LEAST)
        theme.surface(self, "panel")
        screen = QGuiApplication.primaryScreen()
        self.resize(_USUAL.boundedTo(screen.availableSize() - QSize(60, 60)))
        self._manual = manual
        self._pages: dict[str, Page] = {}
        self._past: list[tuple[str, str, int]] = []
        self._future: list[tuple[str, str, int]] = []
        self._searching = False
        """The text has followed the words in the search."""
        self.place = (CHAPTERS[0], "")
        """Chapter and heading in view."""
        self.contents = Contents()
        self.view = ManualView()
        self.back = IconButton("arrow-left", tr("Back (Alt+Left)"), tr("Back"))
        self.forward = IconButton("arrow-right", tr("Forward (Alt+Right)"), tr("Forward"))
        self.smaller = IconButton("minus", tr("Smaller type (Ctrl+-)"), tr("Smaller type"))
        self.larger = IconButton("plus", tr("Larger type (Ctrl++)"), tr("Larger type"))
        self._percent = Label("100 %", "caption", "text2")
        self._where = Label("", "title", "text1")
        self._told = Label("", "caption", "success")
        self._lay_out()
        self._wire()
        self.set_manual(manual)
        self.view.setFocus()

    def _lay_out(self) -> None:
        bar, row = window_parts.bar(theme.TOOL_ROW, 4, theme.GAP)
        row.addWidget(self.back)
        row.addWidget(self.forward)
        row.addSpacing(theme.INSIDE)
        row.addWidget(self._where)
        row.addStretch(1)
        row.addWidget(self._told)
        row.addSpacing(theme.INSIDE)
        row.addWidget(self.smaller)
        row.addWidget(self._percent)
        row.addWidget(self.larger)
        parts = QSplitter()
        parts.setObjectName("manual-parts")
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.contents)
        parts.addWidget(self.view)
        parts.setStretchFactor(1, 1)
        contents = self.contents.minimumWidth()
        keep_splitter(parts, "manual", (contents, self.width() - contents))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(window_parts.line())
        column.addWidget(parts, 1)

    def _wire(self) -> None:
        self.contents.wanted.connect(self.go)
        self.contents.led.connect(self._on_led)
        self.contents.searched.connect(self._on_searched)
        self.view.followed.connect(self.follow)
        self.view.copied.connect(self._on_copied)
        self.view.zoomed.connect(self._on_zoomed)
        self.back.clicked.connect(self._on_back)
        self.forward.clicked.connect(self._on_forward)
        self.smaller.clicked.connect(self._on_smaller)
        self.larger.clicked.connect(self._on_larger)
        for keys, slot in (
            ("Alt+Left", self._on_back),
            ("Alt+Right", self._on_forward),
            ("Ctrl+F", self.contents.search.setFocus),
            ("Ctrl+=", self._on_larger),
            ("Ctrl++", self._on_larger),
            ("Ctrl+-", self._on_smaller),
            ("Ctrl+0", self._on_usual),
            ("Esc", self.close),
        ):
            QShortcut(QKeySequence(keys), self, slot)

    def set_manual(self, manual: Manual) -> None:
        """Take the text as it is now, and stay where it was."""
        self._manual = manual
        self._pages.clear()
        self.contents.set_sections(manual.sections)
        self._show(*self.place)

    @Slot(str, str)
    def go(self, chapter: str, anchor: str = "") -> None:
        """Show a chapter, from a heading if one is given; Back leads to where it was."""
        if (chapter, anchor) != self.place:
            self._past.append((*self.place, self._at()))
            self._future.clear()
        self._show(chapter, anchor)

    @Slot(object)
    def _on_searched(self, words: tuple[str, ...]) -> None:
        self._searching = self._searching and bool(words)
        self.view.mark(words)

    @Slot(str, str)
    def _on_led(self, chapter: str, anchor: str) -> None:
        """Follow the search; Back leads to where it began."""
        if self._searching:
            self._show(chapter, anchor)
        else:
            self.go(chapter, anchor)
        self._searching = True

    def search(self, words: str) -> None:
        """Search for words, with the keyboard in the field."""
        self.contents.search.setText(words)
        self.contents.search.setFocus()

    @Slot(str)
    def follow(self, target: str) -> None:
        """Do what a link is for; only one to a paper leaves the program."""
        if target.startswith("https://"):
            QDesktopServices.openUrl(QUrl(target))
        elif target.startswith("show:"):
            self.shown_wanted.emit(target.removeprefix("show:"))
        elif (place := self._manual.place(target, self.place[0])) is not None:
            self.go(*place)

    def _show(self, chapter: str, anchor: str) -> None:
        self.place = (chapter, anchor)
        self._told.setText("")
        if chapter not in self._pages:
            self._pages[chapter] = self._manual.page(chapter)
        self.view.show_page(self._pages[chapter], anchor)
        self.contents.show_place(chapter, anchor)
        title = next(one.title for one in self._manual.sections if one.chapter == chapter)
        self._where.setText(title)
        self.back.setEnabled(bool(self._past))
        self.forward.setEnabled(bool(self._future))

    def _at(self) -> int:
        return self.view.verticalScrollBar().value()

    def _turn(self, here: list[tuple[str, str, int]], there: list[tuple[str, str, int]]) -> None:
        """Take the last of the places ``here`` and put the present one ``there``."""
        if here:
            chapter, anchor, at = here.pop()
            there.append((*self.place, self._at()))
            self._show(chapter, anchor)
            self.view.verticalScrollBar().setValue(at)

    @Slot()
    def _on_back(self) -> None:
        self._turn(self._past, self._future)

    @Slot()
    def _on_forward(self) -> None:
        self._turn(self._future, self._past)

    @Slot()
    def _on_larger(self) -> None:
        self.view.set_zoom(self.view.zoom * _ZOOM)

    @Slot()
    def _on_smaller(self) -> None:
        self.view.set_zoom(self.view.zoom / _ZOOM)

    @Slot()
    def _on_usual(self) -> None:
        self.view.set_zoom(1.0)

    @Slot(float)
    def _on_zoomed(self, zoom: float) -> None:
        self._percent.setText(fmt.share(zoom))

    @Slot()
    def _on_copied(self) -> None:
        self._told.setText(tr("Copied"))
