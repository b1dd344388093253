"""The text of the manual: one chapter as a page, with pictures, found words and links."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRegularExpression, QSize, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from cnnviz_gui import resources
from cnnviz_gui.core import text_search
from cnnviz_gui.core.manual.pages import Page
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.manual.manual_picture import framed
from cnnviz_gui.panels.manual.manual_style import style_sheet
from cnnviz_gui.texts import tr

LEAST, MOST = 0.7, 2.5
_STEP = 1.1
_COLUMN = 760
"""Widest line, in pixels at zoom 1."""
_MARGIN = 32
_SETTLED_MS = 120
_MOST_MARKS = 400
_ANY_CASE = (
    QRegularExpression.PatternOption.CaseInsensitiveOption
    | QRegularExpression.PatternOption.UseUnicodePropertiesOption
)


class ManualView(QTextBrowser):
    """Shows a page; every link is told and none followed."""

    followed = Signal(str)
    """The target of a link that was clicked."""
    copied = Signal()
    """A command is in the clipboard."""
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Text of the manual"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("surface", "panel")
        self.setStyleSheet("QTextBrowser { border-radius: 0; padding: 0; }")
        self.setOpenLinks(False)
        # A bar that comes and goes would change the width for which the page was laid out.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(theme.font("body"))
        self.anchorClicked.connect(self._on_clicked)
        self._page = Page()
        self._sought: tuple[str, ...] = ()
        self._zoom = 1.0
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self.draw)
        theme.notifier.changed.connect(self.draw)

    @property
    def zoom(self) -> float:
        """How much larger than usual the type is."""
        return self._zoom

    def set_zoom(self, zoom: float) -> None:
        """Make the type larger or smaller, within bounds."""
        zoom = min(MOST, max(LEAST, zoom))
        if zoom != self._zoom:
            self._zoom = zoom
            self.draw()
            self.zoomed.emit(zoom)

    def show_page(self, page: Page, anchor: str = "") -> None:
        """Show a page from its beginning, or from a heading."""
        if page is not self._page:
            self._page = page
            self.verticalScrollBar().setValue(0)
            self.draw()
        if anchor:
            self.scrollToAnchor(anchor)
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - theme.INSIDE)  # or the heading touches the edge
        else:
            self.verticalScrollBar().setValue(0)

    def mark(self, words: Sequence[str]) -> None:
        """Mark what was searched for, words of ``text_search.words``."""
        self._sought = tuple(words)
        self._draw_marks()

    @Slot()
    def draw(self) -> None:
        """Lay the page out anew, at the place where it was."""
        bar = self.verticalScrollBar()
        at = bar.value() / max(1, bar.maximum())
        document = self.document()
        document.clear()
        document.setDefaultFont(theme.font("body"))
        document.setDefaultStyleSheet(style_sheet(self._zoom))
        self.setHtml(self._page.html)
        frame = document.rootFrame()
        form = frame.frameFormat()
        form.setTopMargin(theme.PADDING)
        form.setBottomMargin(_MARGIN)
        form.setLeftMargin(_MARGIN)
        form.setRightMargin(max(_MARGIN, self.viewport().width() - _MARGIN - self._column()))
        frame.setFrameFormat(form)
        bar.setValue(round(at * bar.maximum()))
        self._draw_marks()

    def _column(self) -> int:
        return min(round(_COLUMN * self._zoom), self.viewport().width() - 2 * _MARGIN)

    def _draw_marks(self) -> None:
        marks = []
        for word in self._sought:
            pattern = QRegularExpression(text_search.pattern(word), _ANY_CASE)
            found = self.document().find(pattern)
            while not found.isNull() and len(marks) < _MOST_MARKS:
                mark = QTextEdit.ExtraSelection()
                mark.cursor = QTextCursor(found)
                mark.format.setBackground(theme.color("warning"))
                mark.format.setForeground(theme.color("stage"))
                marks.append(mark)
                found = self.document().find(pattern, found)
        self.setExtraSelections(marks)

    def marks(self) -> int:
        """Return how many words are marked."""
        return len(self.extraSelections())

    def loadResource(self, kind: int, name: QUrl) -> object:
        """Read a picture from the program's own files, no wider than the column; nothing else."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        try:
            image = QImage(str(resources.path(f"manual/{name.path()}")))
        except resources.ResourceError:
            return None
        ratio = self.devicePixelRatioF()
        width = round(self._column() * ratio)
        if not image.isNull() and image.width() > width:
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        return image if image.isNull() else framed(image, ratio)

    @Slot(QUrl)
    def _on_clicked(self, url: QUrl) -> None:
        target = url.toString()
        if target.startswith("copy:"):
            QGuiApplication.clipboard().setText(self._page.blocks[int(target[5:])])
            self.copied.emit()
            return
        self.followed.emit(target)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom while Control is held."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y()
            if turn:
                self.set_zoom(self._zoom * (_STEP if turn > 0 else 1 / _STEP))
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with Control and +, - or 0."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            match event.key():
                case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                    return self.set_zoom(self._zoom * _STEP)
                case Qt.Key.Key_Minus:
                    return self.set_zoom(self._zoom / _STEP)
                case Qt.Key.Key_0:
                    return self.set_zoom(1.0)
        super().keyPressEvent(event)
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pictures once the hand rests."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._settled.start()

    def sizeHint(self) -> QSize:
        """Return room for a whole line."""
        return QSize(_COLUMN + 2 * _MARGIN, 640)
