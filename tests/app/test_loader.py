"""What takes long to import is imported while the window answers, and nothing of Qt aside."""

import subprocess
import sys

from cnnviz_gui.app.loader import Loader

PROGRAM = """
import sys, threading
from PySide6.QtCore import QCoreApplication, QTimer
from cnnviz_gui.app.loader import Loader
app = QCoreApplication([])
turns = []
often = QTimer(interval=0)
often.timeout.connect(lambda: turns.append(0))
often.start()
loader = Loader()
loader.finished.connect(app.quit)
QTimer.singleShot(0, loader.start)
app.exec()
from PySide6 import QtGui
print(len(turns), "QPainterPath" in vars(QtGui), "numpy" in sys.modules)
"""


def test_classes_of_qt_are_made_a_few_at_a_time():
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    turns, *made = ran.stdout.split()
    assert int(turns) > 3 and made == ["True", "True"]


def test_one_that_is_not_waited_for_ends_at_once(qtbot):
    loader = Loader()
    with qtbot.waitSignal(loader.finished):
        loader.start()
        assert loader.wait(20_000)
