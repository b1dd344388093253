"""How far a heat map is to be trusted: what is asked and what is said. Pure functions."""

from __future__ import annotations

import math

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import trust_words
from cnnviz_gui.core.request import Heatmap, Request
from cnnviz_gui.core.trust_requests import Sanity, Trust
from cnnviz_gui.core.trust_results import SanityResult, TrustResult
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_view import complete_request, of_class, shown_map
from cnnviz_gui.texts import tr

LANE, SANITY_LANE = "trust", "sanity"
Row = tuple[str, str, str, str]


def trust_requests(state: AppState) -> dict[str, Request]:
    """Return the requests about the map on screen, once that is complete.

    The check takes long: once begun it goes on while another view of the page is in sight.
    """
    asked, selection = complete_map(state), state.selection
    wanted: dict[str, Request] = {}
    if asked is not None:
        wanted[LANE] = Trust(heatmap=asked, parameters=selection.trust_parameters)
    checked = selection.sanity_of
    if checked is not None and checked == complete_request(state) and _still_chosen(checked, state):
        wanted[SANITY_LANE] = Sanity(heatmap=checked)
    return wanted


def complete_map(state: AppState) -> Heatmap | None:
    """Return what made the map on screen, while trust in it is looked at and it is complete."""
    return complete_request(state) if state.display.heatmap_view == "trust" else None


def _still_chosen(asked: Heatmap, state: AppState) -> bool:
    """Tell whether a map is of the method and class in use; other views ask for no such map."""
    selection = state.selection
    return (asked.method, asked.target) == (selection.heatmap_method, selection.target)


def shown_trust(state: AppState) -> TrustResult | None:
    """Return the curves of the map on screen, for whatever settings they were found last."""
    finding, shown = state.finding(LANE), shown_map(state)
    request, value = finding.request, finding.value
    if shown is None or not isinstance(request, Trust) or not isinstance(value, TrustResult):
        return None
    return value if request.heatmap == shown.request else None


def shown_sanity(state: AppState) -> SanityResult | None:
    """Return the maps of random weights of the map on screen."""
    finding, shown = state.finding(SANITY_LANE), shown_map(state)
    request, value = finding.request, finding.value
    if shown is None or not isinstance(request, Sanity) or not isinstance(value, SanityResult):
        return None
    return value if request.heatmap == shown.request else None


def watched(state: AppState) -> str:
    """Return whose probability the curves are."""
    found = shown_trust(state)
    return (
        tr("Probability")
        if found is None
        else tr("Probability of {label}", label=found.target.label)
    )


def numbers(result: TrustResult) -> list[Row]:
    """Return the table: what is measured, then of the map, of random ones, of the blob."""
    known = (result.map, result.random, result.centre)
    areas = [(tr("Area under deletion, small is good"), [one.deletion_area for one in known])]
    areas += [(tr("Area under insertion, large is good"), [one.insertion_area for one in known])]
    rows: list[Row] = []
    for name, values in areas:
        first, second, third = (_area(value) for value in values)
        rows.append((name, first, second, third))
    drops = ["–" if math.isnan(one.kept) else fmt.percent(one.drop) for one in known]
    rows.append((tr("Drop where only the map is shown"), drops[0], drops[1], drops[2]))
    return rows


def verdict(state: AppState) -> str:
    """Return what the curves mean, whose they are, and that one picture is not many."""
    found, shown = shown_trust(state), shown_map(state)
    said = trust_words.verdict(found) if found is not None else ""
    if found is None or shown is None or not said:
        return ""
    if shown.result.class_free:
        more = tr("The map ignores the class, the curves are of {label}.", label=found.target.label)
        said = f"{said} {more}"
    elif shown.result.against is not None:
        label = found.target.label
        more = tr(
            "The map is of {explained}, the curves are of {label} alone.",
            explained=of_class(shown.result),
            label=label,
        )
        said = f"{said} {more}"
    return f"{said} {trust_words.CAVEAT}"


def progress(state: AppState) -> str:
    """Return how far the curves are, or why there are none yet; empty once they are complete."""
    found = shown_trust(state)
    if found is not None and not found.complete:
        return tr(
            "{done} of {total} pictures",
            done=fmt.count(found.done),
            total=fmt.count(found.expected),
        )
    if found is None and state.finding("heatmap").status in ("partial", "stopped"):
        return tr("The curves begin once the map is complete.")
    return ""


def sanity_verdict(state: AppState) -> str:
    """Return what the maps of random weights mean, or how far they are."""
    found = shown_sanity(state)
    if found is None:
        return ""
    if len(found.stages) < found.expected:
        return tr("{done} of {total} maps", done=len(found.stages), total=found.expected)
    return trust_words.sanity_verdict(found)


def _area(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
