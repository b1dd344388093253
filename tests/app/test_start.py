"""What the program has imported when it paints for the first time."""

import os
import subprocess
import sys

SCRIPT = """
import os, sys
from cnnviz_gui.app import bootstrap

def painted(*_):
    print(*sorted({name.partition(".")[0] for name in sys.modules}), flush=True)
    os._exit(0)

bootstrap.furnish = painted
bootstrap.main([])
"""
LATER = {"numpy", "PIL", "torch", "torchvision", "pyqtgraph", "qtawesome"}


def test_nothing_heavy_is_imported_before_the_first_paint():
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    imported = set(done.stdout.split())
    assert "PySide6" in imported
    assert not imported & LATER


ENDING = """
import atexit, sys
from cnnviz_gui.app import bootstrap

class Slow:
    def __del__(self):
        print("put away")

def main():
    atexit.register(print, "at exit")
    return 3

slow = Slow()
bootstrap.main = main
sys.exit(bootstrap.run())
"""


def test_the_process_ends_without_putting_everything_away():
    done = subprocess.run(
        [sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "at exit\n", "")


def test_what_ends_before_the_window_keeps_its_own_status():
    command = [sys.executable, "-m", "cnnviz_gui", "--no-such-option"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "--no-such-option" in done.stderr
