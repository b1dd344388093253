import gc
import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QFile, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QListWidget, QWidget

import cnnviz_gui.panels
from cnnviz_gui.panels import icons, picture_paint, style_sheet, theme
from cnnviz_gui.panels.controls import Button, Label, painting
from cnnviz_gui.panels.tokens import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Theme

HIGH = (DARK_CONTRAST, LIGHT_CONTRAST)
ALL = (DARK, LIGHT, *HIGH)

COLOURED = ("accent", "clean", "adversarial", "target", "warning", "error", "success")
SURFACES = ("stage", "window", "panel", "raised")
PAIRS = [
    *itertools.product(("text1", "text2", "text3", *COLOURED), SURFACES),
    *itertools.product(("text1", "text2", "text3", *COLOURED), ("hover", "selected", "trough")),
    *itertools.product(("text1", "text2"), ("segment",)),
    *itertools.product(("text1", "text2", "text3"), ("track",)),
    *itertools.product(("text1", "text2"), ("line_strong",)),  # a button held down
    *((("on_accent", ground)) for ground in ("accent", "accent_hover", "accent_pressed")),
]


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(scheme: Theme, text: str, ground: str) -> None:
    least = 7.0 if scheme in HIGH else 4.5
    assert contrast(scheme.color(text), scheme.color(ground)) >= least


