"""The program at work for long: memory, hooks and the event loop over many different jobs.

By hand::

    python tests/benchmarks/long_run.py mixed 1000
    python tests/benchmarks/long_run.py soak 3600
    python tests/benchmarks/long_run.py close 100

``mixed`` takes the number of jobs, ``soak`` seconds, ``close`` how many programs are closed in the
midst of a job. Each prints one JSON line.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from drive_window import SMALL, Condition, Driver, quantiles, tell

ROOT = Path(__file__).parents[2]
SAMPLES = [str(ROOT / "resources" / "samples" / name) for name in ("coffee.png", "chelsea.png")]
WARM = 50
"""Jobs after which caches are full."""
ROUNDS_A_NETWORK = 10
CLOSE_SECONDS = 2.0


def kinds(driver: Driver, number: int) -> Iterator[tuple[Callable[[], object], tuple[str, ...]]]:
    """Yield one round of what is asked for, and whose answers are waited for."""
    from cnnviz_gui.core.params import build
    from cnnviz_gui.core.request import ImageRef

    state, explorer = driver.state, driver.explorer

    def heat(method: str) -> Callable[[], None]:
        def ask() -> None:
            state.select(stage="heatmaps", target=(7 * number) % 1000)
            state.choose_method("heatmap", method)

        return ask

    def attack(method: str, **parameters: Any) -> Callable[[], None]:
        def ask() -> None:
            state.select(stage="attack", target=None, attack_started=False)
            known = state.shared.method("attack", method)
            wanted = build(known.params, parameters)
            state.select(attack_method=method, attack_parameters=wanted)
            state.select(attack_started=True)
            explorer.controller.resume("attack")

        return ask

    def layers() -> None:
        names = [layer.name for layer in state.shared.facts.layers if layer.spatial]
        state.select(stage="layers", layer=names[number % len(names)], channel=number % 8)

    if number % ROUNDS_A_NETWORK == ROUNDS_A_NETWORK - 1:
        yield lambda: driver.open_network(SMALL[number // ROUNDS_A_NETWORK % 2]), ("predict",)
    picture = ImageRef(path=SAMPLES[number % len(SAMPLES)])
    yield lambda: explorer.gallery.open(picture), ("predict",)
    for method in ("grad-cam", "saliency", "layer-cam", "integrated-gradients"):
        yield heat(method), ("heatmap",)
    yield layers, ("layer",)
    yield attack("fgsm"), ("attack",)
    yield attack("pgd", steps=2 + number % 3), ("attack",)
    yield attack("deepfool"), ("attack",)


class Seen:
    """Memory and what lives, noted now and then."""

    def __init__(self) -> None:
        import psutil

        from cnnviz_gui.core.session import Session

        self._sessions: list[Session] = []
        """All there were; the collector does not know them, since the program freezes it."""
        made = Session.__init__

        def noted(session: Session, *arguments: Any, **named: Any) -> None:
            self._sessions.append(session)
            made(session, *arguments, **named)

        Session.__init__ = noted
        self._process = psutil.Process()
        self.rows: list[tuple[int, float, int, float]] = []
        self._began = time.perf_counter()

    def note(self, jobs: int) -> None:
        import torch

        from cnnviz_gui.core import garbage

        gc.collect()
        garbage.give_back()  # as the program does between jobs: else it is the slack one would see
        tensors = sum(isinstance(o, torch.Tensor) for o in gc.get_objects())
        caches = [cache for one in self._sessions for cache in (one._values, one._networks)]
        kept = sum(cache.nbytes for cache in caches) / 1e3
        self.rows.append((jobs, self._process.memory_info().rss / 1e3, tensors, kept))

    def told(self) -> dict[str, Any]:
        import numpy as np

        warm = [row for row in self.rows if row[0] >= WARM] or self.rows
        columns = (np.array(column, dtype=float) for column in zip(*warm, strict=True))
        jobs, kb, tensors, kept = columns
        own = kb - kept
        slope = np.polyfit(jobs, own, 1)[0] if len(jobs) > 1 else 0.0
        quarter = max(len(kb) // 4, 1)
        return {
            "jobs": int(jobs[-1]),
            "seconds": time.perf_counter() - self._began,
            "grown_mb": (kb[-1] - kb[0]) / 1e3,
            "of_it_kept_results_mb": (kept[-1] - kept[0]) / 1e3,
            "kb_a_job_without_these": float(slope),
            "late": float(np.polyfit(jobs[-2 * quarter :], own[-2 * quarter :], 1)[0]),
            "mb": kb[-1] / 1e3,
            "tensors": [int(tensors[0]), int(tensors[-1])],
        }


def hooks(driver: Driver) -> int:
    """Return how many hooks are left on modules that live."""
    import torch

    names = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    modules = [o for o in gc.get_objects() if isinstance(o, torch.nn.Module)]
    return sum(len(getattr(module, name)) for module in modules for name in names)


class Counted:
    """The jobs of the worker that came to an end, by lane, and what failed."""

    def __init__(self, driver: Driver) -> None:
        self.lanes: Counter[str] = Counter()
        self.failed: list[str] = []
        driver.engine.happened.connect(self._hear)

    def _hear(self, event: object) -> None:
        from cnnviz_gui.engine.events import Failed, Finished

        if isinstance(event, Finished | Failed):
            self.lanes[event.lane] += 1
        if isinstance(event, Failed):
            self.failed.append(f"{event.lane}: {event.failure.message}")


def long(folder: Path, enough: Callable[[int, float], bool]) -> None:
    """Do job after job until it is enough."""
    seen = Seen()  # before the first session
    driver = Driver(folder)
    counted = Counted(driver)
    left: list[int] = []

    def script() -> Iterator[Condition]:
        yield lambda: driver.done("predict", "heatmap")() and not driver.state.shared.starting
        began = time.perf_counter()
        for number in itertools.count():
            early = time.perf_counter() - began < 300 or number < 10
            driver.phase("early" if early else "late")
            for ask, lanes in kinds(driver, number):
                ask()
                yield driver.passed(0.02)
                yield driver.done(*lanes)
                jobs = counted.lanes.total()
                seen.note(jobs)
                driver.start_anew()  # looking is no work of the program
                if enough(jobs, time.perf_counter() - began):
                    left.append(hooks(driver))
                    return

    driver.run(script())
    gaps = {phase: quantiles(took) for phase, took in driver.gaps.items() if phase != "start"}
    said = {"lanes": dict(counted.lanes), "failed": counted.failed, "hooks": left, "gaps": gaps}
    tell(**seen.told(), **said)


CLOSER = """
import os, random, sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from cnnviz_gui.app import bootstrap, explorer

