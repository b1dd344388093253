from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.core.params import Params, Scale, choice, flag, number, specs
from cnnviz_gui.panels.controls import (
    ComboBox,
    IconButton,
    NumberBox,
    Segmented,
    Toggle,
    painting,
)
from cnnviz_gui.panels.param_form import ParamForm


@dataclass(frozen=True, slots=True)
class Attack(Params):
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="How size is measured.")
    epsilon: float = number(
        1.0,
        0.0,
        64.0,
        step=0.25,
        unit="/ 255",
        role="epsilon",
        help="Largest change.",
        depends_on="norm",
        scales={"linf": Scale(1.0, 0.0, 64.0, 0.25, "/ 255"), "l2": Scale(0.5, 0.0, 20.0, 0.1)},
    )
    steps: int = number(10, 1, 1000, help="Gradient steps.")
    shape: str = choice(
        "a", {"a": "One", "b": "Two", "c": "Three", "d": "Four"}, help="Shape of the thing."
    )
    restart: bool = flag(False, help="Start at random.")
    seed: int = number(
        0, 0, 2**31 - 1, role="seed", help="Of the start.", when=("restart", (True,))
    )


@pytest.fixture
def form(qtbot) -> ParamForm:
    made = ParamForm("Parameters")
    made.set_specs(specs(Attack))
    made.resize(296, 500)
    qtbot.addWidget(made)
    made.show()
    return made


def retype(qtbot, box: NumberBox, text: str) -> None:
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_a_number_that_is_chosen_automatically_is_told_until_it_is_typed_over(qtbot) -> None:
    form = ParamForm()
    form.set_specs(specs(PgdParams), PgdParams().values())
    form.resize(296, 500)
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    box, shown = form.control("step_size"), form.control("step_size").lineEdit().text
    assert shown() == "automatic: 1" and box.value() == 0
    form.set_values({"steps": 20})
    assert shown() == "automatic: 0.5"
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    assert shown() == "0", "a number is typed over a number"
    with qtbot.assertNotEmitted(form.edited):
        form.control("steps").setFocus()
    assert shown() == "automatic: 0.5"
    box.setFocus()
    retype(qtbot, box, "2")
    form.control("steps").setFocus()
    assert shown() == "2" and form.values()["step_size"] == 2
    form.reset()
    assert shown() == "automatic: 1"
    form.set_values({"steps": 256})
    for wide, words in ((400, "automatic: 0.0391"), (270, "auto: 0.0391")):
        form.resize(wide, 500)
        QApplication.processEvents()
        assert shown() == words
        assert painting.width_of(words, "body") < box.lineEdit().width()


def test_defaults_are_those_of_the_parameters(form: ParamForm) -> None:
    assert form.values() == Attack().values()
    assert not form.is_modified()


def test_values_go_in_and_come_out_unchanged_and_in_silence(form: ParamForm, qtbot) -> None:
    given = Attack(
        norm="l2", epsilon=8 / 255, steps=3, shape="c", restart=True, seed=2**31 - 1
    ).values()
    with qtbot.assertNotEmitted(form.edited):
        form.set_values(given)
    assert form.values() == given
    assert form.is_modified()


def test_editing_one_value_leaves_the_digits_of_another(form: ParamForm, qtbot) -> None:
    form.set_values({"epsilon": 8 / 255})
    epsilon = form.control("epsilon")
    qtbot.keyClick(epsilon, Qt.Key.Key_Return)
    with qtbot.waitSignal(form.edited) as caught:
        retype(qtbot, form.control("steps"), "20")
    assert caught.args[0]["epsilon"] == 8 / 255
    assert caught.args[0]["steps"] == 20
    assert isinstance(caught.args[0]["steps"], int)


def test_a_value_outside_the_range_is_kept_when_given_from_outside(form: ParamForm) -> None:
    form.set_values({"epsilon": 200.0})
    assert form.values()["epsilon"] == 200.0


def test_each_kind_has_its_control(form: ParamForm) -> None:
    kinds = {name: type(form.control(name)) for name in form.values()}
    assert kinds == {
        "norm": Segmented,
        "epsilon": NumberBox,
        "steps": NumberBox,
        "shape": ComboBox,
        "restart": Toggle,
        "seed": NumberBox,
    }


