"""A language that is written from the right: the window has its sides changed, and room for all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("mirrored_window.py")


def test_nothing_is_cut_or_covered_or_left_unmirrored() -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    faults = json.loads(ran.stdout)
    assert len(faults) == 5
    assert {kind: told for kind, told in faults.items() if told} == {}