seed, job = int(sys.argv[1]), sys.argv[2]
show = explorer.Explorer.show

def shown(self):
    show(self)
    watch = QTimer(self)
    def begin():
        if self.state.finding("heatmap").status != "done" or not self.complete:
            return
        watch.stop()
        if job == "heatmap":
            self.state.choose_method("heatmap", "rise")
        elif job == "network":
            from cnnviz_gui.core.request import ModelRef
            self.controller.choose_model(ModelRef.parse("resnet50:untrained"))
        else:
            self.state.select(stage="plane" if job == "plane" else "attack")
            self.state.select(attack_started=True, plane_started=job == "plane")
        QTimer.singleShot(random.Random(seed).randrange(20, 1500), close)
    def close():
        print("closing", time.time(), self.engine.busy, flush=True)
        self.window.may_close = lambda: True
        self.window.close()
    watch.timeout.connect(begin)
    watch.start(5)

explorer.Explorer.show = shown
sys.argv = sys.argv[:1]
bootstrap.run()
"""


def close(programs: int) -> None:
    """Start programs and close each at a random moment of a job."""
    took: list[float] = []
    wrong: list[str] = []
    busy = 0
    for number in range(programs):
        job = ("heatmap", "attack", "plane", "network")[number % 4]
        with tempfile.TemporaryDirectory() as home:
            names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
            environment = {**os.environ, **dict.fromkeys(names, home), "PYTHONPATH": str(ROOT)}
            ran = subprocess.run(
                [sys.executable, "-c", CLOSER, str(number), job],
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
            )
        ended, said = time.time(), ran.stdout.split()
        if ran.returncode or "closing" not in said:
            wrong.append(f"{job}: {ran.returncode} {ran.stderr[-300:]}")
            continue
        took.append(ended - float(said[1]))
        busy += said[2] == "True"
        if took[-1] > CLOSE_SECONDS:
            wrong.append(f"{job}: {took[-1]:.2f} s")
    print(json.dumps({"closed": len(took), "busy": busy, "s": quantiles(took), "wrong": wrong}))


def main() -> None:
    what, count = sys.argv[1], int(sys.argv[2])
    random.seed(0)
    if what == "close":
        close(count)
        return
    with tempfile.TemporaryDirectory() as folder:
        if what == "mixed":
            long(Path(folder), lambda jobs, seconds: jobs >= count)
        else:
            long(Path(folder), lambda jobs, seconds: seconds >= count)


if __name__ == "__main__":
    main()
