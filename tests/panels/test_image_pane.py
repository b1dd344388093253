"""The picture pane through the hand: pixels true, zoom about the cursor, cursors linked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz_gui.panels import pane_title, picture_paint, take_out, theme
from cnnviz_gui.panels.colour_bar import ColourBar, tick_texts, ticks
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.image_pane import TITLE_ROW, ImagePane
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.panels.zoom import MAX_ZOOM, Frame, Zoom

RNG = np.random.default_rng(0)


def noise(height: int = 40, width: int = 40, channels: int = 3) -> np.ndarray:
    return RNG.integers(0, 256, (height, width, channels), dtype=np.uint8)


def pixels_of(image: QImage) -> np.ndarray:
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(rgba.constBits(), np.uint8).reshape(rgba.height(), rgba.bytesPerLine())
    return rows[:, : 4 * rgba.width()].reshape(rgba.height(), rgba.width(), 4).copy()


@pytest.fixture
def pane(qtbot) -> ImagePane:
    pane = ImagePane("Photograph")
    qtbot.addWidget(pane)
    pane.resize(400, 400 + TITLE_ROW)
    pane.show()
    pane.set_image(noise())
    return pane


def wheel(pane: ImagePane, at: QPoint, notches: int) -> None:
    viewport = pane.surface.viewport()
    event = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def drag(pane: ImagePane, start: QPoint, end: QPoint) -> None:
    viewport = pane.surface.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("width", range(1, 34))
def test_conversion_keeps_every_pixel_at_every_width(width: int, channels: int) -> None:
    pixels = noise(5, width, channels)
    back = pixels_of(to_qimage(pixels))
    assert (back[..., :channels] == pixels).all()


def test_conversion_shares_no_memory_and_takes_any_layout() -> None:
    pixels = noise(6, 8)
    image = to_qimage(pixels)
    kept = pixels.copy()
    pixels[:] = 0
    assert (pixels_of(image)[..., :3] == kept).all()
    assert (pixels_of(to_qimage(kept[::-1, ::2]))[..., :3] == kept[::-1, ::2]).all()


@pytest.mark.parametrize("wrong", [np.zeros((3, 3)), np.zeros((0, 3, 3), np.uint8)])
def test_conversion_refuses_what_is_no_picture(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="picture"):
        to_qimage(wrong)


def test_pixels_on_the_screen_are_those_of_the_array(pane: ImagePane) -> None:
    pixels = noise(40, 40)
    pane.set_image(pixels)
    grabbed = pixels_of(pane.surface.grab().toImage())[..., :3]
    ratio = grabbed.shape[0] // 40
    inner = slice(2, -2)
    assert (
        grabbed[ratio // 2 :: ratio, ratio // 2 :: ratio][inner, inner] == pixels[inner, inner]
    ).all()


def test_picture_is_copied_and_contrast_is_never_stretched(pane: ImagePane) -> None:
    flat = np.full((40, 40, 3), 100, np.uint8)
    pane.set_image(flat)
    flat[:] = 0
    assert pane.surface.grab().toImage().pixelColor(200, 200) == QColor(100, 100, 100)


def test_corners_show_the_stage(pane: ImagePane) -> None:
    pane.set_image(np.full((40, 40, 3), 255, np.uint8))
    assert pane.surface.grab().toImage().pixelColor(0, 0) == theme.color("stage")


def test_coloured_edge_lies_under_the_picture(pane: ImagePane) -> None:
    pane.set_edge("adversarial")
    assert pane.surface.grab().toImage().pixelColor(200, 398) == theme.color("adversarial")


def test_wheel_keeps_what_is_under_the_cursor_and_stays_within_bounds(pane: ImagePane) -> None:
    at = QPoint(100, 290)
    before = pane.surface.spot_at(QPointF(at))
    for _ in range(8):
        wheel(pane, at, 1)
        assert pane.surface.spot_at(QPointF(at)) == before
    wheel(pane, at, 100)
    assert pane.surface.zoom.factor == MAX_ZOOM
    wheel(pane, at, -200)
    assert pane.surface.zoom == Zoom()


def test_drag_pans_when_zoomed_and_double_click_fits(qtbot, pane: ImagePane) -> None:
    centre = QPoint(200, 200)
    wheel(pane, centre, 5)
    under = pane.surface.spot_at(QPointF(centre))
    drag(pane, centre, QPoint(260, 200))
    assert pane.surface.spot_at(QPointF(260, 200)) == under
    QTest.mouseDClick(pane.surface.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert pane.surface.zoom.at_fit


def test_drag_at_fit_takes_the_picture_out(monkeypatch, pane: ImagePane) -> None:
    taken = []
    monkeypatch.setattr(take_out, "drag", lambda *arguments: taken.append(arguments))
    drag(pane, QPoint(200, 200), QPoint(260, 200))
    assert len(taken) == 1 and taken[0][0] is pane and taken[0][1] is pane.image()


def test_what_is_dragged_out_is_a_true_png(tmp_path: Path) -> None:
    pixels = noise(9, 7)
    data = take_out.mime_data(pixels, "Grad-CAM, tiger cat")
    path = Path(data.urls()[0].toLocalFile())
    assert path.name == "grad-cam-tiger-cat.png"
    assert (pixels_of(QImage(str(path)))[..., :3] == pixels).all()
    assert (pixels_of(QImage(data.imageData()))[..., :3] == pixels).all()


def test_zoom_survives_a_new_picture_of_the_same_size_only(pane: ImagePane) -> None:
    wheel(pane, QPoint(80, 80), 4)
    zoom = pane.surface.zoom
    pane.set_image(noise())
    assert pane.surface.zoom == zoom
    pane.set_image(noise(30, 50))
    assert pane.surface.zoom.at_fit


def test_hover_tells_the_pixel_once_and_none_on_leaving(qtbot, pane: ImagePane) -> None:
    heard: list[object] = []
    pane.hovered.connect(heard.append)
    for at in (QPoint(15, 25), QPoint(16, 26), QPoint(395, 5)):
        QTest.mouseMove(pane.surface.viewport(), at)
    pane.surface._hover(None)
    assert heard == [(1, 2), (39, 0), None]


def test_click_tells_the_pixel_and_a_drag_is_none(qtbot, pane: ImagePane) -> None:
    heard: list[object] = []
    pane.clicked.connect(heard.append)
    QTest.mouseClick(pane.surface.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(105, 215))
    wheel(pane, QPoint(200, 200), 5)
    drag(pane, QPoint(200, 200), QPoint(260, 200))
    assert heard == [(10, 21)]


def test_linked_panes_share_zoom_and_cursor_whatever_their_size(qtbot, pane: ImagePane) -> None:
    other = ImagePane("Heat map")
    qtbot.addWidget(other)
    other.resize(300, 300 + TITLE_ROW)
    other.set_image(noise(80, 80))
    asked: list[tuple[int, int]] = []
    other.set_readout(lambda x, y: f"{asked.append((x, y))}")
    pane.link(other, pane, other)
    wheel(pane, QPoint(100, 100), 3)
    assert other.surface.zoom == pane.surface.zoom
    other.surface.zoom_by(0.001)
    assert pane.surface.zoom.at_fit
    QTest.mouseMove(pane.surface.viewport(), QPoint(105, 215))
    other.grab()
    assert asked and set(asked) == {(21, 43)}
    pane.unlink()
    wheel(pane, QPoint(100, 100), 3)
    assert other.surface.zoom.at_fit


def test_keys_zoom_pan_and_fit(qtbot, pane: ImagePane) -> None:
    QTest.keyClick(pane, Qt.Key.Key_Plus)
    QTest.keyClick(pane, Qt.Key.Key_Plus)
    assert pane.surface.zoom.factor == pytest.approx(1.25**2)
    QTest.keyClick(pane, Qt.Key.Key_Right)
    assert pane.surface.zoom.x > 0.5
    QTest.keyClick(pane, Qt.Key.Key_Minus)
    QTest.keyClick(pane, Qt.Key.Key_0)
    assert pane.surface.zoom.at_fit


@pytest.mark.parametrize("state", ["empty", "loading", "stale", "failed", "done"])
def test_no_state_moves_the_layout(pane: ImagePane, state: str) -> None:
    before = pane.surface.geometry(), pane.surface.picture_rect(), pane.sizeHint()
    pane.set_state(state, "A sentence. " * 20, at_once=True)
    assert (pane.surface.geometry(), pane.surface.picture_rect(), pane.sizeHint()) == before


def test_stale_dims_only_what_lasts(qtbot, pane: ImagePane) -> None:
    pane.set_image(np.full((40, 40, 3), 255, np.uint8))
    pane.set_state("stale")
    white = QColor(255, 255, 255)
    assert pane.surface.grab().toImage().pixelColor(50, 200) == white
    qtbot.waitUntil(lambda: pane.surface.grab().toImage().pixelColor(50, 200).red() < 140)
    pane.set_state("done")
    assert pane.surface.grab().toImage().pixelColor(50, 200) == white


def test_copy_puts_the_whole_picture_on_the_clipboard(pane: ImagePane) -> None:
    wheel(pane, QPoint(10, 10), 9)
    pane.copy()
    assert (pixels_of(QApplication.clipboard().image()) == pane.image()).all()


def test_save_asks_for_a_file_only_of_a_picture(pane: ImagePane) -> None:
    heard: list[object] = []
    pane.save_wanted.connect(heard.append)
    pane.save_as()
    pane.set_image(None)
    pane.save_as()
    assert heard == ["Photograph"]


def test_menu_offers_only_what_can_be_done(qtbot) -> None:
    pane = ImagePane()
    qtbot.addWidget(pane)
    assert not any(a.isEnabled() for a in pane.menu().actions() if not a.isSeparator())
    pane.set_image(noise())
    pane.surface.zoom_by(2)
    assert all(action.isEnabled() for action in pane.menu().actions() if not action.isSeparator())


def test_pane_says_what_it_is(pane: ImagePane) -> None:
    assert pane.accessibleName() == "Photograph" and "zoom" in pane.accessibleDescription()
    pane.set_state("failed", "It broke.", at_once=True)
    assert pane.accessibleName() == "Photograph, failed"


def test_row_gives_all_panes_one_size_and_follows_hiding(qtbot) -> None:
    panes, bar = [ImagePane("a"), ImagePane("b")], ColourBar()
    row = PaneRow(panes, bar)
    qtbot.addWidget(row)
    row.resize(900, 400)
    row.show()
    assert panes[0].size() == panes[1].size()
    assert panes[1].x() - panes[0].geometry().right() - 1 == theme.GAP
    assert bar.height() == panes[0].surface.height() and bar.y() == TITLE_ROW
    panes[0].hide()
    assert panes[1].x() == 0 and bar.x() == panes[1].width() + theme.GAP


@pytest.mark.parametrize("width", [1000, 672, 560])
def test_titles_over_small_pictures_take_the_room_beside_them(qtbot, width: int) -> None:
    """They were cut at the width of the picture with hundreds of pixels free beside it."""
    panes = [ImagePane("Clean"), ImagePane("Adversarial")]
    row = PaneRow(panes)
    qtbot.addWidget(row)
    row.resize(width, 120 + TITLE_ROW)
    row.show()
    caption = (("Egyptian cat", "text2", False), ("87.4 %", "clean", True))
    for pane in panes:
        pane.set_image(noise())
        pane.set_caption(caption)
        place, title = pane.title_row(), pane._title
        assert pane.surface.size() == QSize(120, 120) and pane.surface.x() == 0
        room = picture_paint.beside(place, title, caption)
        assert room.width() >= picture_paint.width_of(caption), "nothing is elided"
        assert pane.rect().contains(place) and place.x() == 0
        pane.set_caption("")
        assert pane.title_row().width() <= 160, "no wider than it needs"
    left, right = (pane.geometry() for pane in panes)
    assert right.left() - left.right() - 1 == theme.GAP and right.right() < width


@pytest.mark.parametrize("aspect", [(40, 40), (30, 90), (90, 30)])
def test_zoom_never_leaves_a_margin_that_could_be_filled(aspect: tuple[int, int]) -> None:
    frame = Frame(*aspect, 200, 100)
    zoom = Zoom()
    for step in range(200):
        x, y = RNG.random(2) * (200, 100)
        zoom = zoom.zoomed(frame, RNG.choice([0.7, 1.3]), x, y).moved(frame, *RNG.normal(0, 60, 2))
        left, top = zoom.origin(frame)
        for start, length, view in (
            (left, frame.width * zoom.scale(frame), 200),
            (top, frame.height * zoom.scale(frame), 100),
        ):
            if length >= view:
                assert start <= 1e-6 and start + length >= view - 1e-6, step


@pytest.mark.parametrize(
    ("low", "high", "signed"),
    [(0, 0.191, False), (-1.25, 1.25, True), (3, 3, False), (0, 6e-9, False), (1e5, 1e9, False)],
)
def test_scale_has_its_true_ends_and_at_most_five_labels(low, high, signed) -> None:
    marks = ticks(low, high, signed=signed)
    assert marks[0] == low and marks[-1] == high and len(marks) <= 5
    assert sorted(marks) == marks and len(tick_texts(marks)) == len(marks)
    assert not signed or 0.0 in marks


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, 0.19128, ["0", "0.050", "0.100", "0.150", "0.191"]),
        (0, 6.0, ["0", "2", "4", "6"]),
        (-11.7, 15.6, ["−11.7", "−6.0", "0", "6.0", "15.6"]),
        (0, 123456, ["0", "50000", "100000", "123456"]),
    ],
)
def test_scale_is_labelled_with_as_many_decimals_everywhere(low, high, said) -> None:
    assert tick_texts(ticks(low, high, signed=True)) == said


def test_an_end_next_to_nothing_gives_the_others_no_decimals() -> None:
    assert tick_texts(ticks(-0.000123, 6)) == ["−0.000123", "2", "4", "6"]


def test_ends_that_are_all_but_the_same_have_their_digits() -> None:
    assert set(tick_texts(ticks(7.0, 7.000001))) == {"7.00"}


def test_colour_bar_shows_its_map_from_low_to_high(qtbot) -> None:
    bar = ColourBar()
    qtbot.addWidget(bar)
    bar.resize(bar.sizeHint().width(), 300)
    bar.set_scale("grey", 0, 1)
    image = bar.grab().toImage()
    shades = [image.pixelColor(6, y).red() for y in range(12, 288, 23)]
    assert shades == sorted(shades, reverse=True) and shades[0] > 245 and shades[-1] < 30
    assert bar.accessibleName() == "Colour scale from 0 to 1.00"


def test_panes_with_linked_partners_can_be_deleted(qtbot, pane: ImagePane) -> None:
    holder = QWidget()
    other = ImagePane("gone", parent=holder)
    other.set_image(noise())
    pane.link(other)
    holder.deleteLater()
    qtbot.waitSignal(holder.destroyed).wait()
    wheel(pane, QPoint(100, 100), 3)
    assert pane.surface.zoom.factor > 1


def test_a_name_over_a_wide_picture_is_cut_rather_than_written_past_its_edge(pane):
    runs = (("Egyptian cat", "text2", False), ("> 99.9 %", "adversarial", True))
    assert pane_title.place(222, 207, 207, "Adversarial", runs).width() == 207
    assert pane_title.place(222, 120, 120, "Adversarial", runs).width() > 207, "a small one"
    row = pane_title.place(222, 207, 207, "Adversarial", runs)
    room = picture_paint.beside(row, "Adversarial", runs)
    assert room.width() > picture_paint.width_of(runs[1:]) + 40, "most of the name is there"


def test_a_title_gives_way_to_the_value_beside_it(pane):
    row, value = QRect(0, 0, 192, 22), ("0.000812", "text1", True)
    whole = painting.width_of("0.000812", "title")
    title = "SqueezeNet 1.1, untrained, seed 0"
    assert painting.width_of(title, "title") > row.width()
    room = picture_paint.beside(row, title, [("step 6 of 6", "text3", False), value])
    assert room.right() == row.right() and whole <= room.width() < whole + 4
    words = [("of other parameters", "text3", False)]
    assert picture_paint.beside(row, title, words).width() == 0, "words end in …"
    assert picture_paint.beside(row, "Kept", [value]).width() > 2 * whole


def test_the_amplification_of_a_perturbation_stays_where_there_is_no_room(pane):
    """``± 0.12 / 255 · × 1…`` told neither."""
    runs = pane_title.amplified("± 0.12 / 255", 1024)
    row = pane_title.place(160, 160, 160, "Perturbation", runs)
    room = picture_paint.beside(row, "Perturbation", runs)
    image = QImage(200, 22, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    last = picture_paint.width_of(runs[-1:])
    assert picture_paint.caption(painter, room, runs) == last <= room.width()
    painter.end()


@pytest.mark.parametrize(("room", "count"), [(400, 1), (152, 4)])
def test_a_read_out_that_is_too_wide_has_a_line_for_each_part(pane, room: int, count: int) -> None:
    metrics = QFontMetrics(theme.font("caption"))
    said = "R 0.653  G −0.624  B 0.910, in 255ths"
    lines = picture_paint.chip_lines(said, metrics, room)
    assert len(lines) == count and "".join(lines).startswith("R 0.653")
    assert max(metrics.horizontalAdvance(line) for line in lines) + 24 <= room


def test_a_number_beside_a_value_is_written_whole_or_not_at_all(pane):
    value = ("1.43", "text1", True)
    image = QImage(200, 22, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    alone = picture_paint.caption(painter, QRect(0, 0, 200, 22), [value])
    both = [("24 of 96", "text3", False), value]
    assert picture_paint.caption(painter, QRect(0, 0, 200, 22), both) > alone + 7
    assert picture_paint.caption(painter, QRect(0, 0, alone + 30, 22), both) == alone
    named = [("tiger cat", "text3", False), value]
    assert picture_paint.caption(painter, QRect(0, 0, alone + 30, 22), named) > alone + 7
    painter.end()


def test_tab_passes_by_a_pane_without_a_picture(qtbot):
    pane = ImagePane("Adversarial")
    qtbot.addWidget(pane)
    stops = []
    for state in ("empty", "loading", "done", "stale", "empty"):
        pane.set_state(state)
        stops.append(bool(pane.focusPolicy() & Qt.FocusPolicy.TabFocus))
    assert stops == [False, True, True, True, False]


def test_a_pane_tells_in_words_what_is_written_and_seen(qtbot):
    pane = ImagePane("Grad-CAM")
    qtbot.addWidget(pane)
    pane.set_image(np.zeros((4, 4, 3), np.uint8))
    pane.set_caption("opacity 62 %")
    pane.set_details("upscaled")
    pane.set_seen("Strongest at the left")
    said = pane.accessibleDescription()
    assert said.startswith("Strongest at the left. opacity 62 %. upscaled. Plus and minus")
    pane.set_state("loading", at_once=True)
    assert pane.accessibleName() == "Grad-CAM, loading"
    assert "Strongest" not in pane.accessibleDescription()


def test_a_pane_whose_picture_is_gone_tells_why_and_of_no_former_one(qtbot):
    pane = ImagePane("Grad-CAM")
    qtbot.addWidget(pane)
    pane.set_image(np.zeros((4, 4, 3), np.uint8))
    pane.set_seen("Strongest at the left")
    pane.set_image(None)
    pane.set_state("failed", "The layer has no space.")
    said = pane.accessibleDescription()
    assert said.startswith("The layer has no space. Plus and minus")
    assert "Strongest" not in said
    pane.set_state("empty")
    assert pane.accessibleDescription().startswith("Plus and minus")


def test_the_dot_inside_a_caption_has_as_much_room_on_both_sides(pane):
    runs = pane_title.amplified("± 4 / 255", 16)
    whole = "± 4 / 255 · × 16"
    assert abs(picture_paint.width_of(runs) - painting.width_of(whole, "caption")) <= 1
    image = QImage(300, 22, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    written = picture_paint.caption(painter, QRect(0, 0, 300, 22), runs)
    painter.end()
    assert written == picture_paint.width_of(runs)
