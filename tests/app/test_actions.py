"""The table of actions."""

from collections import Counter

from PySide6.QtGui import QKeySequence

from cnnviz_gui.app.actions import SPECS
from cnnviz_gui.app.commands import Commands


def test_no_two_actions_share_a_key():
    keys = Counter(QKeySequence(spec.shortcut).toString() for spec in SPECS if spec.shortcut)
    assert "" not in keys
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_action_has_a_handler():
    assert [spec.handler for spec in SPECS if not hasattr(Commands, f"on_{spec.handler}")] == []
