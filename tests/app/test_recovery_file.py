"""The file of a running program is whole at any moment, and belongs to it alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz_gui.app import recovery_file
from cnnviz_gui.app.recovery_file import RecoveryFile

KILLED = """
import json, os, random, signal, sys
from pathlib import Path
from cnnviz_gui.app import recovery_file
from cnnviz_gui.core import files  # loaded once, before the processes part
folder, chance = Path(sys.argv[1]), random.Random(7)
assert "torch" not in sys.modules
seen = []
for _ in range(30):
    heard, told = os.pipe()
    child = os.fork()
    if not child:
        file = recovery_file.RecoveryFile(folder)
        for number in range(10**6):
            os.write(told, b".")
            file.write(json.dumps([number] * chance.choice((1, 20_000))).encode())
    os.close(told)
    for _ in range(chance.randrange(2, 12)):
        os.read(heard, 1)
    for _ in range(chance.randrange(20_000)):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(heard)
    (left,) = recovery_file.left(folder)
    numbers = set(json.loads(left.read_bytes()))
    assert len(numbers) == 1
    seen += numbers
    recovery_file.remove(left)
    assert not any(folder.iterdir())
print(len(seen))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert ended.stdout == "30\n", ended.stderr


def test_the_file_of_a_process_that_lives_is_not_taken(tmp_path):
    first, second = RecoveryFile(tmp_path), RecoveryFile(tmp_path)
    assert first.write(b"1") and second.write(b"2") and first.write(b"3")
    assert recovery_file.left(tmp_path) == ()
    assert (first.path.read_bytes(), second.path.read_bytes()) == (b"3", b"2")
    first.close()
    assert not first.path.exists() and second.path.exists()
    assert not first.write(b"4")
    second.close()
    assert not any(tmp_path.iterdir())


def test_the_newest_that_was_left_comes_first_and_not_all_are_kept(tmp_path):
    for number in range(25):
        path = tmp_path / f"1-{number}" / "session.cnnviz"
        path.parent.mkdir()
        path.write_text(json.dumps(number))
        os.utime(path, (number, number))
    found = recovery_file.left(tmp_path)
    assert [json.loads(path.read_text()) for path in found] == [*range(24, 4, -1)]
    assert recovery_file.left(tmp_path) == found


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path):
    (tmp_path / "taken").write_text("")
    file = RecoveryFile(tmp_path / "taken")
    assert not file.write(b"1")
    file.close()
    assert recovery_file.left(tmp_path / "taken") == () == recovery_file.left(tmp_path / "none")
