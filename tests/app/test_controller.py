"""The controller with a real engine and a stand-in for the computation: no torch, no window."""

import dataclasses

import pytest
from PySide6.QtCore import QCoreApplication

from cnnviz_gui.app import controller
from cnnviz_gui.core.feature_requests import FeatureSheet
from cnnviz_gui.core.request import (
    Attack,
    Forget,
    Heatmap,
    HeatmapLayers,
    ImageRef,
    ModelRef,
    Sweep,
)
from cnnviz_gui.engine.mailbox import Job, Lane
from cnnviz_gui.state.app_state import Activity
from cnnviz_gui.state.finding import Finding, Problem


def count(bench, kind):
    return sum(isinstance(request, kind) for request in bench.computer.asked)


def test_network_and_picture_lead_to_prediction_and_heat_map(bench, qtbot):
    bench.begin(qtbot)
    assert bench.state.finding("predict").status == "done"
    assert bench.state.selection.image == ImageRef(path="cat.png", sha256="1")
    assert bench.state.shared.facts.name == "net"


def test_the_same_question_is_asked_once(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(target=1)
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 2)
    bench.state.select(target=None)
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").request.target is None)
    assert count(bench, Heatmap) == 2


def test_places_that_a_slider_passes_by_are_not_computed(bench, qtbot, monkeypatch):
    monkeypatch.setattr(controller, "_REST_MS", 1000)
    bench.begin(qtbot)
    bench.state.select(stage="attack")
    bench.state.choose_method("attack", "fgsm")
    bench.state.select(attack_started=True)
    qtbot.waitUntil(lambda: bench.state.finding("attack").status == "done")
    before = count(bench, Attack)
    for place in range(30):
        epsilon = 0.5 + place / 10
        moved = dataclasses.replace(bench.state.selection.attack_parameters, epsilon=epsilon)
        bench.state.select(attack_parameters=moved)
        QCoreApplication.processEvents()
    qtbot.waitUntil(lambda: count(bench, Attack) > before)
    assert count(bench, Attack) == before + 1
    assert bench.state.finding("attack").asked.parameters.epsilon == epsilon


def test_what_may_have_changed_is_asked_each_time(bench, qtbot):
    """Of a sheet there may be more on the disk than there was."""
    bench.begin(qtbot)
    kept = lambda: count(bench, FeatureSheet)  # noqa: E731
    for times in (1, 2):
        bench.state.show(feature_view="sheet")
        bench.state.select(stage="features")
        qtbot.waitUntil(lambda times=times: kept() == times, timeout=10_000)
        bench.state.select(stage="attack")
        qtbot.waitUntil(lambda: "feature-kept" not in bench.controller._asked, timeout=10_000)
    assert all(one.kept_only for one in bench.computer.asked if isinstance(one, FeatureSheet))


def test_a_job_between_two_turns_is_not_told_to_wait(bench, qtbot, monkeypatch):
    bench.begin(qtbot)
    put = ("feature", "feature-second", "sweep")
    jobs = tuple(Job(Lane(lane, 1), at, "", Forget()) for at, lane in enumerate(put))
    monkeypatch.setattr(bench.engine, "waiting", lambda: jobs)
    for lane, waiting in (("feature", 2), ("feature-second", 1)):
        bench.controller._begin(Activity("Picture", lane))
        assert bench.state.shared.waiting == waiting


def test_compute_again_asks_anew(bench, qtbot):
    bench.begin(qtbot)
    bench.controller.compute_again()
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 2)
    kinds = [type(request) for request in bench.computer.asked]
    assert kinds.index(Forget) < max(i for i, kind in enumerate(kinds) if kind is Heatmap)


def test_a_picture_that_cannot_be_read_leaves_everything_and_offers_the_remedy(bench, qtbot):
    bench.begin(qtbot)
    before = bench.state.selection
    bench.gallery.open(ImageRef(path="bad.png"))
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    notice = bench.state.shared.notice
    assert notice.text == "bad.png is cut off after 51 %."
    assert notice.remedy_ref == ImageRef(path="bad.png", partial=True)
    assert bench.state.selection == before
    assert bench.state.finding("heatmap").status == "done"


def test_a_network_that_cannot_be_opened_leaves_the_one_in_use(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(target=1, layer="head")
    before = bench.state.selection
    bench.controller.choose_model(ModelRef(name="bad"))
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    assert "no network 'bad'" in bench.state.shared.notice.text
    assert bench.state.selection == before
    assert bench.state.shared.pending_model is None
    assert bench.state.shared.facts.name == "net"


def test_of_two_networks_chosen_in_haste_the_last_one_wins(bench, qtbot):
    bench.begin(qtbot)
    bench.computer.go_on.clear()
    bench.computer.held.clear()
    bench.controller.choose_model(ModelRef(name="slow"))
    qtbot.waitUntil(bench.computer.held.is_set)
    bench.controller.choose_model(ModelRef(name="last"))
    bench.computer.go_on.set()
    qtbot.waitUntil(lambda: bench.state.selection.model.name == "last")
    assert bench.state.shared.facts.name == "last"


def test_dropping_many_files_opens_the_first_and_says_what_was_skipped(bench, qtbot):
    bench.begin(qtbot)
    bench.gallery.open_paths(["a.png", "b.png", "notes.txt"])
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "a.png")
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    assert "1 skipped, such as notes.txt: not a picture" in bench.state.shared.notice.text
    paths = [entry.ref.path for entry in bench.state.shared.strip]
    assert paths[-2:] == ["a.png", "b.png"]


