import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMainWindow, QToolTip, QWidget

from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    Chip,
    ComboBox,
    ElidedLabel,
    EmptyState,
    FailureCard,
    IconButton,
    KeyValueRows,
    Label,
    Notice,
    NumberBox,
    ProbabilityBar,
    SearchBox,
    Segmented,
    Slider,
    TabBar,
    Toggle,
)
from cnnviz_gui.panels.tokens import DARK

SCORES = (("logit", "Logit"), ("probability", "Probability"))


def bar() -> ProbabilityBar:
    made = ProbabilityBar()
    made.set_row(282, "tiger cat", 0.383, winner=True, target=True)
    return made


def tabs() -> TabBar:
    made = TabBar("Views")
    made.addTab("Layers")
    return made


def number_box() -> NumberBox:
    made = NumberBox("Steps")
    made.set_value(1.0)
    return made


CONTROLS = {
    "Button": lambda: Button("Save"),
    "IconButton": lambda: IconButton("gear", "Settings"),
    "Toggle": lambda: Toggle("Keep negative"),
    "Segmented": lambda: Segmented(SCORES, "Score"),
    "NumberBox": number_box,
    "ComboBox": lambda: ComboBox("Layer"),
    "Slider": lambda: Slider("Opacity"),
    "SearchBox": lambda: SearchBox("Search 51 layers"),
    "ClassPicker": ClassPicker,
    "ProbabilityBar": bar,
    "TabBar": tabs,
}


@pytest.mark.parametrize("kind", CONTROLS)
def test_every_control_can_be_reached_and_has_a_name(qtbot, kind: str) -> None:
    control = CONTROLS[kind]()
    qtbot.addWidget(control)
    reached = control.buttons() if isinstance(control, Segmented) else [control]
    for part in reached:
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert part.accessibleName() or part.text()


def pixels(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
    }


@pytest.mark.parametrize(
    "kind", ["Button", "IconButton", "Toggle", "NumberBox", "ComboBox", "ClassPicker"]
)
def test_the_focus_is_seen(qtbot, kind: str) -> None:
    control = CONTROLS[kind]()
    holder = QWidget()
    control.setParent(holder)
    other = IconButton("gear", "Other", parent=holder)
    qtbot.addWidget(holder)
    with qtbot.waitActive(holder):
        holder.show()
        holder.activateWindow()
    other.setFocus()
    assert DARK.accent not in pixels(control)
    control.setFocus()
    assert DARK.accent in pixels(control)


def test_a_row_says_what_it_draws(qtbot) -> None:
    row = bar()
    qtbot.addWidget(row)
    assert row.accessibleName() == "tiger cat, 38.3 %, the target"
    row.set_row(504, "espresso", 0.957, 0.0001)
    assert row.accessibleName() == "espresso, 95.7 % clean, < 0.1 % adversarial"


def test_a_bar_is_as_long_as_its_probability(qtbot) -> None:
    row = ProbabilityBar()
    qtbot.addWidget(row)
    row.resize(200, 38)
    row.set_row(0, "a", 0.5)
    image = row.grab().toImage()
    blue = [x for x in range(200) if image.pixelColor(x, 26).name().upper() == DARK.clean]
    assert abs(len(blue) - 100) <= 4


def test_a_click_on_a_row_chooses_its_class(qtbot) -> None:
    row = bar()
    qtbot.addWidget(row)
    with qtbot.waitSignal(row.chosen) as caught:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert caught.args == [282]


def test_the_ring_goes_with_a_choice_that_is_taken_back(qtbot) -> None:
    choice = Segmented(SCORES, "Score")
    qtbot.addWidget(choice)
    choice.show()
    choice.activateWindow()
    first, second = choice.buttons()[:2]
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(second.hasFocus)
    choice.set_value(SCORES[0][0])
    assert first.hasFocus() and first.isChecked()


def test_only_the_hand_makes_a_choice_speak(qtbot) -> None:
    choice = Segmented(SCORES, "Score")
    qtbot.addWidget(choice)
    with qtbot.assertNotEmitted(choice.chosen):
        choice.set_value("logit")
    with qtbot.waitSignal(choice.chosen) as caught:
        qtbot.mouseClick(choice.buttons()[1], Qt.MouseButton.LeftButton)
    assert caught.args == ["probability"]
    toggle = Toggle("On")
    qtbot.addWidget(toggle)
    with qtbot.assertNotEmitted(toggle.chosen):
        toggle.setChecked(True)
    with qtbot.waitSignal(toggle.chosen) as caught:
        qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert caught.args == [False]


def number(qtbot, value: float = 1.0) -> NumberBox:
    box = NumberBox("Epsilon")
    box.set_scale(0.0, 64.0, 0.25, "/ 255")
    box.set_value(value)
    qtbot.addWidget(box)
    return box