def choose_norm(form: ParamForm, qtbot, place: int) -> None:
    qtbot.mouseClick(form.control("norm").buttons()[place], Qt.MouseButton.LeftButton)


def test_a_dependent_number_takes_the_scale_of_the_choice(form: ParamForm, qtbot) -> None:
    with qtbot.waitSignal(form.edited) as caught:
        choose_norm(form, qtbot, 1)
    assert caught.args[0]["epsilon"] == 0.5
    with qtbot.waitSignal(form.edited) as caught:
        retype(qtbot, form.control("epsilon"), "64")
    assert caught.args[0]["epsilon"] == 20.0


def test_each_scale_remembers_its_own_number(form: ParamForm, qtbot) -> None:
    form.set_values({"epsilon": 4 / 3})
    choose_norm(form, qtbot, 1)
    choose_norm(form, qtbot, 0)
    assert form.values()["epsilon"] == 4 / 3


def test_every_edit_can_be_built_into_parameters(form: ParamForm, qtbot) -> None:
    choose_norm(form, qtbot, 1)
    assert Attack(**form.values()).norm == "l2"


def test_a_parameter_without_effect_is_hidden_but_kept(form: ParamForm, qtbot) -> None:
    assert form.row("seed").isHidden()
    assert form.values()["seed"] == 0
    qtbot.mouseClick(form.control("restart"), Qt.MouseButton.LeftButton)
    assert form.row("seed").isVisible()


def test_the_dice_give_another_seed_within_the_range(form: ParamForm, qtbot) -> None:
    form.set_values({"restart": True})
    before = form.values()["seed"]
    with qtbot.waitSignal(form.edited):
        qtbot.mouseClick(form.row("seed").findChild(IconButton), Qt.MouseButton.LeftButton)
    assert form.values()["seed"] != before
    Attack(**form.values())


def test_reset_puts_all_defaults_back(form: ParamForm, qtbot) -> None:
    form.set_values({"steps": 20, "restart": True, "norm": "l2", "epsilon": 3.0})
    with qtbot.waitSignal(form.edited) as caught:
        form.reset()
    assert caught.args[0] == Attack().values()
    with qtbot.assertNotEmitted(form.edited):
        form.reset()


def test_a_combo_choice_and_the_same_specs_keep_the_controls(form: ParamForm, qtbot) -> None:
    before = form.control("shape")
    with qtbot.waitSignal(form.edited) as caught:
        qtbot.keyClick(before, Qt.Key.Key_Down)
    assert caught.args[0]["shape"] == "b"
    form.set_specs(specs(Attack), {"shape": "c"})
    assert form.control("shape") is before
    assert before.currentText() == "Three"


def test_every_control_has_a_name_and_a_help(form: ParamForm) -> None:
    for spec in specs(Attack):
        assert form.control(spec.name).accessibleName() == spec.label
        assert form.control(spec.name).toolTip().startswith(spec.help)
        assert form.row(spec.name).label.buddy() is not None


def test_the_exact_number_is_in_the_tooltip(form: ParamForm) -> None:
    form.set_values({"epsilon": 8 / 255})
    assert "Exactly 0.03137254901960784 / 255." in form.control("epsilon").toolTip()


def test_modified_is_told_once(form: ParamForm, qtbot) -> None:
    with qtbot.waitSignal(form.modified_changed) as caught:
        form.set_values({"steps": 20})
    assert caught.args == [True]
    with qtbot.assertNotEmitted(form.modified_changed):
        form.set_values({"steps": 21})


def test_rare_parameters_are_folded_away_and_say_what_was_changed(qtbot) -> None:
    form = ParamForm(folds={"More": ("shape", "restart", "seed")})
    qtbot.addWidget(form)
    form.set_specs(specs(Attack), Attack(restart=True).values())
    form.show()
    head = form.fold("More")
    assert head.text() == "More, 1 changed"
    assert not form.row("shape").isVisible()
    assert form.row("steps").isVisible()
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    assert form.row("shape").isVisible()
    assert form.row("seed").isVisible()
    form.control("restart").click()
    assert not form.row("seed").isVisible(), "it has no effect now"
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    assert not form.row("shape").isVisible()
