"""A program that is killed in the midst of saving, and started again; without its computation."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from cnnviz_gui import resources
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.interrupts import Interrupts
from cnnviz_gui.core.params import build
from cnnviz_gui.core.request import ImageRef, ModelRef
from tests.app.test_sessions import computer
home, phase = Path(sys.argv[1]), sys.argv[2]
app = QApplication([])
program = Explorer(
    home / "settings.json", home / "cache", start=computer, recovery=home / "recovery"
)
state, steps = program.state, []
program.show()

def described():
    chosen = state.selection
    return [str(chosen.model), Path(chosen.image.path).name, chosen.stage, chosen.attack_method,
            chosen.attack_parameters.values(), chosen.layer, chosen.target, state.display.opacity]

def work():
    if not program.complete or state.selection.image is None or state.shared.facts is None:
        return
    if not steps:
        steps.append(1)
        program.controller.choose_model(ModelRef(name="lenet5"))
    elif state.selection.model.name == "lenet5" and len(steps) == 1:
        steps.append(2)
        program.gallery.open(ImageRef(path=str(resources.digits()[3])))
    elif len(steps) == 2 and Path(state.selection.image.path).name == resources.digits()[3].name:
        steps.append(3)
        state.choose_method("attack", "fgsm")
        parameters = build(type(state.selection.attack_parameters), {"epsilon": 11.0})
        state.select(stage="attack", attack_parameters=parameters, target=1,
                     layer=state.shared.facts.layers[0].name)
        state.show(opacity=0.33)
        program._recovery.save_now()
        print(json.dumps(described()), flush=True)
        Path.replace = die  # the next save is written, and not yet in its place
        state.show(opacity=0.77)
        program._recovery.save_now()

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def restore():
    if not program.complete:
        return
    notice = state.shared.notice
    if not steps and notice is not None and notice.remedy:
        steps.append(notice.text)
        state.dismiss(notice)
        program.window.stage.remedy_wanted.emit(notice.remedy_ref)
    elif steps and notice is not None and notice.text.startswith("Restored"):
        timer.stop()
        print(json.dumps([steps[0], described(), len(list((home / "recovery").iterdir()))]))
        program.window.close()

timer = QTimer()
timer.timeout.connect(work if phase == "work" else restore)
timer.start(20)
program.over.connect(app.quit)
app.exec()
"""


def begun(home, phase):
    command = [sys.executable, "-c", PROGRAM, str(home), phase]
    env = dict(os.environ, QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1")
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed like this")
def test_the_work_of_a_program_that_is_killed_is_restored(tmp_path):
    with begun(tmp_path, "work") as first:
        done = json.loads(first.stdout.readline())
        assert first.wait(60) == -signal.SIGKILL
    assert done[0] == "lenet5" and done[4]["epsilon"] == 11
    with begun(tmp_path, "restore") as second:
        said, restored, files = json.loads(second.stdout.readline())
    assert said == "The last run ended unexpectedly."
    assert restored == done and files == 1
    kept = [path.name for path in (tmp_path / "recovery").rglob("*")]
    assert sorted(kept)[1:] == ["left.cnnviz"], "it is in no file of the user's: it is kept"
