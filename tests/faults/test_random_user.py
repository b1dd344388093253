"""The random user of ``random_user.py``, for a moment; run that by hand for longer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("random_user.py")
EVENTS = 2000


@pytest.mark.timeout(600)
def test_a_user_who_does_anything_meets_no_error():
    command = [sys.executable, str(PROGRAM), "--events", str(EVENTS), "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=580)
    assert done.stdout, done.stderr[-5000:]
    assert json.loads(done.stdout.splitlines()[-1])["errors"] == []
