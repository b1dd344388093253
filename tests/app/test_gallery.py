"""The gallery with an engine that only notes what it is asked."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.core.request import FetchImage, ImageRef, ListImages, ModelRef, OpenImage
from cnnviz_gui.core.result import FetchedImage, ListedImages, OpenedImage
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.finding import Problem


class Engine:
    def __init__(self):
        self.asked = []

    def submit(self, lane, request, label):
        self.asked.append(request)

    def last(self, kind):
        return next((r for r in reversed(self.asked) if isinstance(r, kind)), None)


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def gallery(state, engine, tmp_path):
    return Gallery(state, engine, tmp_path)


def listed(*paths, skipped=()):
    return ListedImages(paths=paths, skipped=tuple(skipped), truncated=False)


def strip(state):
    return [entry.ref.path for entry in state.shared.strip]


def test_a_slow_folder_does_not_push_away_the_picture_chosen_later(gallery, engine, state):
    gallery.open_paths(["folder"])
    folder = engine.last(ListImages)
    gallery.open(ImageRef(path="chosen.png"))
    opened = OpenedImage(
        path="chosen.png", sha256="1", width=4, height=4, frames=1, format="PNG",
        thumbnail=np.zeros((4, 4, 3), np.uint8),
    )  # fmt: skip
    gallery.on_finished(engine.last(OpenImage), opened)
    gallery.on_finished(folder, listed("a.png", "b.png"))
    assert engine.last(OpenImage).image.path == "chosen.png"
    assert state.selection.image.path == "chosen.png"
    assert strip(state) == ["chosen.png", "a.png", "b.png"]


def test_the_maps_of_a_folder_that_is_opened_alone_are_shown(gallery, engine, state):
    found = dataclasses.replace(listed("f/a.png", "f/b.png"), folders=("f",))
    state.show(folder_words="cat", folder_class=3)
    gallery.open_paths(["f"])
    gallery.on_finished(engine.last(ListImages), found)
    assert (state.selection.folder, state.selection.stage) == ("f", "heatmaps")
    assert state.display.heatmap_view == "folder" and strip(state) == ["f/a.png", "f/b.png"]
    assert (state.display.folder_words, state.display.folder_class) == ("", None), "of another"
    assert engine.last(OpenImage).image.path == "f/a.png"


def test_on_the_page_of_attacks_a_folder_is_one_to_attack(gallery, engine, state):
    state.select(stage="attack")
    gallery.open_paths(["f"])
    found = dataclasses.replace(listed("f/a.png", "f/b.png"), folders=("f",))
    gallery.on_finished(engine.last(ListImages), found)
    assert (state.selection.folder, state.selection.stage) == ("f", "attack")
    assert state.display.attack_view == "folder" and state.display.heatmap_view == "map"
    assert state.selection.attack_folder is None, "nothing begins by itself"


@pytest.mark.parametrize("stage", ["attack", "heatmaps"])
def test_where_folders_are_looked_at_another_one_leaves_the_picture(gallery, engine, state, stage):
    found = dataclasses.replace(listed("f/a.png", "f/b.png"), folders=("f",))
    state.select(stage=stage)
    state.show(**{"attack_view" if stage == "attack" else "heatmap_view": "folder"})
    gallery.open_paths(["f"])
    gallery.on_finished(engine.last(ListImages), found)
    assert engine.last(OpenImage).image.path == "f/a.png", "none was open"
    state.select(image=ImageRef(path="mine.png"))
    gallery.open_paths(["g"])
    other = dataclasses.replace(listed("g/c.png"), folders=("g",))
    gallery.on_finished(engine.last(ListImages), other)
    assert state.selection.folder == "g" and state.selection.image.path == "mine.png"
    assert engine.last(OpenImage).image.path == "f/a.png" and gallery.wanted == "mine.png"
    assert strip(state) == ["f/a.png", "f/b.png"], "it is looked at, and no picture of it opened"
    gallery.open_paths(["h/d.png"])
    gallery.on_finished(engine.last(ListImages), listed("h/d.png"))
    assert engine.last(OpenImage).image.path == "h/d.png", "a picture is opened as ever"


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["f", "c.png"], ("f/a.png", "c.png")),
        (["f"], ()),
        (["c.png"], ("c.png",)),
    ],
)
def test_what_is_no_folder_of_pictures_shows_no_maps_of_one(gallery, engine, state, paths, found):
    folders = ("f",) if "f" in paths else ()
    gallery.open_paths(paths)
    answer = dataclasses.replace(listed(*found), folders=folders)
    gallery.on_finished(engine.last(ListImages), answer)
    assert state.selection.folder == "" and state.display.heatmap_view == "map"


def test_a_folder_that_is_found_late_shows_no_maps(gallery, engine, state):
    gallery.open_paths(["f"])
    asked = engine.last(ListImages)
    gallery.open(ImageRef(path="chosen.png"))
    gallery.on_finished(asked, dataclasses.replace(listed("f/a.png"), folders=("f",)))
    assert state.selection.folder == ""


def test_a_slow_address_does_not_push_away_the_picture_chosen_later(gallery, engine, state):
    gallery.fetch("https://pictures.example/cat.png")
    gallery.open(ImageRef(path="chosen.png"))
    gallery.on_finished(engine.last(FetchImage), FetchedImage(path="fetched.png"))
    assert engine.last(OpenImage).image.path == "chosen.png"
    assert strip(state) == ["fetched.png"]


def test_paths_that_still_wait_are_asked_for_again_behind_the_new_ones(gallery, engine):
    gallery.open_paths(["first.png"])
    gallery.open_paths(["second.png"])
    assert engine.last(ListImages).paths == ("second.png", "first.png")
    gallery.on_finished(engine.last(ListImages), listed("second.png", "first.png"))
    assert engine.last(OpenImage).image.path == "second.png"
    gallery.open_paths(["third.png"])
    assert engine.last(ListImages).paths == ("third.png",)


def test_one_picture_is_counted_as_one(gallery, engine, state):
    gallery.open_paths(["a.png", "notes.txt"])
    gallery.on_finished(
        engine.last(ListImages), listed("a.png", skipped=[("notes.txt", "not a picture")])
    )
    assert state.shared.notice.text.startswith("1 picture opened; 1 skipped")


def test_only_what_the_user_opens_takes_a_notice_away(gallery, engine, state):
    notice = Notice("There is no network 'gone'.", "error")
    state.share(notice=notice)
    gallery.bring(ImageRef(path="sample.png"))
    assert state.shared.notice == notice and state.shared.pending_image == "sample.png"
    gallery.open(ImageRef(path="chosen.png"))
    assert state.shared.notice is None


def test_a_notice_that_came_while_a_folder_was_listed_stays(gallery, engine, state):
    gallery.open_paths(["a.png"])
    notice = Notice("There is no network 'gone'.", "error")
    state.share(notice=notice)
    gallery.on_finished(engine.last(ListImages), listed("a.png"))
    assert engine.last(OpenImage).image.path == "a.png"
    assert state.shared.notice == notice


AWAITED = ImageRef(path="tile.png", reduced=True)


def taken(gallery, ref):
    opened = OpenedImage(
        path=ref.path, sha256="1", width=4, height=4, frames=1, format="PNG",
        thumbnail=np.zeros((4, 4, 3), np.uint8),
    )  # fmt: skip
    gallery.on_finished(OpenImage(image=ref), opened)


def test_the_picture_of_a_tile_is_attacked_once_it_is_open(gallery, state):
    state.select(attack_awaited=AWAITED)
    gallery.open(AWAITED)
    assert not state.selection.attack_started
    taken(gallery, AWAITED)
    assert state.selection.attack_started and state.selection.attack_awaited is None
    taken(gallery, ImageRef(path="other.png"))
    assert not state.selection.attack_started
    taken(gallery, AWAITED)
    assert not state.selection.attack_started, "once"


@pytest.mark.parametrize("ending", ["failed", "stopped", "another", "network"])
def test_what_came_to_nothing_is_not_attacked_later(gallery, state, ending):
    state.select(attack_awaited=AWAITED)
    gallery.open(AWAITED)
    match ending:
        case "failed":
            gallery.on_failed(OpenImage(image=AWAITED), Problem("It is cut off."))
        case "stopped":
            gallery.on_stopped(OpenImage(image=AWAITED))
        case "another":
            gallery.open(ImageRef(path="other.png"))
        case "network":
            state.select(model=ModelRef(name="other"))
    gallery.open(AWAITED)
    taken(gallery, AWAITED)
    assert not state.selection.attack_started
