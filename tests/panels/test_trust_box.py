"""How far a heat map is to be trusted, as it is shown."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Heatmap, ImageRef
from cnnviz_gui.core.trust_requests import TrustParams
from cnnviz_gui.core.trust_results import Faithfulness, SanityResult, SanityStage, TrustResult
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ComboBox, ElidedLabel, painting
from cnnviz_gui.panels.form_section import trust_section
from cnnviz_gui.panels.heatmaps.trust_box import TrustBox
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.trust_view import LANE, SANITY_LANE, numbers, shown_trust, trust_requests

CAT = Score(0, "cat", 0.9, 1.0)


def curves(deletion, insertion, kept=0.4):
    across = np.linspace(0, 1, 5, dtype=np.float32)
    return Faithfulness(
        deletion=np.stack([across, np.linspace(0.9, 0, 5, dtype=np.float32)]),
        insertion=np.stack([across, np.linspace(0, 0.9, 5, dtype=np.float32)]),
        deletion_area=deletion, insertion_area=insertion, kept=kept, drop=0.5, increase=False,
    )  # fmt: skip


def trust(done=40):
    return TrustResult(
        method="grad-cam", layer="stem", target=CAT, map=curves(0.1, 0.8),
        centre=curves(0.3, 0.6), random=curves(0.4, 0.5), done=done, expected=40,
    )  # fmt: skip


def sanity(stages=2):
    small = np.ones((4, 4), np.float32)
    made = [SanityStage("fc", 1, 0.4, 0.5, small), SanityStage("stem", 2, -0.1, 0.0, small)]
    return SanityResult(
        method="grad-cam", layer="stem", target=CAT, original=small, signed=False,
        stages=tuple(made[:stages]), expected=2,
    )  # fmt: skip


@pytest.fixture
def mapped(state):
    image, model = state.selection.image, state.selection.model
    state.select(stage="heatmaps", heatmap_method="grad-cam")
    state.show(heatmap_view="trust")
    request = Heatmap(model=model, image=image, method="grad-cam", parameters=Params())
    result = HeatmapResult(
        method="grad-cam", layer="stem", target=CAT, map=np.ones((8, 8), np.float32), coarse=None,
        signed=False,
    )  # fmt: skip
    state.found("heatmap", Finding(asked=request).finished(request, result))
    return state


@pytest.fixture
def box(mapped, qtbot):
    made = TrustBox(mapped)
    qtbot.addWidget(made)
    made.resize(800, 900)
    made.show()
    return made


def give(state, lane, result):
    request = trust_requests(state)[lane]
    state.found(lane, Finding(asked=request).finished(request, result))


def test_nothing_is_asked_before_the_map_is_complete_or_out_of_sight(mapped):
    assert set(trust_requests(mapped)) == {LANE}
    mapped.show(heatmap_view="map")
    assert trust_requests(mapped) == {}
    mapped.show(heatmap_view="trust")
    mapped.found("heatmap", dataclasses.replace(mapped.finding("heatmap"), status="partial"))
    assert trust_requests(mapped) == {}


def test_the_curves_of_map_chance_and_centre_are_drawn_and_told(box, mapped):
    give(mapped, LANE, trust())
    for chart in (box.deletion, box.insertion):
        assert [line.name for line in chart._lines] == [
            "this map", "random map", "blob in the centre",
        ]  # fmt: skip
    assert "faster than at random" in box.verdict.accessibleName()
    assert "one picture" in box.verdict.accessibleName(), "what it cannot tell is said"
    assert numbers(trust())[0][1:] == ("0.100", "0.400", "0.300")
    assert [label.text() for label in box._cells[1]][1:] == ["0.100", "0.400", "0.300"]


def test_the_legend_tells_the_areas_and_the_axis_its_name_and_a_round_end(box, mapped):
    give(mapped, LANE, trust())
    for chart, areas in ((box.deletion, (0.1, 0.4, 0.3)), (box.insertion, (0.8, 0.5, 0.6))):
        assert [line.figure for line in chart._lines] == [f"area {area:.3f}" for area in areas]
        assert "this map, area 0." in chart.accessibleDescription()
        assert chart._up == "Probability of cat" and chart._range() == (0.0, 1.0)
        last = [one.up[-1] for one in chart._lines]
        assert len(set(last)) == 1, "what all end at tells none from another"


def test_no_name_of_the_test_is_cut_in_the_form(mapped, qtbot):
    form = trust_section(mapped)
    qtbot.addWidget(form)
    form.resize(theme.RIGHT_DOCK, 400)
    form.show()
    for label in form.findChildren(ElidedLabel):
        assert painting.width_of(label.text(), "body") <= theme.LABEL_COLUMN
    for box in form.findChildren(ComboBox):
        longest = max(painting.width_of(box.itemText(at), "body") for at in range(box.count()))
        assert longest <= box.width() - 44


def test_curves_on_their_way_say_how_far_they_are_and_judge_nothing(box, mapped):
    give(mapped, LANE, trust(done=10))
    assert box._progress.text() == "10 of 40 pictures" and not box.verdict.isVisible()
    nothing = dataclasses.replace(trust(done=10), map=curves(np.nan, np.nan, np.nan))
    assert numbers(nothing)[0][1] == "–" and numbers(nothing)[2][1] == "–"


def test_a_curve_on_its_way_is_drawn_once_more_than_its_ends_are_known(box, mapped):
    ends = np.array([[0, 1], [0.4, 0]], np.float32)
    blob = dataclasses.replace(curves(np.nan, np.nan), deletion=ends, insertion=ends)
    give(mapped, LANE, dataclasses.replace(trust(done=10), random=blob, centre=blob))
    for chart in (box.deletion, box.insertion):
        assert [line.name for line in chart._lines] == ["this map"]
    give(mapped, LANE, dataclasses.replace(trust(), random=blob, centre=blob))
    assert len(box.deletion._lines) == 3, "of a complete curve two points may be all there are"


def test_the_class_that_is_watched_is_said_beside_the_one_it_is_set_against(box, mapped):
    give(mapped, LANE, trust())
    assert box._cells[0][0].text() == "Probability of cat"
    assert "the probability of cat" in box.verdict.accessibleName()
    assert "alone" not in box.verdict.accessibleName()
    finding = mapped.finding("heatmap")
    against = dataclasses.replace(finding.value, against=Score(1, "dog", 0.1, 0.0))
    mapped.found("heatmap", finding.finished(finding.request, against))
    assert "of cat rather than dog, the curves are of cat alone" in box.verdict.accessibleName()


def test_the_numbers_stand_by_their_names_and_the_headings_in_one_line(box, mapped):
    give(mapped, LANE, trust())
    box.layout().activate()

    def left(widget):
        return widget.mapTo(box, widget.rect().topLeft()).x()

    row = box._cells[1]
    assert max(left(label) + label.width() for label in row) < box.width() * 0.75
    assert left(box.header) == left(row[0])


def test_random_weights_are_tried_only_when_asked_for(box, mapped):
    assert SANITY_LANE not in trust_requests(mapped)
    box.check.click()
    assert SANITY_LANE in trust_requests(mapped) and not box.check.isEnabled()
    give(mapped, SANITY_LANE, sanity(stages=1))
    assert box._sanity.accessibleName() == "1 of 2 maps"
    assert box.strip.accessibleDescription() == "trained , fc 0.40"
    give(mapped, SANITY_LANE, sanity())
    assert "depends on what the network has learned" in box._sanity.accessibleName()
    assert box.strip.accessibleDescription().endswith("stem −0.10")


def test_the_check_goes_on_while_another_view_of_its_page_is_in_sight(box, mapped):
    box.check.click()
    give(mapped, SANITY_LANE, sanity(stages=1))
    for view in ("map", "grid", "steps"):
        mapped.show(heatmap_view=view)
        assert set(trust_requests(mapped)) == {SANITY_LANE}
    mapped.select(target=1)
    assert trust_requests(mapped) == {}, "nobody waits for it"
    mapped.select(target=None)
    mapped.select(stage="layers")
    assert trust_requests(mapped) == {}


def test_a_row_that_is_made_anew_is_dimmed(box, mapped):
    box.check.click()
    give(mapped, SANITY_LANE, sanity(stages=1))
    full = box.strip.grab().toImage()
    finding = mapped.finding(SANITY_LANE)
    mapped.found(SANITY_LANE, finding.waiting(finding.request))
    assert box.strip.isVisible() and box.strip.grab().toImage() != full
    give(mapped, SANITY_LANE, sanity(stages=1))
    assert box.strip.grab().toImage() == full


def test_another_map_begins_anew(box, mapped):
    box.check.click()
    give(mapped, LANE, trust())
    finding = mapped.finding("heatmap")
    other = dataclasses.replace(finding.request, target=1)
    mapped.found("heatmap", Finding(asked=other).finished(other, finding.value))
    assert shown_trust(mapped) is None
    assert SANITY_LANE not in trust_requests(mapped), "asked for the other map only"
    assert box.check.isEnabled() and not box.deletion._lines
    mapped.select(image=ImageRef(path="b.png"))
    assert not box.check.isEnabled()


def test_a_failure_says_why(box, mapped):
    request = trust_requests(mapped)[LANE]
    problem = Problem("The map is the same everywhere.", "Choose another.")
    mapped.found(LANE, Finding(asked=request).failed(problem))
    assert box._failure.isVisible()


def test_what_is_seen_can_be_saved(box, mapped):
    assert box.export() is None
    give(mapped, LANE, trust())
    export = box.export()
    assert export.array.shape == (2, 5) and export.picture.shape[2] == 3


def test_how_the_test_is_done_is_chosen_beside_it(mapped, qtbot):
    section = trust_section(mapped)
    qtbot.addWidget(section)
    assert not section.isHidden()
    section.form.row("delete_to").chosen.emit("delete_to", "black")
    assert mapped.selection.trust_parameters.delete_to == "black"
    assert trust_requests(mapped)[LANE].parameters.delete_to == "black"
    section.form.reset()
    assert mapped.selection.trust_parameters == TrustParams()
    mapped.show(heatmap_view="map")
    assert section.isHidden()
