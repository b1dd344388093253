"""``python -m cnnviz_gui.cli`` is the command ``cnnviz``."""

import sys

from cnnviz_gui.cli.entry import main

sys.exit(main())
