"""Edits as the panels change and name them."""

from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.state import edits_view


def silent(channel, layer="a"):
    return ChannelEdit(layer=layer, channel=channel)


def test_a_factor_is_set_changed_and_taken_out_in_its_place():
    edits = edits_view.with_factor((), "a", 3, 0.0)
    edits = edits_view.with_factor(edits, "b", 3, 1.5)
    assert edits_view.factor_of(edits, "a", 3) == 0.0
    assert edits_view.factor_of(edits, "b", 3) == 1.5
    assert edits_view.factor_of(edits, "a", 4) == 1.0
    edits = edits_view.with_factor(edits, "a", 3, 0.5)
    assert [(e.layer, e.factor) for e in edits] == [("a", 0.5), ("b", 1.5)]
    assert edits_view.with_factor(edits, "a", 3, 1.0) == edits[1:]
    assert edits_view.with_factor((), "a", 3, 1.0) == ()


def test_channels_are_silenced_besides_those_that_are():
    edits = edits_view.silenced((silent(1),), "a", (1, 2))
    assert edits == (silent(1), silent(2))


def test_words_tell_what_was_done():
    scaled = ChannelEdit(layer="a", channel=9, factor=1.5)
    assert edits_view.words((silent(1),)) == "1 channel silenced"
    assert edits_view.words((silent(1), silent(2))) == "2 channels silenced"
    assert edits_view.words((scaled,)) == "1 channel scaled"
    assert edits_view.words((scaled, silent(1))) == "2 channels edited"
    assert edits_view.said(silent(1)) == "silenced"
    assert edits_view.said(scaled) == "× 1.50"
