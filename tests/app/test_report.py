"""Reports tell what helps, and nothing of whose machine it is."""

import dataclasses

import pytest

from cnnviz_gui.app import report, scrubbing
from cnnviz_gui.app.crash_files import Crash
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.chronicle import Entry

HOMES = ("/home/jane.doe", "C:\\Users\\Jane Doe")
NAMES = ("jane.doe", "Jane Doe", "Jane Dö")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('File "/home/jane.doe/x.py", line 3', 'File "~/x.py", line 3'),
        (r"C:\Users\Jane Doe\cat.png", r"~\cat.png"),
        (r"c:\users\jane doe\cat.png", r"~\cat.png"),
        (r"'C:\\Users\\Jane Doe\\cat.png'", r"'~\\cat.png'"),
        ("C:/Users/Jane Doe/cat.png", "~/cat.png"),
        ("file:///C:/Users/Jane%20Doe/cat.png", "file:///~/cat.png"),
        ("file:///home/jane.doe", "file:~"),
        ("owned by jane.doe (Jane Doe)", "owned by ~ (~)"),
        ("/data/jane.doe/cats and /media/JANE.DOE/usb", "/data/~/cats and /media/~/usb"),
        ("photos_Jane%20D%C3%B6.zip", "photos_~.zip"),
        ("/home/other/a, /Users/other/b; /mnt/c/Users/other", "~/a, ~/b; ~"),
        (r"D:\Users\Some One\x and C:\Users\one failed", r"~\x and ~ failed"),
        ("janet.doeb of /homestead/x /usr/home.txt", "janet.doeb of /homestead/x /usr/home.txt"),
    ],
)
def test_home_and_name_are_replaced_in_every_form(text, said):
    assert scrubbing.scrubbed(text, HOMES, NAMES) == said


@pytest.fixture
def jane(monkeypatch):
    for name, value in {"HOME": "/tmp/places/jane", "USER": "jane", "USERPROFILE": ""}.items():
        monkeypatch.setenv(name, value)
    scrubbing._mine.cache_clear()
    yield "/tmp/places/jane"
    scrubbing._mine.cache_clear()


def planted(home, kind):
    """Return a value that gives the home folder away."""
    return [f"{home}/cat.png"] if kind is list else f"{home}/here"


def settings_of(home):
    fields = dataclasses.fields(Settings)
    given = {f.name: planted(home, list) for f in fields if "list" in str(f.type)}
    given |= {f.name: planted(home, str) for f in fields if f.type == "str"}
    return Settings(**given, parameters={"heatmap:rise": {"file": f"{home}/mask"}}, opacity=0.25)


def test_a_report_names_versions_and_the_trace_and_no_home(qapp, jane):
    state = AppState()
    state.share(device=f"CPU of {jane}")
    entry = Entry(
        1, 1, 0.0, "error", f"{jane}/cat.png is cut", f"Job {jane}", f"at {jane}/x.py", count=3
    )
    text = report.of_entry(state, settings_of(jane), (f"ERROR in {jane}/y.py",), entry)
    assert "jane" not in text
    for part in (
        *("cnnviz-gui ", "Python 3", "Qt 6", "torch 2", "torchvision 0", "numpy", "pillow"),
        *("CPU of ~", "available of", "opacity: 0.25", "save_folder: set", "~/cat.png is cut"),
        *("at ~/x.py", "3 times", "ERROR in ~/y.py", "cores"),
    ):
        assert part in text


def test_settings_that_are_paths_are_not_told(jane):
    told = report.told_settings(settings_of(jane))
    words = {name for name in told if name in report._WORDS}
    assert "jane" not in repr({name: value for name, value in told.items() if name not in words})


def test_the_report_of_a_crash_has_its_trace_and_its_log(qapp, jane, tmp_path):
    crash = Crash(tmp_path / "crash-1.txt", f"Segmentation fault\n{jane}/z.py", 0.0, (f"{jane} a",))
    text = report.of_crash(AppState(), Settings(), crash)
    assert "Segmentation fault" in text
    assert "  ~/z.py" in text
    assert "  ~ a" in text
    assert "jane" not in text
