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