@pytest.mark.parametrize("scheme", HIGH, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("line", ["edge", "line", "rail", "disabled"])
@pytest.mark.parametrize("ground", SURFACES)
def test_in_high_contrast_all_that_divides_can_be_seen(
    scheme: Theme, line: str, ground: str
) -> None:
    assert contrast(scheme.color(line), scheme.color(ground)) >= 3.0


EDGES = [
    *itertools.product(("field", "accent"), (*SURFACES, "trough")),
    ("accent", "hover"),
    ("accent", "selected"),
    ("on_accent", "field"),  # the knob of a switch that is off
]


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_the_edges_of_controls_and_the_ring_can_be_seen(
    scheme: Theme, edge: str, ground: str
) -> None:
    assert contrast(scheme.color(edge), scheme.color(ground)) >= 3.0


@pytest.mark.parametrize("scheme", [DARK, LIGHT], ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("picture", ["black", "white"])
def test_what_is_written_over_pictures_can_be_read(
    qapp: QApplication, scheme: Theme, picture: str
) -> None:
    theme.apply(qapp, scheme.name)
    seen = QPixmap(200, 60)
    seen.fill(QColor(picture))
    painter = QPainter(seen)
    picture_paint.chip(painter, "x 1, y 2", QPointF(0, 0), QRectF(0, 0, 200, 60))
    painter.end()
    image = seen.toImage()
    ground = image.pixelColor(22, 30)  # inside of the chip, left of its words
    assert contrast(picture_paint.CHIP_TEXT, ground) >= 4.5
    theme.apply(qapp, "dark")


def test_a_switch_of_theme_repaints_what_is_on_screen(qapp: QApplication, qtbot) -> None:
    window = QWidget()
    theme.surface(window, "panel")
    window.resize(200, 60)
    button = Button("Save", "export", "primary", window)
    button.setGeometry(10, 10, 120, 28)
    qtbot.addWidget(window)
    window.show()

    def seen() -> tuple[str, str]:
        image = window.grab().toImage()
        return (image.pixelColor(180, 30).name().upper(), image.pixelColor(16, 24).name().upper())

    assert seen() == (DARK.panel, DARK.accent)
    with qtbot.waitSignal(theme.notifier.changed):
        theme.apply(qapp, "light")
    assert seen() == (LIGHT.panel, LIGHT.accent)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.window
    theme.apply(qapp, "dark")
    assert seen() == (DARK.panel, DARK.accent)


def test_an_icon_follows_the_theme_without_being_made_again(qapp: QApplication) -> None:
    icon = icons.icon("check-circle", "accent")

    def colours() -> set[str]:
        image = icon.pixmap(32, 32).toImage()
        every = itertools.product(range(image.width()), range(image.height()))
        found = (image.pixelColor(x, y) for x, y in every)
        return {colour.name().upper() for colour in found if colour.alpha() == 255}

    assert DARK.accent in colours()
    theme.apply(qapp, "light")
    assert LIGHT.accent in colours()
    theme.apply(qapp, "dark")


def test_an_icon_survives_being_copied_and_altered(qapp: QApplication) -> None:
    original = icons.icon("cube")
    for _ in range(3):
        copy = QIcon(original)
        copy.addPixmap(QPixmap(4, 4))
        gc.collect()
        assert not copy.pixmap(16, 16).isNull()
    del copy
    assert not original.pixmap(16, 16).isNull()


def test_an_unknown_icon_is_refused_at_once(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icons.icon("no-such-icon")


def test_the_system_scheme_is_followed_only_when_asked_for(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    theme.notifier.on_system_changed()
    assert theme.current() is LIGHT
    theme.apply(qapp, "dark")


def test_what_was_measured_before_the_typeface_was_there_is_measured_anew(monkeypatch) -> None:
    before = painting.width_of("0.25 of 1000", "body")
    with monkeypatch.context() as patched:
        patched.setattr(theme, "FAMILY", "no such typeface")
        patched.setitem(theme._FONTS, "body", (40, QFont.Weight.Bold))
        theme.load_typeface()
        assert painting.width_of("0.25 of 1000", "body") > 2 * before
    theme.load_typeface()
    assert painting.width_of("0.25 of 1000", "body") == before


def test_the_typeface_is_ours_with_figures_of_equal_width(qapp: QApplication, qtbot) -> None:
    assert theme.font("body").family() == theme.FAMILY
    label = Label("111", "caption")
    qtbot.addWidget(label)
    label.ensurePolished()
    metrics = label.fontMetrics()
    assert metrics.horizontalAdvance("111") == metrics.horizontalAdvance("888")


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.name)
def test_the_style_sheet_knows_no_colour_but_the_tokens(qapp: QApplication, scheme: Theme) -> None:
    used = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", style_sheet.build(scheme)))
    assert used <= {getattr(scheme, name) for name in scheme.__slots__}


def test_qt_understands_the_style_sheet_and_finds_its_pictures(qapp: QApplication, qtlog) -> None:
    for scheme in ("light", "dark"):
        theme.apply(qapp, scheme)
        QWidget().ensurePolished()
    assert [record.message for record in qtlog.records if "stylesheet" in record.message] == []
    pictures = re.findall(r"url\(([^)]+)\)", qapp.styleSheet())
    assert pictures
    assert [name for name in pictures if not QFile.exists(name)] == []


def test_no_panel_has_a_colour_of_its_own() -> None:
    root = Path(cnnviz_gui.panels.__file__).parent
    own = re.compile(r"#[0-9A-Fa-f]{6}\b|QColor\(\s*[\"'\d]")
    apart = ("tokens.py", "picture_paint.py")  # the latter: over photographs, in either scheme
    guilty = [
        path.name
        for path in root.rglob("*.py")
        if path.name not in apart and own.search(path.read_text("utf-8"))
    ]
    assert guilty == []


def test_controls_are_imported_without_slow_libraries() -> None:
    code = (
        "import sys, cnnviz_gui.panels.param_form, cnnviz_gui.panels.class_picker;"
        "print([m for m in ('numpy', 'pyqtgraph', 'qtawesome', 'torch') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_theme_in_use_dresses_nothing_anew(qapp, qtbot):
    theme.apply(qapp, "dark")
    with qtbot.assertNotEmitted(theme.notifier.changed):
        theme.apply(qapp, "dark")
    with qtbot.waitSignal(theme.notifier.changed):
        theme.apply(qapp, "light")
    theme.apply(qapp, "dark")


def test_a_change_of_theme_dresses_a_widget_anew_twice_at_most(qapp, qtbot) -> None:
    inner = outer = QWidget()
    qtbot.addWidget(outer)
    for _ in range(12):
        inner = QWidget(inner)
    outer.show()

    class Counter(QObject):
        dressed = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.dressed += event.type() == QEvent.Type.StyleChange
            return False

    counter = Counter()
    inner.installEventFilter(counter)
    theme.apply(qapp, "light" if theme.current().dark else "dark")
    assert 1 <= counter.dressed <= 2, "not once for each of the widgets it lies in"
    theme.apply(qapp, "dark")


def test_a_change_of_theme_leaves_what_is_scrolled_where_it_is(qapp, qtbot) -> None:
    rows = QListWidget()
    qtbot.addWidget(rows)
    rows.addItems([str(number) for number in range(400)])
    rows.resize(200, 300)
    rows.show()
    rows.scrollToBottom()
    bar = rows.verticalScrollBar()
    before = bar.value()
    for scheme in ("light", "dark"):
        theme.apply(qapp, scheme)
        assert bar.value() == before == bar.maximum()


def test_a_window_of_english_words_reads_from_the_left(qtbot) -> None:
    code = (
        "from PySide6.QtWidgets import QApplication, QWidget; from PySide6.QtCore import Qt;"
        "app = QApplication(['', '-reverse']); assert app.isRightToLeft();"
        "from cnnviz_gui.panels import theme; theme.apply(app, 'dark');"
        "print(QWidget().layoutDirection() == Qt.LayoutDirection.LeftToRight)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "True"


def test_a_change_of_the_system_s_scheme_is_seen_at_once(qapp: QApplication, monkeypatch) -> None:
    theme.apply(qapp, "system")
    before = theme.current()
    other = LIGHT if before is DARK else DARK
    monkeypatch.setattr(theme, "_of_system", lambda app: other)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
    assert theme.current() is other
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == other.window
    monkeypatch.undo()
    theme.apply(qapp, "dark")


def test_high_contrast_is_taken_at_once_and_for_either_scheme(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    try:
        theme.set_high_contrast(True)
        assert theme.current() is DARK_CONTRAST
        ground = qapp.palette().color(QPalette.ColorRole.Window).name().upper()
        assert ground == DARK_CONTRAST.window
        theme.apply(qapp, "light")
        assert theme.current() is LIGHT_CONTRAST
    finally:
        theme.set_high_contrast(False)
    assert theme.current() is LIGHT
    theme.apply(qapp, "dark")


def test_a_system_that_asks_for_contrast_gets_it_while_the_program_runs(
    qapp: QApplication, monkeypatch
) -> None:
    theme.apply(qapp, "dark")
    hints = qapp.styleHints()
    with monkeypatch.context() as system:
        system.setattr(theme, "_system_wants_contrast", lambda app: True)
        wanted = Qt.ContrastPreference.HighContrast
        hints.accessibility().contrastPreferenceChanged.emit(wanted)
        assert theme.current() is DARK_CONTRAST
    hints.accessibility().contrastPreferenceChanged.emit(Qt.ContrastPreference.NoPreference)
    assert theme.current() is DARK
