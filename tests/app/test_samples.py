"""The sample pictures on the strip, with an engine that only notes what it is asked."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui import resources
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.samples import Samples
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import ImageRef, OpenImage
from cnnviz_gui.core.result import OpenedImage
from cnnviz_gui.state.app_state import AppState

PHOTOGRAPHS = [str(path) for path in resources.samples()]
DIGITS = [str(path) for path in resources.digits()]
COLOUR = ModelFacts(
    "net", "Net", "Nets", True, "here", 224, 256, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, (), "", True,
)  # fmt: skip
GREY = dataclasses.replace(COLOUR, name="lenet5", input_size=32, channels=1)


class Engine:
    def __init__(self):
        self.asked = []

    def submit(self, lane, request, label, *, behind=""):
        self.asked.append(request)


class Desk:
    """A gallery whose pictures can all be read."""

    def __init__(self, folder, facts=None):
        self.engine, self.state = Engine(), AppState()
        self.gallery = Gallery(self.state, self.engine, folder)
        if facts is not None:
            self.state.share(facts=facts)
        self.samples = Samples(self.state, self.gallery)

    @property
    def strip(self):
        return [entry.ref.path for entry in self.state.shared.strip]

    @property
    def asked(self):
        return [
            request.image.path for request in self.engine.asked if isinstance(request, OpenImage)
        ]

    def read(self):
        """Answer the last wish for a picture."""
        path = self.asked[-1]
        opened = OpenedImage(
            path=path, sha256="1", width=4, height=4, frames=1, format="PNG",
            thumbnail=np.zeros((4, 4, 3), np.uint8),
        )  # fmt: skip
        request = next(r for r in reversed(self.engine.asked) if isinstance(r, OpenImage))
        self.gallery.on_finished(request, opened)


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path, COLOUR)
    desk.samples.open_first()
    desk.read()
    return desk


def test_a_network_that_reads_colours_has_photographs(desk):
    assert desk.strip == PHOTOGRAPHS
    assert desk.state.selection.image.path == PHOTOGRAPHS[0]


def test_lenet_brings_the_digits_and_opens_the_first(desk):
    desk.state.share(facts=GREY)
    assert desk.strip == DIGITS + PHOTOGRAPHS
    assert desk.asked == [PHOTOGRAPHS[0], DIGITS[0]]
    desk.read()
    assert desk.state.selection.image.path == DIGITS[0]


def test_the_digits_leave_with_it(desk):
    desk.state.share(facts=GREY)
    desk.read()
    desk.state.share(facts=COLOUR)
    assert desk.strip == PHOTOGRAPHS
    assert desk.asked[-1] == PHOTOGRAPHS[0]


def test_a_picture_of_ones_own_stays(desk):
    desk.gallery.open(ImageRef(path="own.png"))
    desk.read()
    desk.state.share(facts=GREY)
    assert desk.asked[-1] == "own.png" and desk.strip[0] == DIGITS[0]
    desk.state.share(facts=COLOUR)
    assert desk.state.selection.image.path == "own.png"
    assert desk.strip == [*PHOTOGRAPHS, "own.png"]


@pytest.mark.parametrize("wish", ["picture", "folder", "address"])
def test_a_picture_that_is_on_its_way_is_not_pushed_away(desk, wish):
    if wish == "picture":
        desk.gallery.open(ImageRef(path="own.png"))
    elif wish == "folder":
        desk.gallery.open_paths(["folder"])
    else:
        desk.gallery.fetch("https://pictures.example/cat.png")
    desk.state.share(facts=GREY)
    assert DIGITS[0] not in desk.asked


def test_another_network_of_the_kind_changes_nothing(desk):
    desk.state.share(facts=GREY)
    desk.read()
    desk.gallery.open(ImageRef(path=DIGITS[7]))
    desk.read()
    desk.state.share(facts=dataclasses.replace(GREY, name="mine", input_size=28))
    assert desk.asked[-1] == DIGITS[7]


def test_a_large_grey_network_is_not_taken_for_one_that_reads_digits(desk):
    desk.state.share(facts=dataclasses.replace(GREY, input_size=224))
    assert desk.strip == PHOTOGRAPHS


@pytest.mark.parametrize("early", [True, False])
def test_at_the_start_lenet_gets_a_digit_whoever_is_ready_first(tmp_path, early):
    desk = Desk(tmp_path, GREY if early else None)
    desk.samples.open_first()
    if not early:
        assert desk.asked == [PHOTOGRAPHS[0]]
        desk.state.share(facts=GREY)
    assert desk.asked[-1] == DIGITS[0]
    assert desk.strip == DIGITS + PHOTOGRAPHS
