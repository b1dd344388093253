"""The gallery with an engine that only notes what it is asked."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.core.request import (
    FetchImage,
    ImageRef,
    ListImages,
    ModelRef,
    OpenImage,
    Thumbnails,
)
from cnnviz_gui.core.result import FetchedImage, ListedImages, OpenedImage, ThumbnailSheet
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.finding import Problem


class Engine:
    def __init__(self):
        self.asked = []

    def submit(self, lane, request, label, *, behind=""):
        self.asked.append(request)
        self.behind = behind

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
    assert state.shared.notice is None, "it is being read"
    taken(gallery, ImageRef(path="a.png"))
    assert state.shared.notice.text.startswith("1 picture opened; 1 skipped")


@pytest.mark.parametrize(
    ("paths", "counted"),
    [(("x.png",), "0 pictures opened, 1 cannot be read"), (("x.png", "b.png"), "2 pictures added")],
)
def test_what_came_with_a_picture_that_cannot_be_read_is_told_with_it(
    gallery, engine, state, paths, counted
):
    gallery.open_paths([*paths, "notes.txt"])
    skipped = [("notes.txt", "not a picture")]
    gallery.on_finished(engine.last(ListImages), listed(*paths, skipped=skipped))
    gallery.on_failed(engine.last(OpenImage), DAMAGED)
    summary, error = state.shared.notices
    assert summary.text == f"{counted}; 1 skipped, such as notes.txt: not a picture."
    assert summary.level == "warning" and "notes.txt: not a picture" in summary.details
    assert error.text == "It is cut off. Fetch it again."
    assert (error.level, error.remedy) == ("error", "Open what is there")
    assert state.shared.strip[0].problem == "It is cut off. Fetch it again."
    gallery.open(error.remedy_ref)
    assert not state.shared.notices, "it can be read in part"


@pytest.mark.parametrize("ending", ["stopped", "another"])
def test_what_was_added_is_told_though_its_first_picture_is_not_read(
    gallery, engine, state, ending
):
    gallery.open_paths(["a.png", "b.png", "notes.txt"])
    skipped = [("notes.txt", "not a picture")]
    gallery.on_finished(engine.last(ListImages), listed("a.png", "b.png", skipped=skipped))
    if ending == "stopped":
        gallery.on_stopped(engine.last(OpenImage))
    else:
        gallery.open(ImageRef(path="b.png"))
    said = "2 pictures added; 1 skipped, such as notes.txt: not a picture."
    assert state.shared.notice.text == said


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


DAMAGED = Problem("It is cut off.", "Fetch it again.", "partial")


def put_together(gallery, engine, *paths):
    """Open pictures in one go; the first is looked at."""
    gallery.open_paths(list(paths))
    gallery.on_finished(engine.last(ListImages), listed(*paths))
    taken(gallery, ImageRef(path=paths[0]))


def sheet(*paths, failed=()):
    pixels = np.zeros((4, 4, 3), np.uint8)
    return ThumbnailSheet(
        thumbnails=tuple((path, pixels, "4 × 4") for path in paths), failed=tuple(failed)
    )


def answer(gallery, engine, value):
    gallery.on_finished(engine.last(Thumbnails), value)


@pytest.mark.parametrize(("by", "at"), [(1, "b.png"), (-1, "e.png")])
def test_stepping_goes_over_what_is_known_to_be_unreadable(gallery, engine, state, by, at):
    put_together(gallery, engine, "a.png", "x.png", "b.png", "e.png", "y.png")
    bad = [("x.png", "x is damaged."), ("y.png", "y is damaged.")]
    answer(gallery, engine, sheet("b.png", "e.png", failed=bad))
    gallery.step(by)
    assert engine.last(OpenImage).image.path == at


def test_stepping_goes_on_when_a_picture_turns_out_unreadable(gallery, engine, state):
    put_together(gallery, engine, "a.png", "x.png", "y.png", "b.png")
    gallery.step(1)
    for path in ("x.png", "y.png"):
        assert engine.last(OpenImage).image.path == path
        gallery.on_failed(engine.last(OpenImage), DAMAGED)
    assert engine.last(OpenImage).image.path == "b.png"
    taken(gallery, ImageRef(path="b.png"))
    assert state.selection.image.path == "b.png"
    assert state.shared.notice.text == "It is cut off. Fetch it again.", "told while going by"
    asked = len(engine.asked)
    gallery.step(-1)
    assert engine.last(OpenImage).image.path == "a.png" and len(engine.asked) == asked + 1
    assert state.shared.notice is None, "and once"


def test_where_nothing_else_can_be_read_stepping_ends(gallery, engine, state):
    put_together(gallery, engine, "a.png", "x.png")
    gallery.step(1)
    gallery.on_failed(engine.last(OpenImage), DAMAGED)
    assert engine.last(OpenImage).image.path == "x.png" and state.shared.pending_image == ""


def test_a_picture_that_is_chosen_itself_tells_its_reason_and_leads_nowhere(gallery, engine, state):
    put_together(gallery, engine, "a.png", "x.png", "b.png")
    answer(gallery, engine, sheet("b.png", failed=[("x.png", "It is cut off.")]))
    gallery.step(1)
    gallery.open(ImageRef(path="x.png"))
    gallery.on_failed(engine.last(OpenImage), DAMAGED)
    assert engine.last(OpenImage).image.path == "x.png"
    assert state.shared.notice.remedy_ref == ImageRef(path="x.png", partial=True)
    gallery.open(state.shared.notice.remedy_ref)
    taken(gallery, ImageRef(path="x.png", partial=True))
    assert not any(entry.problem for entry in state.shared.strip), "what is there is open"


@pytest.mark.parametrize("late", [False, True])
def test_how_many_cannot_be_read_is_told_once_it_is_known(gallery, engine, state, late):
    put_together(gallery, engine, "a.png", "x.png", "b.png", "y.png")
    assert state.shared.notice.text == "4 pictures added."
    bad = [("x.png", "x is damaged."), ("y.png", "y is damaged.")]
    if late:
        gallery.on_partial(engine.last(Thumbnails), sheet("b.png", failed=bad[:1]))
        assert state.shared.notice.text == "4 pictures added."
    answer(gallery, engine, sheet("b.png", failed=bad))
    notice = state.shared.notice
    assert (notice.text, notice.level) == ("2 pictures opened, 2 cannot be read.", "warning")
    assert notice.details == "x is damaged.\ny is damaged."


def test_the_count_pushes_no_other_notice_away(gallery, engine, state):
    put_together(gallery, engine, "a.png", "x.png")
    other = Notice("There is no network 'gone'.", "error")
    state.share(notice=other)
    answer(gallery, engine, sheet(failed=[("x.png", "x is damaged.")]))
    assert state.shared.notice is other


def test_what_is_opened_once_more_is_read_once_more(gallery, engine, state):
    put_together(gallery, engine, "a.png", "x.png")
    answer(gallery, engine, sheet(failed=[("x.png", "x is damaged.")]))
    gallery.add(["x.png"])
    assert engine.last(Thumbnails).images == (ImageRef(path="x.png"),)


def test_of_many_thumbnails_those_in_sight_come_first_and_the_others_behind_all(gallery, engine):
    many = [f"{number}.png" for number in range(40)]
    gallery.add(many)
    first = engine.last(Thumbnails).images
    assert [ref.path for ref in first] == many[:16] and not engine.behind
    answer(gallery, engine, sheet(*many[:16]))
    assert [ref.path for ref in engine.last(Thumbnails).images] == many[16:]
    assert engine.behind == "device"


def test_the_picture_in_use_and_its_neighbours_get_their_thumbnails_first(gallery, engine, state):
    refs = [ImageRef(path=f"{number}.png") for number in range(40)]
    state.select(image=refs[30])
    gallery.lay_out(refs)
    assert [ref.path for ref in engine.last(Thumbnails).images[:3]] == [
        "30.png", "29.png", "31.png",
    ]  # fmt: skip
