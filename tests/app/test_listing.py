"""The catalogue of networks comes after what is on screen, or when it is needed."""

import threading

import pytest

from cnnviz_gui.app.lanes import LANES
from cnnviz_gui.app.listing import Listing
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.request import Forget, ListNetworks
from cnnviz_gui.core.result import Forgotten, ListedNetworks
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.state.app_state import AppState

ENTRY = CatalogueEntry("net", "Net", "Nets", 10, "here", 224, None, None, 1.0)


class Desk:
    """A worker that is told how to answer."""

    def __init__(self):
        self.asked = []
        self.answer = ListedNetworks(entries=(ENTRY,))
        self.go_on = threading.Event()
        self.go_on.set()
        self.state = AppState()
        self.engine = Engine(lambda say: Kit(self.execute, None, Ready((), "CPU")), LANES)
        self.listing = Listing(self.state, self.engine, self.engine)

    def execute(self, request, session, ctx):
        self.asked.append(type(request))
        self.go_on.wait(10)
        ctx.check()
        if isinstance(request, ListNetworks):
            if isinstance(self.answer, CnnvizError):
                raise self.answer
            return self.answer
        return Forgotten()


@pytest.fixture
def desk(qapp):
    made = Desk()
    yield made
    made.go_on.set()
    made.listing.stop()
    assert made.engine.shutdown(10_000)


def test_what_is_on_screen_comes_first_and_the_catalogue_by_itself(desk, qtbot):
    desk.go_on.clear()
    desk.engine.submit("predict", Forget(), "")
    desk.engine.start()
    qtbot.waitUntil(lambda: desk.asked == [Forget])
    for _ in range(2):
        qtbot.waitSignal(desk.listing._quiet.timeout).wait()
    assert desk.asked == [Forget], "the catalogue waits for what is under way"
    desk.go_on.set()
    qtbot.waitUntil(lambda: desk.listing.known)
    assert desk.asked == [Forget, ListNetworks]
    assert desk.state.shared.catalogue == (ENTRY,)
    desk.engine.submit("predict", Forget(), "")
    qtbot.waitUntil(lambda: desk.asked == [Forget, ListNetworks, Forget])
    qtbot.waitUntil(lambda: not desk.engine.busy)
    assert not desk.listing._quiet.isActive(), "it is read once"


def test_who_needs_it_is_called_when_it_is_there_and_at_once_from_then_on(desk, qtbot):
    calls = []
    desk.engine.start()
    first = calls.append
    desk.listing.when_known(lambda: first("soon"))
    assert not calls
    qtbot.waitUntil(lambda: calls == ["soon"])
    desk.listing.when_known(lambda: first("now"))
    assert calls == ["soon", "now"]


def test_one_that_asks_twice_is_called_once(desk, qtbot):
    calls = []

    def call():
        calls.append(desk.listing.known)

    desk.listing.when_known(call)
    desk.listing.when_known(call)
    desk.engine.start()
    qtbot.waitUntil(lambda: desk.listing.known)
    assert calls == [True]


def test_who_asks_before_the_worker_is_ready_is_the_only_one_to_ask(desk, qtbot):
    desk.listing.refresh()
    desk.engine.start()
    qtbot.waitUntil(lambda: desk.listing.known)
    assert desk.asked == [ListNetworks] and not desk.listing._quiet.isActive()


def test_a_worker_that_takes_over_is_asked_anew(desk, qtbot):
    desk.engine.start()
    qtbot.waitUntil(lambda: desk.listing.known)
    desk.engine.restart()
    qtbot.waitUntil(lambda: desk.asked == [ListNetworks, ListNetworks])


def test_without_torchvision_the_other_networks_are_there_and_it_is_said_why_once(desk, qtbot):
    desk.answer = ListedNetworks(entries=(ENTRY,), problem="It does not fit. Install it anew.")
    desk.engine.start()
    qtbot.waitUntil(lambda: desk.listing.known)
    assert desk.state.shared.catalogue == (ENTRY,)
    notice = desk.state.shared.notice
    assert (notice.level, "does not fit" in notice.text) == ("warning", True)
    desk.state.share(notice=None)
    desk.listing.refresh()
    qtbot.waitUntil(lambda: len(desk.asked) == 2 and not desk.engine.busy)
    assert desk.state.shared.notice is None


@pytest.mark.parametrize("how", ["fails", "is stopped"])
def test_nobody_waits_for_a_catalogue_that_does_not_come(desk, qtbot, how):
    calls = []
    if how == "fails":
        desk.answer = CnnvizError("No.", "Never.")
    desk.engine.start()
    desk.listing.when_known(lambda: calls.append(desk.listing.known))
    if how == "is stopped":
        desk.engine.cancel("catalogue")
    qtbot.waitUntil(lambda: calls == [False])
    assert desk.state.shared.catalogue == ()
    assert (desk.state.shared.notice is not None) == (how == "fails")
    if how == "is stopped":
        qtbot.waitUntil(lambda: desk.listing.known)  # it comes by itself later
        return
    desk.state.share(notice=None)
    desk.listing.when_known(lambda: calls.append(desk.listing.known))
    qtbot.waitUntil(lambda: calls == [False, False])
    assert desk.state.shared.notice is None, "why is told once"
    desk.answer = ListedNetworks(entries=(ENTRY,))
    desk.listing.refresh()
    qtbot.waitUntil(lambda: desk.listing.known)