def retype(qtbot, box: NumberBox, text: str) -> None:
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_a_number_not_touched_keeps_its_hidden_digits(qtbot) -> None:
    box = number(qtbot, 8 / 255)
    with qtbot.assertNotEmitted(box.chosen):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 8 / 255


@pytest.mark.parametrize(
    ("typed", "taken"), [("2.5", 2.5), ("2,5", 2.5), ("100", 64.0), ("-3", 0.0), ("1e1", 10.0)]
)
def test_a_typed_number_is_taken_within_the_range(qtbot, typed: str, taken: float) -> None:
    box = number(qtbot)
    with qtbot.waitSignal(box.chosen) as caught:
        retype(qtbot, box, typed)
    assert caught.args == [taken]


def test_what_is_no_number_is_put_back(qtbot) -> None:
    box = number(qtbot, 1.5)
    with qtbot.assertNotEmitted(box.chosen):
        retype(qtbot, box, "x-")
    assert (box.value(), box.lineEdit().text()) == (1.5, "1.5")


def test_arrow_keys_step_without_binary_dust(qtbot) -> None:
    box = NumberBox("Opacity")
    box.set_scale(0.0, 1.0, 0.1)
    box.set_value(0.2)
    qtbot.addWidget(box)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 0.3
    for _ in range(9):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 1.0


def wheel(widget: QWidget) -> QWheelEvent:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_the_wheel_over_an_input_without_focus_is_left_to_the_panel(qtbot) -> None:
    box, combo, slider = number(qtbot), ComboBox("Layer"), Slider("Opacity")
    combo.addItems(["a", "b"])
    combo.setCurrentIndex(1)
    slider.setValue(50)
    for widget in (combo, slider):
        qtbot.addWidget(widget)
    for widget in (box, combo, slider):
        assert not wheel(widget).isAccepted()
    assert (box.value(), combo.currentIndex(), slider.value()) == (1.0, 1, 50)


def test_a_cut_label_shows_all_in_its_tooltip(qtbot) -> None:
    label = ElidedLabel("a class whose name is far too long")
    qtbot.addWidget(label)
    label.show()
    label.resize(60, 20)
    assert label.is_elided()
    assert label.toolTip() == "a class whose name is far too long"
    label.resize(label.sizeHint())
    assert not label.is_elided()
    assert label.toolTip() == ""


