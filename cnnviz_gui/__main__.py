"""``python -m cnnviz_gui`` opens the window."""

from __future__ import annotations

import sys

from cnnviz_gui.app.bootstrap import run

if __name__ == "__main__":
    sys.exit(run())
