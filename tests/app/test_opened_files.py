"""Files that macOS opens with the program: at its start, and while it runs."""

from __future__ import annotations

import os
import subprocess
import sys

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent

from cnnviz_gui import resources
from cnnviz_gui.app.opened_files import OpenedFiles


def test_files_wait_until_somebody_takes_them():
    opened, taken = OpenedFiles(["/first.png"]), []
    assert opened.hear(QFileOpenEvent("/second.cnnviz"))
    assert opened.hand_over() == ("/first.png", "/second.cnnviz")
    opened.hear(QFileOpenEvent("/third.png"))
    opened.begin(taken.append)
    assert taken == [("/third.png",)]
    opened.hear(QFileOpenEvent(QUrl.fromLocalFile("/Bilder/Kätzchen.png")))
    assert taken[1:] == [("/Bilder/Kätzchen.png",)]
    assert opened.hand_over() == ()


def test_an_address_is_no_file_and_other_events_are_no_business_of_it():
    opened, taken = OpenedFiles(), []
    opened.begin(taken.append)
    assert opened.hear(QFileOpenEvent(QUrl("https://example.org/a.png")))
    assert not opened.hear(QEvent(QEvent.Type.LanguageChange))
    assert not taken


SCRIPT = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QFileOpenEvent
from cnnviz_gui.app import bootstrap, explorer

first, second = sys.argv[1:]
plain, taken = bootstrap.furnish, []

def furnish(window, settings, opened, kept):
    app = QCoreApplication.instance()
    QCoreApplication.sendEvent(app, QFileOpenEvent(first))  # as the Finder does at the start
    plain(window, settings, opened, kept)
    made = kept[0]
    print(made._images, flush=True)
    made.commands.intake._gallery.open_paths = taken.append
    QCoreApplication.sendEvent(app, QFileOpenEvent(second))
    print(taken, flush=True)
    import os
    os._exit(0)

bootstrap.furnish = furnish
bootstrap.main([])
"""


def test_the_program_opens_what_the_system_hands_over(tmp_path):
    first, second = map(str, resources.samples()[:2])
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"))
    own = {name: str(tmp_path) for name in homes}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, first, second],
        env=os.environ | own | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines() == [str((first,)), str([[second]])], done.stderr
