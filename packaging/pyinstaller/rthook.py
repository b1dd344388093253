"""Runs before the program in a bundle: nothing from outside may replace what is inside."""

import os
import site
import sys

os.environ["QT_API"] = "pyside6"
# Plug-ins of another Qt, set for a desktop or another program, would be loaded into this one.
for name in ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"):
    if not os.environ.get(name, "").startswith(sys._MEIPASS):  # type: ignore[attr-defined]
        os.environ.pop(name, None)
site.ENABLE_USER_SITE = False
