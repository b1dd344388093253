"""What the bundle's window program runs; its name becomes the program's."""

import sys

from cnnviz_gui.app.bootstrap import run

sys.exit(run())
