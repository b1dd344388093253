import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from PySide6.QtCore import QCoreApplication
from cnnviz_gui.core.request import ImageRef, OpenImage
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.mailbox import lanes_in_order
from cnnviz_gui.engine.runner import Kit

began, never = threading.Event(), threading.Event()

def listening(request, session, ctx):
    began.set()
    while True:
        never.wait(timeout=0.001)
        ctx.step(1, 2)
        ctx.partial("half")

def deaf(request, session, ctx):
    began.set()
    never.wait()

def main(job, farewell):
    app = QCoreApplication([])
    engine = Engine(lambda say: Kit(job, None), lanes_in_order("image"))
    engine.start()
    engine.submit("image", OpenImage(image=ImageRef(path="a.png")), "Picture")
    began.wait()
    if farewell == "shutdown":
        assert engine.shutdown(5000)
    elif farewell == "dropped with the application":
        engine.setParent(app)

main({'listening': listening, 'deaf': deaf}[sys.argv[1]], sys.argv[2])
"""


@pytest.mark.parametrize(
    ("job", "farewell", "code"),
    [
        ("listening", "shutdown", 0),
        ("listening", "forgotten", 0),
        ("listening", "dropped with the application", 0),
        ("deaf", "forgotten", 1),
    ],
)
def test_leaving_while_a_job_runs_never_aborts(job, farewell, code):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, job, farewell],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, "")
