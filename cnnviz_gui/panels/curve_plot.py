"""Class probability against epsilon, whose horizontal axis is the epsilon slider."""

from __future__ import annotations

import math
from collections.abc import Mapping

from numpy.typing import ArrayLike
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleValueChangeEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from cnnviz_gui.core import numbers
from cnnviz_gui.panels import curve_paint, theme
from cnnviz_gui.panels.curve_labels import Labels, place_labels
from cnnviz_gui.panels.curve_layout import LEAST, Curves, PlotArea, resolution
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.texts import tr

_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class EpsilonPlot(QSlider):
    """Curves of probability over epsilon, and the handle on the axis; GUI thread only.

    It is a slider, for screen readers too: Qt's own value counts steps of the resolution. The
    signals to use are ``moved`` and ``released``, in epsilon's own unit.
    """

    moved = Signal(object)
    """Epsilon, float, while the hand moves it."""
    released = Signal(object)
    """Epsilon, float, when the hand lets go."""

    def __init__(self, title: str = tr("Class probability"), parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        as_data(self)
        self._title = title
        self._axis_title = ""
        self._unit = ""
        self._epsilon = 0.0
        self._maximum = 1.0
        self._flip: float | None = None
        self._targeted = False
        self._held: tuple[tuple[float, float], ...] = ()
        self._total: int | None = None
        self._stale = False
        self._curves = Curves.empty()
        self._labels: Labels = {}
        self._labelled: tuple[object, ...] = ()
        self._exact: dict[str, float] = {}
        self._painting = curve_paint.Painting()
        self._dragging = False
        self._ringed = False
        self._key_moved = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Epsilon"))
        self.valueChanged.connect(self._on_value_changed)
        theme.notifier.changed.connect(self._on_theme_changed)
        self.set_range(2.0, "/ 255", tr("epsilon, in 255ths (L∞)"))

    # What is shown

    def set_range(self, maximum: float, unit_text: str = "", axis_title: str = "") -> None:
        """Set the right end of the axis, what follows the value, what stands under the axis.

        Parameters
        ----------
        maximum
            Greater than 0, finite; epsilon is moved inside.
        unit_text
            ``"/ 255"`` for L∞, empty where epsilon has no unit.
        axis_title
            "epsilon, in 255ths (L∞)"; "epsilon" and the unit by default.
        """
        if not (math.isfinite(maximum) and maximum > 0):
            raise ValueError(f"The axis cannot end at {maximum}.")
        self._maximum = maximum
        self._unit = unit_text
        self._axis_title = axis_title or tr("epsilon {unit}", unit=unit_text).strip()
        self.blockSignals(True)
        self.setRange(0, round(maximum / resolution(maximum)))
        self.blockSignals(False)
        self.set_epsilon(min(self._epsilon, maximum))

    def set_points(
        self,
        epsilons: ArrayLike,
        curves: Mapping[str, ArrayLike],
        total: int | None = None,
    ) -> None:
        """Show what is known of the sweep.

        Parameters
        ----------
        epsilons
            (N,), in any order; what is not finite is left out.
        curves
            Class name to probabilities (N,) in [0, 1]. The first is the clean winner, the second
            the target or the strongest other; the rest are dashed, as "all others". NaN is a gap.
        total
            How many points there will be; None where ``epsilons`` is all.
        """
        self._curves = Curves.of(epsilons, curves)
        self._total = total
        self.update()

    def set_epsilon(self, value: float) -> None:
        """Move the handle, without a signal; what is not finite is ignored."""
        if math.isfinite(value):
            place = min(max(value, 0.0), self._maximum)
            self._exact = self._exact if place == self._epsilon else {}
            self._epsilon = place
            self.blockSignals(True)
            self.setValue(round(self._epsilon / resolution(self._maximum)))
            self.blockSignals(False)
            self._describe()
            self.update()

    def set_exact(self, found: Mapping[str, float]) -> None:
        """Tell what was computed where the handle is, by the names of the curves; or nothing.

        There the curves are a guess where no point of theirs is. It lasts until the handle moves.
        """
        if found != self._exact:
            self._exact = dict(found)
            self._describe()
            self.update()

    def here(self) -> dict[str, float]:
        """Return what the plot says of each curve where the handle is; unknown left out."""
        return self._exact or dict(self._curves.at(self._epsilon))

    def epsilon(self) -> float:
        """Return where the handle is."""
        return self._epsilon

    def set_flip(
        self,
        value: float | None,
        held: tuple[tuple[float, float], ...] = (),
        *,
        targeted: bool = False,
    ) -> None:
        """Mark the first epsilon at which another class wins, ``targeted`` the target; or none.

        ``held`` are the stretches beyond it where the class wins again, or the target does not.
        """
        self._targeted = targeted
        self._flip = value if value is not None and math.isfinite(value) else None
        self._held = held
        self._describe()
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim the curves while others are being computed."""
        self._stale = stale
        self.update()

    def value_text(self) -> str:
        """Return epsilon as the handle shows it: ``1.25 / 255``."""
        return f"{self._number(self._epsilon)} {self._unit}".strip()

    def _number(self, value: float) -> str:
        return numbers.epsilon(value)

    def _describe(self) -> None:
        said = [self.value_text()]
        said += [f"{name} {numbers.percent(p)}" for name, p in self.here().items()]
        if self._flip is not None:
            flip = self._flip_text()
            if self._targeted:
                said.append(tr("target first reached at {epsilon}", epsilon=flip))
            else:
                said.append(tr("first flip at {epsilon}", epsilon=flip))
        for low, high in (map(self._number, ends) for ends in self._held):
            if self._targeted:
                said.append(tr("missed again from {low} to {high}", low=low, high=high))
            else:
                said.append(tr("held again from {low} to {high}", low=low, high=high))
        self.setAccessibleDescription(", ".join(said))
        self.setToolTip("")
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, self.value()))

    # Geometry

    def area(self) -> PlotArea:
        """Return where things lie."""
        return PlotArea(self.width(), self.height(), self._maximum)

    def tell_at_handle(self, said: str) -> None:
        """Say a sentence beside the handle, until the hand does something."""
        place = self.handle_rect().bottomLeft().toPoint()
        QToolTip.showText(self.mapToGlobal(place), said, self)

    def handle_rect(self) -> QRectF:
        """Return where the handle lies."""
        return self.area().handle(self._epsilon, curve_paint.handle_width(self.value_text()))

    def labels(self) -> Labels:
        """Return where the names of the curves stand; the search waits until someone looks."""
        # Curves are compared by identity: they are new arrays with each point.
        of = (self.area(), self._curves, self._flip)
        if of != self._labelled:
            self._labels, self._labelled = place_labels(*of, self._labels), of
        return self._labels

    def sizeHint(self) -> QSize:
        """Return a size at which one can read."""
        return QSize(560, 400)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(260, LEAST)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all of it."""
        self._painting.paint(self, self._look())

    def head(self) -> curve_paint.Head:
        """Return what stands over the curves."""
        return curve_paint.head_of(self._look())

    def _look(self) -> curve_paint.Look:
        return curve_paint.Look(
            area=self.area(),
            title=self._title,
            axis_title=self._axis_title,
            curves=self._curves,
            labels=self.labels(),
            epsilon=self._epsilon,
            here=self.here(),
            value_text=self.value_text(),
            flip=self._flip,
            flip_texts=self._flip_texts(),
            held=self._held,
            count_text=self._count_text(),
            stale=self._stale,
            ringed=self._ringed,
            enabled=self.isEnabled(),
        )

    def _flip_text(self) -> str:
        return "" if self._flip is None else f"{self._number(self._flip)} {self._unit}".strip()

    def _flip_texts(self) -> tuple[str, ...]:
        """Return what the flag of the flip says, the longest first."""
        said = self._flip_text()
        if self._targeted:
            first = tr("first reached  {epsilon}", epsilon=said)
            later = tr("first reached  {epsilon}, missed again later", epsilon=said)
        else:
            first = tr("first flip  {epsilon}", epsilon=said)
            later = tr("first flip  {epsilon}, held again later", epsilon=said)
        return (later, first, said) if self._held else (first, said)

    def _count_text(self) -> str:
        known = self._curves.epsilons.size
        total = known if self._total is None else self._total
        return tr("{known} of {total} points", known=known, total=total) if total else ""

    # The hand

    def _move(self, value: float) -> None:
        """Go to a value the hand has chosen, on the grid of the resolution."""
        step = resolution(self._maximum)
        on_grid = round(round(value / step) * step, 12)
        value = min(max(on_grid, 0.0), self._maximum)
        if value != self._epsilon:
            self.set_epsilon(value)
            self.moved.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle, or move it to where the axis is clicked."""
        event.accept()
        area = self.area()
        if event.button() != Qt.MouseButton.LeftButton or not area.grips(event.position()):
            return
        self._dragging = True
        handle = self.handle_rect()
        inside = handle.contains(event.position())
        # Taken beside its middle, the handle must not jump.
        self._grip = event.position().x() - area.x(self._epsilon) if inside else 0.0
        self._move(area.epsilon(event.position().x() - self._grip))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        event.accept()
        area = self.area()
        if self._dragging:
            self._move(area.epsilon(event.position().x() - self._grip))
            return
        grips = area.grips(event.position())
        self.setCursor(Qt.CursorShape.SizeHorCursor if grips else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        event.accept()
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.released.emit(self._epsilon)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a hundredth or a tenth of the axis, or to its ends."""
        fine, coarse = self._maximum / 100, self._maximum / 10
        steps = {
            Qt.Key.Key_Left: -fine,
            Qt.Key.Key_Down: -fine,
            Qt.Key.Key_Right: fine,
            Qt.Key.Key_Up: fine,
            Qt.Key.Key_PageDown: -coarse,
            Qt.Key.Key_PageUp: coarse,
            Qt.Key.Key_Home: -math.inf,
            Qt.Key.Key_End: math.inf,
        }
        key = Qt.Key(event.key())
        if key not in steps:
            QWidget.keyPressEvent(self, event)
            return
        self._key_moved = True
        self._move(min(max(self._epsilon + steps[key], 0.0), self._maximum))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of a key."""
        if not event.isAutoRepeat():
            self._let_go_of_key()

    def _let_go_of_key(self) -> None:
        if self._key_moved:
            self._key_moved = False
            self.released.emit(self._epsilon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move by hundredths of the axis, if the plot has the focus."""
        if not self.hasFocus():
            event.ignore()
            return
        event.accept()
        self._move(self._epsilon + event.angleDelta().y() / 120 * self._maximum / 100)
        self.released.emit(self._epsilon)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        super().focusInEvent(event)
        self._ringed = event.reason() in _KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self._ringed = False
        self._let_go_of_key()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find new places for the labels, wherever they were."""
        super().resizeEvent(event)
        self._labels, self._labelled = {}, ()

    @Slot(int)
    def _on_value_changed(self, value: int) -> None:
        """Follow assistive technology, which sets Qt's own value."""
        self._move(value * resolution(self._maximum))
        self.released.emit(self._epsilon)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.update()
