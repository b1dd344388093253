"""A session is checked before anything that it names is looked at."""

import hashlib
import json
import threading

import pytest

from cnnviz_gui.app import session_reading
from cnnviz_gui.app.session_reading import Loaded, Strange
from cnnviz_gui.core import image_checks
from cnnviz_gui.state import session_file
from cnnviz_gui.state.app_state import AppState

GO_ON = threading.Event()


@pytest.fixture
def session(tmp_path):
    def make(pictures, image=None, **settings):
        raw = json.loads(session_file.write(AppState()))
        raw |= {"pictures": pictures, "image": image}
        raw["settings"] |= settings
        path = tmp_path / "work.cnnviz"
        path.write_text(json.dumps(raw))
        return str(path)

    return make


@pytest.fixture
def looked(monkeypatch):
    seen = []
    became = session_reading._became

    def look(path, sums, stop):
        seen.append(path)
        return became(path, sums, stop)

    monkeypatch.setattr(session_reading, "_became", look)
    return seen


def test_only_what_can_be_opened_is_looked_at_and_once(session, looked, tmp_path):
    (tmp_path / "a.png").write_bytes(b"picture")
    path, right = str(tmp_path / "a.png"), hashlib.sha256(b"picture").hexdigest()
    many = [{"path": str(tmp_path / f"{number}.png")} for number in range(3000)]
    given = [{"path": path}, {"path": "b.png"}, {"path": "/\0"}, {"path": "/c", "evil": 1}, 7]
    read = session_reading.read(
        session(given + many, {"path": path, "sha256": right}), False, GO_ON
    )
    assert isinstance(read, Loaded) and path not in read.lost
    assert looked.count(path) == 1 and len(looked) == 2000 - 4
    wrong = {"path": path, "sha256": "0"}
    read = session_reading.read(session([{"path": path, "sha256": right}], wrong), False, GO_ON)
    assert read.lost == {path: "has changed"}


def test_what_is_too_large_for_a_picture_is_not_read(session, tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"picture")
    monkeypatch.setattr(image_checks, "MAX_BYTES", 6)
    path = str(tmp_path / "a.png")
    read = session_reading.read(session([{"path": path, "sha256": "0"}]), False, GO_ON)
    assert read.lost == {path: "is too large"}


def test_reading_ends_where_it_is_told_to(session, looked, tmp_path):
    stop = threading.Event()
    stop.set()
    pictures = [{"path": str(tmp_path / name)} for name in "abc"]
    assert session_reading.read(session(pictures), False, stop) is None
    assert len(looked) == 1


def test_of_other_machines_nothing_is_touched_without_the_users_word(
    session, looked, tmp_path, monkeypatch
):
    far, near = "//evil/share/a.png", str(tmp_path / "a.png")
    monkeypatch.setattr(session_reading, "WINDOWS", True)
    path = session([{"path": far}, {"path": near}], {"path": far}, folder="//worse/share/b")
    found = session_reading.read(path, False, GO_ON)
    assert isinstance(found, Strange) and not looked
    assert found.shares == (r"\\evil\share", r"\\worse\share")
    read = session_reading.go_on(found, False, GO_ON)
    assert looked == [near] and "another machine" in read.lost[far]
    assert "folder" not in read.raw["settings"] and read.left_out == ("folder",)
    assert session_reading.go_on(found, True, GO_ON).raw == found.raw and far in looked
    assert isinstance(session_reading.read(path, True, GO_ON), Loaded), "one's own work"


@pytest.mark.parametrize(
    ("path", "share"),
    [
        (r"C:\a\b.png", ""),
        (r"\\host\share\a.png", r"\\host\share"),
        ("//host/share/a.png", r"\\host\share"),
        (r"\/host\share", r"\\host\share"),
        (r"\\?\UNC\host\share\a", r"\\?\UNC\host\share"),
        (r"\\?\C:\a", ""),
        (r"\\.\pipe\x", r"\\.\pipe"),
        ("/usr/a.png", ""),
    ],
)
def test_a_path_tells_whether_another_machine_is_asked(path, share):
    assert session_reading._share(path) == share
