import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core import images, listing
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.request import ImageRef


class Recorder(NullContext):
    def __init__(self, stop_at=None):
        self.steps, self.partials, self.stop_at = 0, [], stop_at

    def step(self, done, total):
        self.steps += 1
        if self.stop_at is not None and self.steps > self.stop_at:
            raise Cancelled

    def partial(self, value):
        self.partials.append(value)


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a.jpg", "c.webp", "d.gif", "e.bmp", "f.tif", "g.avif"):
        pixels = np.full((8, 12, 3), 90, np.uint8)
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "page.png").write_text("<html>")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "below").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "below" / "deep.png")
    return tmp_path


def names(listed):
    return [Path(path).name for path in listed.paths]


def test_a_folder_gives_its_pictures_in_order_whatever_their_endings_say(folder):
    listed = listing.list_images((str(folder),), NullContext())
    assert names(listed) == ["a.jpg", "b.png", "c.webp", "d.gif", "e.bmp", "f.tif", "g.avif"]
    assert listed.skipped == ()


def test_which_of_the_paths_are_folders_is_told(folder):
    paths = (str(folder), str(folder / "b.png"), str(folder / "gone"))
    assert listing.list_images(paths, NullContext()).folders == (str(folder),)


def test_a_file_that_was_named_is_never_skipped_in_silence(folder):
    listed = listing.list_images(
        (str(folder / "notes.txt"), str(folder / "b.png"), str(folder / "gone.png")), NullContext()
    )
    assert names(listed) == ["b.png"]
    assert [reason for _, reason in listed.skipped] == [
        "not a picture",
        "No such file or directory",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    listed = listing.list_images((str(tmp_path / "pipe.png"),), NullContext())
    assert listed.skipped[0][1] == "not a regular file"


def test_listing_stops_at_the_limit_and_says_so(folder, monkeypatch):
    monkeypatch.setattr(listing, "MAX_IMAGES", 3)
    listed = listing.list_images((str(folder),), NullContext())
    assert len(listed.paths) == 3
    assert listed.truncated


def test_a_folder_is_listed_as_people_count(tmp_path):
    counted = ("View 2.png", "view 9.png", "view 10.png", "view 10b.png", "ärger 1.png")
    for name in counted:
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    assert names(listing.list_images((str(tmp_path),), NullContext())) == list(counted)


def test_folders_in_folders_are_looked_into_when_asked_for(folder):
    Image.new("RGB", (4, 4)).save(folder / "below" / "a.jpg")
    listed = listing.in_folder(str(folder), NullContext(), nested=True)
    assert names(listed)[-3:] == ["g.avif", "a.jpg", "deep.png"]
    assert len(set(listed.paths)) == 9, "two bear one name"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_lead_in_a_circle_are_followed_once(folder):
    (folder / "below" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "below" / "self").symlink_to(folder / "below", target_is_directory=True)
    listed = listing.in_folder(str(folder), NullContext(), nested=True)
    assert names(listed)[-2:] == ["g.avif", "deep.png"] and len(listed.paths) == 8


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_cannot_be_read_is_listed_for_somebody_who_says_so(folder):
    (folder / "aa.png").symlink_to(folder / "gone.png")
    (folder / "notes").symlink_to(folder / "gone")
    assert names(listing.in_folder(str(folder), NullContext(), unread=True))[:2] == [
        "a.jpg",
        "aa.png",
    ]
    assert "aa.png" not in names(listing.in_folder(str(folder), NullContext()))


def test_what_holds_something_else_than_its_name_says_is_listed_for_somebody_too(folder):
    (folder / "text.png").write_text("no picture")
    (folder / "._a.jpg").write_bytes(bytes(40))  # left by a system beside the picture
    listed = names(listing.in_folder(str(folder), NullContext(), unread=True))
    assert {"text.png", "empty.png"} <= set(listed) and "._a.jpg" not in listed
    assert "text.png" not in names(listing.in_folder(str(folder), NullContext()))


def test_listing_can_be_cancelled(folder):
    with pytest.raises(Cancelled):
        listing.list_images((str(folder),), Recorder(stop_at=0))


def test_a_picture_that_is_at_hand_is_not_read_again_for_its_thumbnail(folder):
    ref = ImageRef(path=str(folder / "a.jpg"))
    kept = images.load(ref)
    Path(ref.path).unlink()
    sheet = listing.make_thumbnails((ref,), NullContext(), {ref: kept}.get)
    assert not sheet.failed and sheet.thumbnails[0][2] == "12 × 8"


def test_thumbnails_stream_and_tell_what_cannot_be_read(folder):
    ctx = Recorder()
    refs = tuple(ImageRef(path=str(folder / n)) for n in ("a.jpg", "empty.png", "b.png"))
    sheet = listing.make_thumbnails(refs, ctx)
    assert [Path(path).name for path, _, _ in sheet.thumbnails] == ["a.jpg", "b.png"]
    assert [len(partial.thumbnails) for partial in ctx.partials] == [1, 2]
    ((path, reason),) = sheet.failed
    assert (path, reason) == (
        refs[1].path,
        "empty.png is empty. Fetch or save the picture again.",
    )
    _, pixels, caption = sheet.thumbnails[0]
    assert pixels.shape == (96, 96, 3)
    assert not pixels.flags.writeable
    assert caption == "12 × 8"
