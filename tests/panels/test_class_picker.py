import time

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.panels.class_picker import ClassPicker

LABELS = (
    *(f"thing {index}" for index in range(280)),
    "tabby",
    "tiger cat",
    "Persian cat",
    "catamaran",
    *(f"late {index}" for index in range(716)),
)


@pytest.fixture
def picker(qtbot) -> ClassPicker:
    made = ClassPicker()
    made.set_labels(LABELS)
    made.set_current(None, "tiger cat")
    qtbot.addWidget(made)
    made.show()
    return made


def listed(picker: ClassPicker) -> list[str]:
    model = picker.popup.model
    return [model.index(row).data() for row in range(model.rowCount())]


def test_the_button_says_who_wins_or_what_was_chosen(picker: ClassPicker) -> None:
    assert picker.text_shown() == "Winner: tiger cat"
    picker.set_current(282)
    assert picker.text_shown() == "Persian cat"
    assert picker.accessibleName() == "Target class: Persian cat"


def test_a_class_is_chosen_by_keys_alone(picker: ClassPicker, qtbot) -> None:
    picker.setFocus()
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert picker.popup.isVisible()
    search = picker.popup.search
    qtbot.keyClicks(search, "cat")
    assert listed(picker) == ["catamaran", "tiger cat", "Persian cat"]
    qtbot.keyClick(search, Qt.Key.Key_Down)
    with qtbot.waitSignal(picker.chosen) as caught:
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert caught.args == [281]
    assert picker.current() == 281
    assert not picker.popup.isVisible()


def test_the_first_entry_is_the_winner(picker: ClassPicker, qtbot) -> None:
    picker.set_current(281)
    picker.open()
    search = picker.popup.search
    for _ in range(300):
        qtbot.keyClick(search, Qt.Key.Key_Up)
    with qtbot.waitSignal(picker.chosen) as caught:
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert caught.args == [None]


def test_escape_chooses_nothing(picker: ClassPicker, qtbot) -> None:
    picker.open()
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClicks(picker.popup.search, "tabby")
        qtbot.keyClick(picker.popup.search, Qt.Key.Key_Escape)
    assert not picker.popup.isVisible()


def test_the_same_class_again_is_no_choice(picker: ClassPicker, qtbot) -> None:
    picker.set_current(281)
    picker.open()
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert picker.current() == 281


def test_digits_find_the_index(picker: ClassPicker) -> None:
    picker.popup.search.setText("281")
    assert listed(picker)[0] == "tiger cat"


def test_nothing_found_is_said(picker: ClassPicker, qtbot) -> None:
    picker.open()
    picker.popup.search.setText("zebra")
    assert listed(picker) == []
    assert picker.popup.nothing.isVisible()
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)


def test_a_thousand_classes_are_searched_at_once(picker: ClassPicker) -> None:
    start = time.perf_counter()
    for query in ("c", "ca", "cat"):
        picker.popup.model.set_query(query)
    assert time.perf_counter() - start < 0.05


def test_the_popup_opens_at_the_class_in_force(picker: ClassPicker, qtbot) -> None:
    picker.set_current(500)
    picker.open()
    assert picker.popup.view.currentIndex().data() == LABELS[500]
    picker.popup.hide()


def test_the_same_labels_again_leave_the_marked_row(picker: ClassPicker) -> None:
    shares = [0.001] * len(LABELS)
    picker.set_labels(LABELS, shares)
    picker.open()
    picker.popup.search.setText("cat")
    view = picker.popup.view
    view.setCurrentIndex(picker.popup.model.index(1))
    marked = view.currentIndex().data()
    picker.set_labels(list(LABELS), list(shares))
    assert view.currentIndex().data() == marked


def test_where_there_is_no_room_the_class_is_told_and_the_tip_tells_all(
    picker: ClassPicker,
) -> None:
    picker.set_current(None, "Egyptian cat", "Winner before")
    assert picker._fitting(400) == "Winner before: Egyptian cat"
    assert picker._fitting(110) == "Egyptian cat"
    assert "Winner before: Egyptian cat" in picker.toolTip()
