"""What the bundle's command runs; its name becomes the command's."""

import sys

from cnnviz_gui.cli import main

sys.exit(main())
