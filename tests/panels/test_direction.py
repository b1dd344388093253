"""A window whose language runs from the right to the left."""

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz_gui import texts
from cnnviz_gui.panels import direction, icons, style_sheet, theme
from cnnviz_gui.panels.controls import Chip, Label, NumberBox, ProbabilityBar, Slider, painting
from cnnviz_gui.panels.controls.sorting import SortHeader
from cnnviz_gui.panels.tokens import DARK

LEFT, RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


@pytest.fixture
def mirrored(qapp, monkeypatch):
    """Let the window read from the right to the left, as its language would."""
    monkeypatch.setenv(direction.FORCED, "rtl")
    direction.dress(qapp)
    yield
    monkeypatch.delenv(direction.FORCED)
    direction.dress(qapp)


def drawn(widget: QWidget, width: int, height: int) -> QImage:
    widget.setFixedSize(width, height)
    return widget.grab().toImage()


def pixels(image: QImage) -> np.ndarray:
    """Return how bright a picture is, (H, W)."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].astype(float)


def columns(image: QImage, colour: str) -> list[int]:
    """Return where across a picture there is a colour."""
    wanted = QColor(colour)
    return [
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y) == wanted for y in range(image.height()))
    ]


@pytest.mark.parametrize(("language", "way"), [("en", LEFT), ("de", LEFT), ("ar", RIGHT)])
def test_the_language_says_which_way_the_window_reads(monkeypatch, language, way):
    monkeypatch.delenv(direction.FORCED, raising=False)
    monkeypatch.setattr(texts, "_language", language)
    assert direction.of_language() == way


def test_a_direction_can_be_forced_and_nonsense_forces_none(monkeypatch):
    for forced, way in (("rtl", RIGHT), ("RTL", RIGHT), ("ltr", LEFT), ("up", LEFT)):
        monkeypatch.setenv(direction.FORCED, forced)
        assert direction.of_language() == way


def test_values_within_a_mirrored_sentence_read_their_own_way(mirrored):
    assert texts.tr("Saved {name}", name="a/b.png") == "Saved \u2068a/b.png\u2069"
    assert texts.tr("{n:.2f} of it", n=0.5) == "0.50 of it", "numbers keep how they are written"
    assert texts.apart("one\ntwo") == "\u2068one\u2069\n\u2068two\u2069"
    assert Label("4.65 M").text() == "4.65 M", "what a label says is what it was given"


def test_nothing_is_put_round_values_in_other_languages():
    assert texts.tr("Saved {name}", name="a/b.png") == "Saved a/b.png"


def test_a_mirrored_control_begins_at_the_right(qtbot, mirrored):
    chip = Chip("cube", "head", "accent")
    qtbot.addWidget(chip)
    inked = np.flatnonzero(pixels(drawn(chip, 120, 24)).max(0) > 100)
    assert inked.min() > 50
    assert inked.max() > 105
    bar = ProbabilityBar()
    qtbot.addWidget(bar)
    bar.set_row(1, "cat", 0.25)
    filled = columns(drawn(bar, 200, 38), DARK.clean)
    assert min(filled) > 140
    assert max(filled) > 195
    slider = Slider("amount")
    qtbot.addWidget(slider)
    slider.setRange(0, 100)
    slider.setValue(25)
    done = columns(drawn(slider, 200, 28), DARK.accent)
    assert min(done) > 100


def test_words_are_not_mirrored_themselves(qapp):
    def written(way: Qt.LayoutDirection, rect: QRect) -> np.ndarray:
        pixmap = QPixmap(120, 24)
        pixmap.fill(Qt.GlobalColor.black)
        painter = QPainter(pixmap)
        painter.setLayoutDirection(way)
        painting.mirror(painter, QRect(0, 0, 120, 24))
        painting.text(painter, rect, "LEFT", "title", "text1", Qt.AlignmentFlag.AlignHCenter)
        painter.end()
        return pixels(pixmap.toImage())

    here, there = written(RIGHT, QRect(0, 0, 60, 24)), written(LEFT, QRect(60, 0, 60, 24))
    inked = [np.flatnonzero(one.max(0) > 60) for one in (here, there)]
    cut = [one[:, at.min() : at.min() + 20] for one, at in zip((here, there), inked, strict=True)]
    assert inked[0].min() > 60
    assert np.abs(cut[0] - cut[1]).mean() < np.abs(cut[0] - cut[1][:, ::-1]).mean() / 2


@pytest.mark.parametrize(("name", "turned"), [("caret-right", True), ("magnifying-glass", False)])
def test_icons_that_point_along_the_line_are_turned(qapp, name, turned):
    def seen(way: Qt.LayoutDirection) -> QImage:
        pixmap = QPixmap(32, 32)
        pixmap.fill(Qt.GlobalColor.black)
        painter = QPainter(pixmap)
        painter.setLayoutDirection(way)
        icons.paint(painter, QRect(0, 0, 32, 32), name, QColor("white"))
        painter.end()
        return pixmap.toImage()

    assert (seen(LEFT) != seen(RIGHT)) == turned


def test_numbers_stand_in_their_field_as_in_english(qtbot, mirrored):
    box = NumberBox("Epsilon")
    qtbot.addWidget(box)
    box.set_scale(0, 10, 1, "/ 255")
    box.set_value(4)
    image = drawn(box, 120, 28)
    assert max(columns(image, DARK.raised)) > 100
    edit = box.lineEdit().geometry()
    assert edit.left() < 20
    assert edit.right() < 90, "the unit stands behind the number"


def test_arrow_keys_go_to_the_column_that_lies_there(qtbot, mirrored):
    class Column:
        key, title, unit, number = "", "", "", False

    header = SortHeader([Column()] * 3, 0, "Table")
    qtbot.addWidget(header)
    header._shown = [0, 1, 2]
    QTest.keyClick(header, Qt.Key.Key_Left)
    assert header._at == 1
    QTest.keyClick(header, Qt.Key.Key_Right)
    assert header._at == 0


def test_the_style_sheet_changes_its_sides(mirrored):
    mirrored_sheet = style_sheet.build(DARK)
    assert "QComboBox { combobox-popup: 0; padding: 0 9px 0 4px; }" in mirrored_sheet
    assert "border-right: 3px solid" in mirrored_sheet
    assert "border-left: 3px solid" not in mirrored_sheet
    assert mirrored_sheet.count("{") == mirrored_sheet.count("}")


def test_what_shows_data_is_never_mirrored(qtbot, mirrored):
    plain = QWidget()
    qtbot.addWidget(plain)
    assert plain.isRightToLeft()
    plot = direction.as_data(QWidget(plain))
    assert not plot.isRightToLeft()
    assert direction.placed(plain, QRect(0, 0, 10, 10)).right() == plain.rect().right()
    assert direction.placed(plot, QRect(0, 0, 10, 10)).left() == 0


def test_docks_change_sides_with_the_language(qapp, mirrored):
    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    assert direction.side(left) == right
    assert direction.side(right) == left
    top = Qt.DockWidgetArea.TopDockWidgetArea
    assert direction.side(top) == top


def test_a_program_takes_the_direction_of_its_language_when_it_is_dressed(qapp, monkeypatch):
    qapp.setLayoutDirection(RIGHT)
    qapp.setProperty("cnnviz_dressed", False)
    theme.apply(qapp, "dark")
    assert QApplication.layoutDirection() == LEFT, "English reads from the left"
