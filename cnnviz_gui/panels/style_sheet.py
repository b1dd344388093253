"""The one style sheet of the window, generated from the tokens of a theme.

It dresses Qt's own widgets. Type is set by ``theme.font``, never here, for a style sheet drops the
features of a font. Only the small pictures a style sheet needs go through files, in a temporary
folder that lives as long as the process.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from string import Template

from PySide6.QtCore import QDir, QRect, Qt, QTemporaryDir
from PySide6.QtGui import QPainter, QPixmap

from cnnviz_gui.panels import direction, icons
from cnnviz_gui.panels.tokens import Theme

_ALIAS = "cnnviz-marks"
_MARKS = {
    "down": ("caret-down", "text3", 12),
    "up": ("caret-up", "text3", 12),
    "right": ("caret-right", "text3", 12),
    "check": ("check-bold", "on_accent", 12),
    "menucheck": ("check", "text1", 14),
}

_FOUR_SIDES = re.compile(r"(padding|margin): ([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);")
_ONE_SIDE = re.compile(r"(padding|margin|border)-(left|right):")
_OTHER = {"left": "right", "right": "left"}

_TEMPLATE = Template("""
* { outline: none; }
QMainWindow, QDialog, QMessageBox { background: $window; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
*[surface="stage"] { background: $stage; }
*[surface="window"] { background: $window; }
*[surface="panel"] { background: $panel; }
*[surface="raised"] { background: $raised; border-radius: 6px; }
*[surface="card"] { background: $panel; border-radius: 8px; }
*[surface="note"] { background: $window; border-radius: 8px; }
*[surface="popup"] { background: $panel; border: 1px solid $line_strong; }
*[surface="line"] { background: $line; }

QLabel { background: transparent; }
QLabel[tone="text1"] { color: $text1; }
QLabel[tone="text2"] { color: $text2; }
QLabel[tone="text3"] { color: $text3; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="clean"] { color: $clean; }
QLabel[tone="adversarial"] { color: $adversarial; }
QLabel[tone="target"] { color: $target; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="error"] { color: $error; }
QLabel[tone="success"] { color: $success; }
QLabel:disabled { color: $disabled; }

QMenuBar { background: $window; color: $text2; border-bottom: 1px solid $line; padding: 1px 8px;
    min-height: 0; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; color: $text1; }
QMenu { background: $raised; color: $text1; border: 1px solid $line_strong; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 10px; border-radius: 4px; min-height: 18px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; padding-left: 8px; }
QMenu::indicator:checked { image: url($menucheck); }
QMenu::right-arrow { image: url($right); width: 12px; height: 12px; right: 8px; }

QToolBar { background: $window; border: none; border-bottom: 1px solid $line; spacing: 0;
    padding: 0; }
QToolBar::separator { background: $line; width: 1px; margin: 8px 4px; }
QDockWidget { color: $text2; }
QDockWidget::title { background: $panel; padding: 12px 16px; border-bottom: 1px solid $line; }
QStatusBar { background: $window; color: $text2; border-top: 1px solid $line; min-height: 32px; }
QStatusBar::item { border: none; }
QStatusBar QPushButton { min-height: 20px; max-height: 20px; }

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: $window; border: none; }
QTabBar::tab { background: transparent; color: $text2; height: 37px; padding: 0 2px; margin: 0 13px;
    border: none; border-bottom: 3px solid transparent; }
QTabBar::tab:hover { color: $text1; }
QTabBar::tab:selected { color: $text1; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $hover; }
QTabBar::tab:disabled { color: $disabled; }
QTabBar QToolButton { background: $window; border-radius: 0; }

QPushButton { background: $raised; color: $text1; border: 1px solid $edge; border-radius: 6px;
    min-height: 26px; padding: 0 12px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line_strong; }
