"""What a new user does in the first minutes, with the real mouse and the real keyboard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog

from cnnviz_gui import resources
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.panels.layers.tree_rows import NODE
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.state import layer_view, prediction_view
from cnnviz_gui.state.plan import BEST

pytestmark = pytest.mark.window


def named(explorer, hand, kind, name):
    """Return the visible widget of a kind that screen readers call by that name, once it rests."""

    def found():
        called = (w for w in explorer.window.findChildren(kind) if w.accessibleName() == name)
        return next((w for w in called if w.isVisible()), None)

    hand.wait(found)
    hand.rest(found())
    return found()


def explained(explorer, path):
    """Whether a picture is opened, predicted and explained."""
    image, state = explorer.state.selection.image, explorer.state
    return (
        image is not None
        and image.path == str(path)
        and all(state.finding(lane).status == "done" for lane in ("predict", "heatmap"))
        and state.finding("heatmap").request.image == image
    )


def test_it_starts_with_a_sample_predicted_and_explained(explorer, hand):
    assert explained(explorer, resources.samples()[0])
    scores = explorer.state.finding("predict").value.scores
    assert len(scores) == BEST
    assert "cat" in scores[0].label or "tabby" in scores[0].label
    heat = explorer.state.finding("heatmap").value
    assert heat.target.index == scores[0].index
    assert heat.map.max() > heat.map.min()
    hand.wait(lambda: len(explorer.state.shared.strip) == len(resources.samples()))
    hand.wait(lambda: all(e.thumbnail is not None for e in explorer.state.shared.strip))
    assert explorer.state.shared.notice is None


def test_a_photograph_dropped_anywhere_is_opened(explorer, hand, photograph):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photograph))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(400, 300), copy, mime, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(explorer.window, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(400, 300), copy, mime, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(explorer.window, drop)
    hand.wait(lambda: explained(explorer, photograph))
    assert explorer.state.shared.strip[-1].title == photograph.name


def test_a_picture_in_the_clipboard_of_another_program_is_pasted(
    explorer, hand, photograph, clipboard
):
    clipboard(photograph, "image/png")
    hand.wait(lambda: QGuiApplication.clipboard().mimeData().hasFormat("image/png"))
    hand.press("ctrl+v")
    hand.wait(lambda: "pasted-" in explorer.state.selection.image.path)
    kept = Path(explorer.state.selection.image.path)
    assert kept.read_bytes() == photograph.read_bytes()
    hand.wait(lambda: explained(explorer, kept))


def test_a_photograph_is_opened_by_dialog(explorer, hand, photograph, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(photograph)], ""))
    hand.press("ctrl+o")
    hand.wait(lambda: explained(explorer, photograph))


def test_another_class_is_explained_by_typing_its_name(explorer, hand):
    labels = explorer.state.shared.facts.labels
    first = np.array(explorer.state.finding("heatmap").value.map)
    hand.press("ctrl+t")
    hand.wait(lambda: QApplication.activePopupWidget() is not None)
    hand.type("golden retr")
    popup = explorer.window.prediction._picker.popup
    hand.wait(lambda: popup.search.text() == "golden retr")
    hand.press("Return")
    wanted = labels.index("golden retriever")
    hand.wait(lambda: explorer.state.selection.target == wanted)
    heat = explorer.state.finding
    hand.wait(lambda: heat("heatmap").status == "done" and heat("heatmap").request.target == wanted)
    assert heat("heatmap").value.target.index == wanted
    assert not np.array_equal(heat("heatmap").value.map, first)


def test_dragging_epsilon_attacks_and_the_winner_flips(explorer, hand):
    state = explorer.state
    clean = prediction_view.rows(state)[0].index
    hand.press("ctrl+4")
    hand.wait(lambda: state.selection.stage == "attack")
    plot = named(explorer, hand, EpsilonPlot, "Epsilon")
    assert state.finding("attack").value is None
    start, area = plot.handle_rect().center(), plot.area()
    # At the end of the axis the handle is drawn a little inside: what counts is the way it goes.
    end = start - QPointF(area.rect.width() * 0.1, 0)
    hand.drag(plot, start, end)
    assert state.selection.attack_started
    epsilon = state.selection.attack_parameters.values()["epsilon"]
    assert epsilon == pytest.approx(area.maximum * 0.9, abs=area.maximum * 0.02)

    def attacked():
        finding = state.finding("attack")
        return finding.status == "done" and finding.value.epsilon == epsilon

    hand.wait(attacked)
    assert state.finding("attack").value.success
    assert prediction_view.rows(state)[0].index != clean

    def flip():
        return getattr(state.finding("sweep").value, "first_flip", None)

    hand.wait(lambda: flip() is not None and 0 < flip() <= epsilon)


def test_a_layer_is_chosen_in_the_tree_and_a_channel_in_the_grid(explorer, hand):
    state = explorer.state
    hand.press("ctrl+1")
    hand.wait(lambda: state.finding("layer").status == "done")
    view = explorer.window.layers._view
    row = view.model().index(2, 0)
    view.scrollTo(row)
    hand.click(view.viewport(), view.visualRect(row).center())
    hand.wait(lambda: state.selection.layer == view.currentIndex().data(NODE).layer.name)
    hand.wait(lambda: view.currentIndex() == row)
    hand.wait(
        lambda: (
            state.finding("layer").status == "done"
            and state.finding("layer").request.layer == state.selection.layer
        )
    )
    QApplication.processEvents()  # a layer without filters of its own leaves the maps more room
    grid = named(explorer, hand, TileGrid, "Feature maps")
    wanted = int(layer_view.shown_layer(state).order[3])
    hand.click(grid.viewport(), grid.tile_rect(wanted).center())
    hand.wait(lambda: state.selection.channel == wanted)


def test_a_network_without_weights_opens_untrained_and_says_so(explorer, hand):
    state, window = explorer.state, explorer.window
    hand.press("ctrl+m")
    chooser = explorer.networks.chooser
    hand.wait(lambda: chooser.isVisible() and chooser.search.hasFocus())
    hand.type("resnet18")
    hand.wait(lambda: chooser.current() is not None and chooser.current().entry.name == "resnet18")
    buttons = chooser.card.findChildren(QAbstractButton)
    hand.click(next(b for b in buttons if b.text() == "Open untrained"))
    hand.wait(lambda: state.selection.model.name == "resnet18")
    assert state.selection.model.untrained
    assert not state.shared.facts.trained
    hand.wait(lambda: not chooser.isVisible())
    hand.wait(lambda: window.prediction._untrained.isVisible())
    assert "untrained" in window.top_bar.network.accessibleName()
    hand.wait(lambda: explained(explorer, state.selection.image.path))
    assert state.finding("heatmap").request.model == state.selection.model


def test_the_palette_runs_an_action(explorer, hand):
    assert explorer.state.display.heatmap_layout == "side-by-side"
    hand.press("ctrl+k")
    hand.wait(lambda: QApplication.activePopupWidget() is not None)
    hand.type("overlay or")
    hand.press("Return")
    hand.wait(lambda: explorer.state.display.heatmap_layout == "overlay")
    assert QApplication.activePopupWidget() is None


def test_the_theme_is_switched_everywhere(explorer, hand):
    before = theme.current().name

    def brightness():
        grey = explorer.window.grab().toImage().scaled(64, 64)
        return np.mean([grey.pixelColor(x, y).lightness() for x in range(64) for y in range(64)])

    bright = brightness()
    hand.click(named(explorer, hand, QAbstractButton, "Change between light and dark"))
    hand.wait(lambda: theme.current().name != before)
    hand.wait(lambda: abs(brightness() - bright) > 80)
    assert explorer.settings.scheme == theme.current().name
