import numpy as np

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state.history import History


def request(name):
    return Predict(model=ModelRef(name="net"), image=ImageRef(path=name))


def answer(side=30):
    return Prediction(
        scores=(Score(0, "cat", 1.0, 1.0),), seen=np.zeros((side, side, 3), dtype=np.uint8)
    )


def test_an_equal_request_finds_its_answer():
    history, result = History(), answer()
    history.keep(request("a"), result)
    assert history.get(request("a")) is result
    assert history.get(request("b")) is None


def test_the_oldest_answer_goes_when_there_is_no_room():
    history = History(max_bytes=9000)
    for name in "abcd":
        history.keep(request(name), answer())
    assert history.get(request("a")) is None
    assert history.get(request("d")) is not None


def test_an_answer_asked_for_again_is_not_the_oldest():
    history = History(max_bytes=7000)
    history.keep(request("a"), answer())
    history.keep(request("b"), answer())
    history.get(request("a"))
    history.keep(request("c"), answer())
    assert history.get(request("a")) is not None
    assert history.get(request("b")) is None


def test_one_answer_larger_than_the_bound_is_still_kept():
    history = History(max_bytes=10)
    history.keep(request("a"), answer(100))
    assert history.get(request("a")) is not None


def test_replacing_an_answer_does_not_count_it_twice():
    history = History(max_bytes=9000)
    for _ in range(50):
        history.keep(request("a"), answer())
    history.keep(request("b"), answer())
    assert history.get(request("a")) is not None