QPushButton:focus { border: 2px solid $accent; min-height: 24px; padding: 0 11px; }
QPushButton:disabled { color: $disabled; }
QPushButton:default { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton:default:hover { background: $accent_hover; }
QPushButton:default:focus { border-color: $text1; }
QPushButton:default:disabled { background: $line_strong; color: $disabled; border-color: $edge; }
QToolButton { background: transparent; color: $text2; border: none; border-radius: 6px;
    padding: 5px; }
QToolButton:hover { background: $hover; color: $text1; }
QToolButton:pressed, QToolButton:checked { background: $raised; color: $text1; }
QToolButton:focus { border: 2px solid $accent; padding: 3px; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QAbstractSpinBox, QComboBox { background: $raised; color: $text1;
    border: 1px solid $field; border-radius: 6px; min-height: 26px; padding: 0 8px;
    selection-background-color: $accent; selection-color: $on_accent;
    placeholder-text-color: $text3; }
QLineEdit { padding: 0 7px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $text3; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus { border: 2px solid $accent;
    min-height: 24px; }
QLineEdit:focus { padding: 0 6px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $disabled;
    border-color: $edge; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: $window; color: $text1; border: none;
    border-radius: 6px; padding: 6px; selection-background-color: $accent;
    selection-color: $on_accent; }
QPlainTextEdit[field="true"] { background: $raised; border: 1px solid $field; }
QPlainTextEdit[field="true"]:focus { border: 2px solid $accent; padding: 5px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QAbstractSpinBox { padding: 0; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: none; min-height: 0;
    background: transparent; padding: 0; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-position: top right;
    width: 18px; height: 12px; border: none; background: transparent; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-position: bottom right;
    width: 18px; height: 12px; border: none; background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url($up); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url($down); width: 10px; height: 10px; }
QComboBox { combobox-popup: 0; padding: 0 4px 0 9px; }
QComboBox:focus { padding: 0 3px 0 8px; }
QComboBox::drop-down { border: none; width: 30px; subcontrol-origin: padding;
    subcontrol-position: center right; }
QComboBox::down-arrow { image: url($down); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $raised; color: $text1; border: 1px solid $line_strong;
    padding: 4px; selection-background-color: $selected; selection-color: $text1; }
QComboBox QAbstractItemView::item { min-height: 25px; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:hover { background: $hover; }
QComboBox QAbstractItemView::item:selected { background: $selected; color: $text1; }
QComboBox QAbstractItemView::item:disabled { color: $disabled; }

QCheckBox, QRadioButton { color: $text2; spacing: 8px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; background: $raised;
    border: 1px solid $field; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QRadioButton::indicator:checked { background: $raised; border: 5px solid $accent; width: 6px;
    height: 6px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent;
    width: 12px; height: 12px; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }

QSlider:horizontal { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $rail; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; height: 4px; }
QSlider::handle:horizontal { background: $accent; width: 12px; height: 12px; margin: -4px 0;
    border-radius: 6px; }
QSlider::handle:horizontal:focus { border: 2px solid $text1; width: 10px; height: 10px;
    margin: -5px 0; border-radius: 7px; }
QSlider:disabled::handle:horizontal, QSlider::sub-page:horizontal:disabled {
    background: $line_strong; }

QProgressBar { background: $rail; border: none; border-radius: 3px; max-height: 6px;
    min-height: 6px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QAbstractItemView { background: $panel; color: $text1; border: none;
    selection-background-color: $selected; selection-color: $text1; }
QTreeView::item, QListView::item, QTableView::item { min-height: 25px; border: none;
    padding: 0 4px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; color: $text1; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {
    background: $selected; color: $text1; }
QListView::item:selected, QTreeView::item:selected:first { border-left: 3px solid $accent; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $selected; }
QTreeView::branch:has-children:closed { image: url($right); }
QTreeView::branch:has-children:open { image: url($down); }
QAbstractItemView[rows="drawn"]::item, QAbstractItemView[rows="drawn"]::item:hover,
QAbstractItemView[rows="drawn"]::item:selected { background: transparent; border: none; }
QAbstractItemView[rows="drawn"] { selection-background-color: transparent; }
QTreeView[rows="drawn"]::branch:selected { background: transparent; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $text2; border: none;
    border-bottom: 1px solid $line; padding: 0 8px; min-height: 30px; }
QTableView { gridline-color: transparent; }

QScrollArea, QScrollArea > QWidget > QWidget[scrolled="true"] { background: transparent;
    border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QToolTip { background: $raised; color: $text1; border: 1px solid $line_strong; padding: 5px 8px; }
""")


def build(theme: Theme) -> str:
    """Return the style sheet for a theme."""
    tokens = {name: getattr(theme, name) for name in theme.__slots__}
    sheet = _TEMPLATE.substitute(tokens | _marks(theme))
    return _mirrored(sheet) if direction.mirrored() else sheet


def _mirrored(sheet: str) -> str:
    """Change left and right, which Qt does for places within a control and not for margins."""
    sheet = _FOUR_SIDES.sub(r"\1: \2 \5 \4 \3;", sheet)
    return _ONE_SIDE.sub(lambda found: f"{found[1]}-{_OTHER[found[2]]}:", sheet)


@functools.cache
def _folder() -> QTemporaryDir:
    folder = QTemporaryDir()
    # By an alias, for a style sheet cannot take every path there is: a user's name may be in it.
    QDir.addSearchPath(_ALIAS, folder.path())
    return folder


@functools.cache
def _marks(theme: Theme) -> dict[str, str]:
    folder = Path(_folder().path())
    paths: dict[str, str] = {}
    for mark, (name, token, size) in _MARKS.items():
        path = folder / f"{theme.name}-{mark}.png"
        for ratio, suffix in ((1, ""), (2, "@2x"), (3, "@3x")):
            drawn = QPixmap(size * ratio, size * ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            icons.paint(painter, QRect(0, 0, size * ratio, size * ratio), name, theme.color(token))
            painter.end()
            drawn.save(str(path.with_stem(path.stem + suffix)))
        paths[mark] = f"{_ALIAS}:{path.name}"
    return paths
