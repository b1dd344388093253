"""The kept pictures of a session that was opened are made again."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from cnnviz_gui.app.kept_making import LANE, KeptMaking
from cnnviz_gui.app.lanes import LANES
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.engine import events
from cnnviz_gui.state import session_file, session_kept
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.kept_features import KeptAsked
from tests.state.test_session_kept import CHOSEN, NET, REQUEST


class Engine(QObject):
    happened = Signal(object)

    def __init__(self):
        super().__init__()
        self.asked = []

    def submit(self, lane, request, label):
        assert lane == LANE and label
        self.asked.append(request)

    def forget(self, lane):
        self.asked.clear()


def pictures(done):
    return FeaturePictures(
        pictures=np.zeros((1, 4, 4, 3), np.float32), shown=np.zeros((1, 4, 4, 3), np.uint8),
        opacity=None, curve=np.zeros(done, np.float32), steps=40, of="channel 2 of stem",
        film=np.zeros((0, 1, 1, 3), np.uint8),
    )  # fmt: skip


SECOND = dataclasses.replace(REQUEST, model=dataclasses.replace(NET, name="other"))


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def engine(qapp):
    return Engine()


@pytest.fixture
def making(state, engine):
    made = KeptMaking(engine, state, engine)
    state.share(kept_asked=KeptAsked((REQUEST, SECOND), CHOSEN))
    return made


def test_it_has_a_lane():
    assert LANE in {lane.name for lane in LANES}


def test_they_come_one_after_the_other_and_are_in_the_file_all_the_time(making, state, engine):
    assert engine.asked == [REQUEST] and session_kept.described(None, state.shared.kept_asked)
    before = session_file.described(state)["kept"]
    engine.happened.emit(events.Partial(LANE, 1, REQUEST, pictures(3)))
    (part,) = state.shared.kept_features.parts
    assert part.lane == "feature" and part.network == "own" and not part.whole
    assert session_file.described(state)["kept"] == before
    engine.happened.emit(events.Finished(LANE, 1, REQUEST, pictures(40)))
    assert engine.asked == [REQUEST, SECOND]
    engine.happened.emit(events.Finished(LANE, 2, SECOND, pictures(40)))
    kept = state.shared.kept_features
    assert [(one.lane, one.whole) for one in kept.parts] == [
        ("feature", True),
        ("feature-second", True),
    ]
    assert kept.selection == CHOSEN and state.shared.kept_asked is None
    assert session_file.described(state)["kept"] == before


def test_what_the_hand_keeps_meanwhile_stays(making, state, engine):
    engine.happened.emit(events.Partial(LANE, 1, REQUEST, pictures(3)))
    state.share(kept_features=None)
    assert state.shared.kept_asked is None and engine.asked == []
    engine.happened.emit(events.Partial(LANE, 1, REQUEST, pictures(4)))
    assert state.shared.kept_features is None


def test_one_that_cannot_be_made_is_told(making, state, engine):
    failure = events.Failure("There is no network 'own'.", "Choose another one.")
    engine.happened.emit(events.Failed(LANE, 1, REQUEST, failure))
    assert "no network 'own'" in state.shared.notice.text and state.shared.kept_asked is None
