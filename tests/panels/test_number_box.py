"""Numbers as they are typed and shown in languages with another decimal sign."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import csv_text
from cnnviz_gui.core.attacks.fgsm import FgsmParams
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.panels.controls import NumberBox

LANGUAGES = {"C": ".", "en_US": ".", "de_DE": ",", "tr_TR": ",", "ar_EG": "."}


@pytest.fixture
def speak():
    """Let the program speak a language until the end of the test."""
    before = QLocale()
    yield lambda name: QLocale.setDefault(QLocale(name))
    QLocale.setDefault(before)


@pytest.fixture
def box(qtbot, speak):
    """A field with the focus, beside another one."""
    window = QWidget()
    made = NumberBox("Step size", window)
    made.set_scale(0, 2000, 0.01)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    made.setFocus()
    yield made  # the window lives until the test is over


def typed(box, text):
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)
    return box.value()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["0.03", "0,03", ".03", ",03", "3e-2"])
def test_point_and_comma_are_the_decimal_sign_in_every_language(box, speak, language, text):
    speak(language)
    assert typed(box, text) == 0.03
    assert box.lineEdit().text() == f"0{LANGUAGES[language]}03"
    assert typed(box, box.lineEdit().text()) == 0.03


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("text", "number"), [("1.234", 1.234), ("1,234", 1.234)])
def test_nothing_separates_thousands(box, speak, language, text, number):
    speak(language)
    assert typed(box, text) == number


@pytest.mark.parametrize("language", ["en_US", "de_DE"])
@pytest.mark.parametrize("text", ["1.234,5", "1,234.5", "1 000", "1'000"])
def test_what_could_mean_two_numbers_is_not_taken(box, speak, language, text):
    speak(language)
    box.set_value(5)
    box.lineEdit().setText(text)  # as pasted
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 5
    assert box.lineEdit().text() == "5"


def test_digits_not_shown_survive_another_decimal_sign(box, speak):
    speak("de_DE")
    exact = 0.0031372549019607845
    box.set_value(exact)
    assert box.lineEdit().text() == "0,00313725"
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == exact


def test_a_whole_number_takes_no_sign_at_all(box, speak):
    speak("de_DE")
    box.set_scale(0, 2000, 1, whole=True)
    assert typed(box, "1.000") == 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_have_a_point_in_every_language(speak, language):
    speak(language)
    assert csv_text.text(["epsilon"], [(0.03,), (1234.25,)]) == "epsilon\n0.03\n1234.25\n"
    asked = Attack(
        model=ModelRef(name="net"),
        image=ImageRef(path="a.png"),
        method="fgsm",
        parameters=FgsmParams(epsilon=0.03),
    )
    assert b"0.03" in asked.to_json()