def test_a_label_with_shorter_words_is_never_cut(qtbot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.show()
    texts = ("Conv2d, convolution 3 × 3, 32 × 112", "convolution 3 × 3, 32 × 112", "32 × 112")
    label.set_texts(*texts)
    width = label.sizeHint().width()
    shown = set()
    for room in range(width, 0, -1):
        label.resize(room, 20)
        shown.add(label.shown_text())
    assert shown == {*texts, ""}
    assert label.toolTip() == label.text() == texts[0]


def test_rows_of_values_shrink_and_grow(qtbot) -> None:
    rows = KeyValueRows()
    qtbot.addWidget(rows)
    rows.set_rows([("Output", "1280 × 7 × 7"), ("Parameters", "409 600", "409600")])
    rows.set_rows([("Output", "32 × 112 × 112")])
    shown = [label.text() for label in rows.findChildren(QLabel) if not label.isHidden()]
    assert shown == ["Output", "32 × 112 × 112"]


def test_a_failure_keeps_its_details_folded_until_asked(qtbot) -> None:
    card = FailureCard()
    qtbot.addWidget(card)
    card.show()
    card.set_failure("It failed.", "Do this.", "Traceback", "Do it")
    assert not card.details.isVisible()
    qtbot.mouseClick(card.fold, Qt.MouseButton.LeftButton)
    assert card.details.isVisible()
    with qtbot.waitSignal(card.remedied):
        qtbot.mouseClick(card.remedy, Qt.MouseButton.LeftButton)
    card.set_failure("It failed again.")
    assert not card.details.isVisible()
    assert card.fold.isHidden()


def test_an_empty_state_and_a_notice_offer_their_action(qtbot) -> None:
    empty = EmptyState("image", "Drop a photograph here, or paste one.", "Open")
    notice = Notice("Memory is short.", closable=True, action="Free it")
    for widget in (empty, notice):
        qtbot.addWidget(widget)
        widget.show()
    with qtbot.waitSignal(empty.acted):
        qtbot.mouseClick(empty.action, Qt.MouseButton.LeftButton)
    cross = notice.findChild(IconButton)
    with qtbot.waitSignal(notice.dismissed):
        qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert notice.isHidden()


def test_the_search_clears_by_button_and_by_escape(qtbot) -> None:
    box = SearchBox("Search", "Ctrl K")
    qtbot.addWidget(box)
    box.show()
    box.setText("conv")
    qtbot.mouseClick(box.findChild(IconButton), Qt.MouseButton.LeftButton)
    assert box.text() == ""
    box.setText("conv")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""


@pytest.mark.parametrize("kind", ["SearchBox", "NumberBox"])
def test_escape_undoes_what_was_typed_before_it_stops_the_work(qtbot, kind: str) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    field = CONTROLS[kind]()
    window.setCentralWidget(field)
    stopped = []
    stop = QAction("Stop", window)
    stop.setShortcut(Qt.Key.Key_Escape)
    stop.triggered.connect(lambda: stopped.append(True))
    window.addAction(stop)
    with qtbot.waitActive(window):
        window.show()
    field.setFocus()
    edit = field if isinstance(field, SearchBox) else field.lineEdit()
    before = edit.text()
    qtbot.keyClicks(edit, "7")
    assert edit.text() != before
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert (edit.text(), stopped) == (before, [])
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert stopped == [True]


def test_a_resting_arc_draws_nothing(qtbot) -> None:
    arc = BusyArc()
    qtbot.addWidget(arc)
    idle = pixels(arc)
    arc.set_fraction(0.5)
    assert DARK.accent in pixels(arc) or len(pixels(arc)) > len(idle)
    arc.stop()
    assert pixels(arc) == idle


def test_a_chip_is_wide_enough_for_its_word(qtbot) -> None:
    chip = Chip("crosshair", "tiger cat", "target")
    qtbot.addWidget(chip)
    narrow = chip.sizeHint().width()
    chip.set_chip("crosshair", "a much longer name", "target")
    assert chip.sizeHint().width() > narrow
    assert chip.accessibleName() == "a much longer name"


def test_what_a_control_is_made_of_bears_its_name(qtbot):
    number, choice = NumberBox("Budget"), ComboBox("Colour map")
    for control in (number, choice):
        qtbot.addWidget(control)
    assert number.lineEdit().accessibleName() == "Budget"
    assert choice.view().accessibleName() == "Colour map"


def test_a_button_lets_a_field_take_what_was_typed_first(qtbot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    row = QHBoxLayout(holder)
    number, button = NumberBox("Steps"), Button("Start")
    icon = IconButton("plus", "More")
    for widget in (number, button, icon):
        row.addWidget(widget)
    holder.show()
    with qtbot.waitActive(holder):
        holder.activateWindow()
    told: list[object] = []
    number.chosen.connect(told.append)
    button.clicked.connect(lambda: told.append("start"))
    icon.clicked.connect(lambda: told.append("more"))
    for press, typed, word in ((button, "7", "start"), (icon, "9", "more")):
        number.setFocus()
        number.selectAll()
        QTest.keyClicks(number, typed)
        QTest.mouseClick(press, Qt.MouseButton.LeftButton)
        assert told[-2:] == [int(typed), word]


def test_a_button_takes_the_focus_from_nothing_else(qtbot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    row = QHBoxLayout(holder)
    first, second = Button("One"), Button("Two")
    row.addWidget(first)
    row.addWidget(second)
    holder.show()
    with qtbot.waitActive(holder):
        holder.activateWindow()
    first.setFocus()
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert first.hasFocus()


def test_a_text_that_wraps_parts_no_number_from_its_unit(qtbot):
    said = "The class changes at 1.18 / 255, in 3.2 s."
    one_line, wrapped = Label(said), Label(said, wrap=True)
    for label in (one_line, wrapped):
        qtbot.addWidget(label)
        assert label.text() == said
    assert QLabel.text(one_line) == said
    firm = "1.18\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}255"
    assert firm in QLabel.text(wrapped)
    wrapped.setText("It needs 4 / 255.")
    assert QLabel.text(wrapped).endswith("4\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}255.")
    assert wrapped.text() == "It needs 4 / 255."


def test_what_a_cut_entry_says_is_told_before_its_tooltip(qtbot, monkeypatch) -> None:
    box = ComboBox("Baseline")
    qtbot.addWidget(box)
    box.addItem("As coarse as the map that is compared")
    box.setToolTip("What it is compared with")
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    for width in (90, 500):
        box.setFixedWidth(width)
        box.show()
        QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))
    assert told == ["As coarse as the map that is compared\nWhat it is compared with"]


def test_a_cut_label_with_a_tooltip_of_its_own_says_both(qtbot) -> None:
    label = ElidedLabel("Random draws")
    qtbot.addWidget(label)
    label.set_tooltip("How many maps")
    label.show()
    label.resize(30, 20)
    assert label.toolTip() == "Random draws\nHow many maps"
    label.resize(300, 20)
    assert label.toolTip() == "How many maps"
