"""Words are found as people type them."""

import re

import pytest

from cnnviz_gui.core.text_search import fit, pattern, words


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("gradcam", "Grad-CAM"),
        ("grad cam", "Grad-CAM++"),
        ("Heatmaps", "Show heat maps"),
        ("heat-map", "Heatmaps"),
        ("heat map", "Show heat maps"),
        ("filter", "Layers: Filters"),
        ("filters", "filter, kernel"),
        ("re dark", "Dark theme, restore"),
    ],
)
def test_hyphens_spaces_capitals_and_plurals_make_no_difference(query, text):
    assert fit(query, text)


@pytest.mark.parametrize(
    ("query", "text"), [("cat", "dog"), ("dark cat", "dark"), ("ark mode", "d ark")]
)
def test_every_word_must_occur(query, text):
    assert fit(query, text) == 0


def test_whole_words_count_more_than_beginnings_and_those_more_than_middles():
    texts = ("a map here", "a mapping here", "a bitmap here")
    scores = [fit("map", text) for text in texts]
    assert scores == sorted(set(scores), reverse=True)
    assert fit("map", texts[2], middles=False) == 0


@pytest.mark.parametrize(
    ("query", "text", "hits"),
    [
        ("heatmaps", "Heat maps, a heat map, heat-map, heatmap.", 4),
        ("gradcam", "Grad-CAM and Grad-CAM++", 2),
        ("grad-cam", "Grad-CAM and gradcam", 2),
        ("format", "for mathematics; for matters", 0),
        ("loss", "close", 0),
        ("c++", "c++", 1),
    ],
)
def test_in_running_text_parts_of_a_compound_are_whole_words(query, text, hits):
    (word,) = words(query)
    assert len(re.findall(pattern(word), text, re.IGNORECASE)) == hits
