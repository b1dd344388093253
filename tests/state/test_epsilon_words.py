"""How sizes are written: the same number in either unit, and back to the last bit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz_gui.core.attacks.fgsm import FgsmParams
from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.core.params import build, specs
from cnnviz_gui.state import epsilon_words


def test_a_size_in_linf_is_written_in_the_unit_that_is_chosen():
    assert epsilon_words.size(4.0, "linf", "255ths") == "4 / 255"
    assert epsilon_words.size(4.0, "linf", "one") == "0.0157"
    assert epsilon_words.size(0.84, "l2", "255ths") == epsilon_words.size(0.84, "l2", "one")
    assert epsilon_words.size(0.84, "l2", "one") == "0.840"


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_what_the_hand_sets_is_taken_as_it_was_written(norm):
    assert epsilon_words.taken(3.0, norm, "255ths") == 3.0
    assert epsilon_words.taken(0.0157, norm, "one") == (4.0035 if norm == "linf" else 0.0157)


def test_a_form_in_units_of_one_shows_the_same_budget():
    parameters = build(PgdParams, {"epsilon": 8.0, "step_size": 2.0})
    written, values = epsilon_words.form(specs(PgdParams), parameters.values(), "one")
    epsilon = next(spec for spec in written if spec.name == "epsilon").scaled(values)
    assert values["epsilon"] == 8 / 255 and values["step_size"] == 2 / 255
    assert values["steps"] == parameters.values()["steps"]
    assert (epsilon.default, epsilon.maximum, epsilon.unit) == (4 / 255, 64 / 255, "")
    in_l2 = epsilon.scaled({"norm": "l2"})
    assert (in_l2.default, in_l2.maximum) == (1.0, 32.0), "L2 has been in units of one all along"


def test_in_255ths_a_form_is_what_the_method_says():
    parameters = FgsmParams(epsilon=3.3)
    found = epsilon_words.form(specs(FgsmParams), parameters.values(), "255ths")
    assert found == (specs(FgsmParams), parameters.values())


@given(st.floats(0, 64, allow_nan=False), st.floats(0, 64, allow_nan=False))
def test_what_was_not_edited_comes_back_to_the_last_bit(epsilon, step):
    kept = build(PgdParams, {"epsilon": epsilon, "step_size": step}).values()
    _, written = epsilon_words.form(specs(PgdParams), kept, "one")
    edited = written | {"steps": 7}
    found = epsilon_words.from_form(specs(PgdParams), edited, kept, "one")
    assert found == kept | {"steps": 7}


def test_what_was_edited_is_taken_in_255ths():
    kept = FgsmParams(epsilon=4.0).values()
    found = epsilon_words.from_form(specs(FgsmParams), {"epsilon": 0.02}, kept, "one")
    assert found == {"epsilon": pytest.approx(5.1, abs=1e-9)}


def test_another_norm_leaves_its_own_numbers_alone():
    kept = build(PgdParams, {"epsilon": 4.0}).values()
    _, written = epsilon_words.form(specs(PgdParams), kept, "one")
    edited = written | {"norm": "l2", "epsilon": 1.0, "step_size": 0.0}
    found = epsilon_words.from_form(specs(PgdParams), edited, kept, "one")
    assert (found["norm"], found["epsilon"]) == ("l2", 1.0)
