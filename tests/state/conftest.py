"""What texts of the state name: the keys of the actions."""

import cnnviz_gui.app.actions  # noqa: F401 (it tells which keys there are)