def test_stepping_through_the_strip_wraps_around(bench, qtbot):
    bench.begin(qtbot)
    bench.gallery.add(["dog.png"])
    bench.gallery.step(1)
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "dog.png")
    bench.gallery.step(1)
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "cat.png")


def test_another_picture_asks_for_its_own_prediction_and_map(bench, qtbot):
    bench.begin(qtbot)
    bench.gallery.open(ImageRef(path="dog.png"))
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 2)
    finding = bench.state.finding("heatmap")
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").request.image.path == "dog.png")
    assert finding is not None


def test_another_network_forgets_all_that_was_found_with_the_old_one(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(stage="layers")
    bench.controller.choose_model(ModelRef(name="other"))
    qtbot.waitUntil(lambda: bench.state.shared.facts.name == "other")
    assert bench.state.finding("heatmap").value is None
    assert not any(job.request.model.name == "net" for job in bench.engine.waiting())


def test_the_activity_shown_is_the_one_that_began_last(bench):
    bench.controller._begin(Activity("Attack", "attack"))
    bench.controller._begin(Activity("Sweep", "sweep"))
    bench.controller._begin(Activity("Attack", "attack"))
    assert bench.state.shared.activity.lane == "attack"
    bench.controller._end("attack")
    assert bench.state.shared.activity.lane == "sweep"


def test_a_cancelled_job_leaves_the_old_answer_marked_as_old(bench, qtbot):
    bench.begin(qtbot)
    finding = bench.state.finding("heatmap")
    assert finding.current
    newer = dataclasses.replace(finding.request, target=1)
    assert not finding.waiting(newer).stopped().current
    assert not finding.waiting(newer).failed(Problem("x")).current


def stopped_sweep(bench, qtbot, found=True):
    """Begin an attack, stop the sweep, and look at another view."""
    bench.begin(qtbot)
    bench.state.choose_method("attack", "fgsm")
    bench.state.select(stage="attack", attack_started=True)
    qtbot.waitUntil(lambda: bench.state.finding("sweep").status == "done")
    done = bench.state.finding("sweep")
    bench.state.found("sweep", (done if found else Finding().waiting(done.request)).stopped())
    bench.state.select(stage="layers")
    bench.controller._reconcile()


@pytest.mark.parametrize("found", [True, False])
def test_what_was_stopped_waits_for_the_user_whatever_is_looked_at_meanwhile(bench, qtbot, found):
    stopped_sweep(bench, qtbot, found)
    bench.state.select(stage="attack")
    bench.controller._reconcile()
    assert bench.state.finding("sweep").halted and count(bench, Sweep) == 1
    bench.controller.resume("sweep")
    qtbot.waitUntil(lambda: bench.state.finding("sweep").status == "done")
    assert count(bench, Sweep) == 2


def test_what_was_stopped_and_is_begun_anew_is_asked_again(bench, qtbot):
    stopped_sweep(bench, qtbot)
    bench.state.select(attack_started=False)
    bench.state.select(stage="attack", attack_started=True)
    qtbot.waitUntil(lambda: bench.state.finding("sweep").status == "done")


@pytest.mark.parametrize("status", ["loading", "partial", "stale"])
def test_what_is_forgotten_is_at_work_no_more(bench, status):
    bench.state.found("feature", Finding(status))
    bench.controller._forget("feature")
    assert not bench.state.finding("feature").at_work
    assert bench.state.finding("feature").waiting(Forget()).at_work, "until it is asked again"


def test_an_observer_that_fails_does_not_starve_the_others(bench):
    class Broken:
        def on_change(self, changes):
            raise ZeroDivisionError

    class Counter:
        seen = 0

        def on_change(self, changes):
            self.seen += 1

    broken, counter = Broken(), Counter()
    bench.state.observe(broken.on_change)
    bench.state.observe(counter.on_change)
    with pytest.raises(ZeroDivisionError):
        bench.state.select(target=9)
    assert counter.seen == 1


def test_a_map_of_many_passes_lets_the_maps_of_every_layer_pass(bench, qtbot):
    bench.begin(qtbot)
    bench.computer.asked.clear()
    bench.state.choose_method("heatmap", "score-cam")
    bench.state.select(target=1)
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 1)
    qtbot.waitUntil(lambda: count(bench, HeatmapLayers) == 1)
    kinds = [type(request) for request in bench.computer.asked]
    assert kinds.index(HeatmapLayers) < kinds.index(Heatmap)


def test_a_class_set_against_leaves_with_its_picture_unless_it_is_likely_there(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(against=1)
    bench.gallery.open(ImageRef(path="dog.png"))
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "dog.png")
    qtbot.waitUntil(lambda: bench.state.selection.against is None)
