"""Drives the real program in a process of its own and prints what it measured as one JSON line.

``python drive_window.py paint|bare|gaps|cancel|flood|slider|memory FOLDER [ARGUMENT]``; the tests
beside it start it, since imports, memory and threads of a test run would be measured with it.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HEAVY = ("numpy", "PIL", "torch", "torchvision", "pyqtgraph")
TICK_MS = 5
FLOOD_SECONDS = 5
MOVES_A_SECOND = 200
SLIDER_MOVES = 300
LARGE = ("resnet50:untrained", "vgg16:untrained")
SMALL = ("squeezenet1_1:untrained", "efficientnet_lite0")

Condition = Callable[[], bool]


def bare() -> None:
    """Paint an empty window."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Window(QMainWindow):
        def paintEvent(self, event: object) -> None:
            super().paintEvent(event)
            QTimer.singleShot(0, painted)

    app = QApplication([])
    window = Window()
    window.resize(1440, 900)
    window.show()
    app.exec()


def painted(*_: object) -> None:
    now = time.time()
    heavy = [name for name in HEAVY if name in sys.modules]
    tell(at=now, cpu=time.process_time(), heavy=heavy)
    os._exit(0)


def paint() -> None:
    """Start the program as its command does, up to its first paint."""
    from cnnviz_gui.app import bootstrap

    bootstrap.furnish = painted
    bootstrap.main([])


def tell(**numbers: Any) -> None:
    print(json.dumps(numbers), flush=True)


class Driver:
    """The program, a 5 ms timer in its thread, and a script that goes on when it may."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QCoreApplication, Qt, QTimer
        from PySide6.QtWidgets import QApplication

        from cnnviz_gui.app.explorer import Explorer
        from cnnviz_gui.core import device

        device.prepare_process()
        os.environ["QT_API"] = "pyside6"
        self.app = QApplication([])
        self.explorer = Explorer(folder / "settings.json", folder / "cache")
        self.state, self.engine = self.explorer.state, self.explorer.engine
        self.gaps: dict[str, list[float]] = {}
        self._phase = "start"
        self._last = 0.0
        self._until: Condition = lambda: True
        self._script: Iterator[Condition] = iter(())
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._quit = QCoreApplication.quit

    def run(self, script: Iterator[Condition]) -> None:
        self._script = script
        self.explorer.window.resize(1280, 720)  # what has no screen gives it less
        self.explorer.show()
        self._last = time.perf_counter()
        self._timer.start(TICK_MS)
        self.app.exec()

    def phase(self, name: str) -> None:
        self._phase = name
        print(name, file=sys.stderr, flush=True)

    def start_anew(self) -> None:
        """Leave out of the gaps what was done since the last turn."""
        self._last = time.perf_counter()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.setdefault(self._phase, []).append(1e3 * (now - self._last))
        self._last = now
        if not self._until():
            return
        try:
            self._until = next(self._script)
        except StopIteration:
            self._timer.stop()
            self.explorer.window.close()
            self._quit()

    # conditions

    def done(self, *lanes: str) -> Condition:
        return lambda: (
            not self.engine.busy
            and all(self.state.finding(lane).status in ("done", "failed") for lane in lanes)
        )

    def passed(self, seconds: float) -> Condition:
        end = time.perf_counter() + seconds
        return lambda: time.perf_counter() > end

    # what a user does

    def open_network(self, name: str) -> Condition:
        from cnnviz_gui.core.request import ModelRef

        ref = ModelRef.parse(name)
        self.explorer.controller.choose_model(ref)
        return lambda: (
            self.state.selection.model == ref
            and self.state.shared.pending_model is None
            and self.done("predict")()
        )

    def stream_targets(self, seconds: float, pause: float = 0.03) -> Iterator[Condition]:
        end = time.perf_counter() + seconds
        target = 0
        while time.perf_counter() < end:
            target = (target + 7) % 1000
            self.state.select(target=target)
            yield self.passed(pause)


def quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    at = [ordered[min(int(q * len(ordered)), len(ordered) - 1)] for q in (0.5, 0.99)]
    return {"median": at[0], "p99": at[1], "worst": ordered[-1], "count": len(ordered)}


def gaps(folder: Path) -> None:
    """Gaps of the event loop, in milliseconds, in each phase of a session."""
    driver = Driver(folder)
    seconds: dict[str, float] = {}

    def script() -> Iterator[Condition]:
        began = time.perf_counter()
        yield lambda: driver.done("predict", "heatmap")() and not driver.state.shared.starting
        seconds["start until the first heat map"] = time.perf_counter() - began
        yield driver.passed(1)
        driver.phase("idle")
        yield driver.passed(4)
        driver.phase("Grad-CAM stream")
        yield from driver.stream_targets(4)
        driver.state.select(target=None)
        yield driver.done("heatmap")
        driver.phase("PGD sweep")
        driver.state.select(stage="attack")
        yield driver.passed(0.3)
        driver.state.select(attack_started=True)
        yield driver.passed(8)
        driver.phase("feature maps")
        driver.state.select(stage="layers")
        for layer in driver.state.shared.facts.layers:
            driver.state.select(layer=layer.name)
            yield driver.done("layer")
        driver.state.select(stage="heatmaps", layer="")
        yield driver.done("heatmap")
        for name in LARGE:
            short = name.partition(":")[0]
            driver.phase(f"load {short}")
            began = time.perf_counter()
            yield driver.open_network(name)
            seconds[f"load {short}"] = time.perf_counter() - began
            driver.phase(f"Grad-CAM stream, {short}")
            yield from driver.stream_targets(3)
            driver.phase(f"feature maps, {short}")
            driver.state.select(stage="layers")
            for layer in driver.state.shared.facts.layers[:8]:
                driver.state.select(layer=layer.name)
                yield driver.done("layer")
            driver.state.select(stage="heatmaps", layer="", target=None)
            yield driver.done("heatmap")

    driver.run(script())
    tell(gaps={name: quantiles(values) for name, values in driver.gaps.items()}, seconds=seconds)


def cancel(folder: Path) -> None:
    """Seconds until a cancel is acknowledged, and until the worker has really stopped."""
    driver = Driver(folder)
    chance = random.Random(0)
    found: dict[str, dict[str, list[float]]] = {}

    def trial(name: str) -> Iterator[Condition]:
        sets = found.setdefault(name, {"acknowledged": [], "stopped": []})
        yield driver.passed(chance.uniform(0.0, 0.8))
        if not driver.engine.running():
            return
        began = time.perf_counter()
        driver.explorer.controller.cancel_all()
        yield lambda: driver.state.shared.activity is None
        sets["acknowledged"].append(time.perf_counter() - began)
        yield lambda: not driver.engine.busy
        sets["stopped"].append(time.perf_counter() - began)

    def script() -> Iterator[Condition]:
        yield lambda: driver.done("predict", "heatmap")() and not driver.state.shared.starting
        for name in LARGE:
            short = name.partition(":")[0]
            for _ in range(6):
                driver.open_network("squeezenet1_1:untrained")
                yield driver.passed(0.05)
                yield lambda: not driver.engine.busy
                driver.open_network(name)
                yield from trial(f"{short}, load")
            yield driver.open_network(name)
            driver.state.select(stage="attack", attack_started=True)
            for number in range(25):
                driver.explorer.controller.compute_again()
                driver.state.select(target=number + 1, attack_started=True)
                yield driver.passed(0.02)
                yield from trial(f"{short}, prediction, attack and sweep")

    driver.run(script())
    tell(seconds={n: {k: quantiles(v) for k, v in s.items() if v} for n, s in found.items()})


def flood(folder: Path) -> None:
    """Move epsilon 200 times a second for 5 s."""
    from cnnviz_gui.engine import events
    from cnnviz_gui.state.attack_plan import with_epsilon
    from cnnviz_gui.state.prediction_view import attack_on_screen

    driver = Driver(folder)
    numbers: dict[str, float] = {"moves": 0, "jobs": 0, "stale": 0}

    def on_event(event: events.Event) -> None:
        if getattr(event, "lane", "") != "attack":
            return
        if isinstance(event, events.Started):
            numbers["jobs"] += 1

    def look() -> bool:
        shown = attack_on_screen(driver.state)
        if shown is not None and shown.exact:
            wanted = driver.state.selection.attack_parameters.values()["epsilon"]
            numbers["stale"] += shown.result.epsilon != wanted
        return True

    def move(epsilon: float) -> None:
        parameters = driver.state.selection.attack_parameters
        driver.state.select(attack_parameters=with_epsilon(parameters, epsilon))

    def there() -> bool:
        found = driver.state.finding("attack")
        wanted = driver.state.selection.attack_parameters
        return found.status == "done" and found.request.parameters == wanted

    def script() -> Iterator[Condition]:
        yield lambda: driver.done("predict", "heatmap")() and not driver.state.shared.starting
        driver.state.select(stage="attack")
        driver.state.select(attack_started=True)
        yield lambda: driver.state.finding("attack").status == "done"
        began = time.perf_counter()
        move(1.237)
        yield there
        numbers["one job"] = time.perf_counter() - began
        driver.engine.happened.connect(on_event)
        driver.phase("flood")
        start = time.perf_counter()
        while (now := time.perf_counter() - start) < FLOOD_SECONDS:
            while numbers["moves"] < MOVES_A_SECOND * now:
                numbers["moves"] += 1
                move(0.77 * numbers["moves"] / MOVES_A_SECOND)
            yield look
        last = time.perf_counter()
        yield there
        numbers["last value after"] = time.perf_counter() - last

    driver.run(script())
    tell(gaps=quantiles(driver.gaps["flood"]), **numbers)


def slider(folder: Path) -> None:
    """Milliseconds from a move of the slider to the picture of a point that is computed."""
    from PySide6.QtCore import QEvent, QObject

    from cnnviz_gui.panels.curve_plot import EpsilonPlot
    from cnnviz_gui.panels.image_pane import ImagePane

    driver = Driver(folder)
    taken: list[float] = []

    class Seen(QObject):
        """When another picture was painted in a pane first."""

        def __init__(self, pane: ImagePane) -> None:
            super().__init__()
            self.pane, self.before, self.at = pane, pane.image(), 0.0
            pane.surface.viewport().installEventFilter(self)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            painted = event.type() == QEvent.Type.Paint
            if painted and not self.at and self.pane.image() is not self.before:
                self.at = time.perf_counter()
            return False

    def script() -> Iterator[Condition]:
        yield lambda: driver.done("predict", "heatmap")() and not driver.state.shared.starting
        driver.state.select(stage="attack")
        driver.state.choose_method("attack", "fgsm")
        driver.state.select(attack_started=True)
        yield driver.done("attack", "sweep", "heatmap-attacked")
        window = driver.explorer.window
        plot = window.findChild(EpsilonPlot)
        panes = [p for p in window.findChildren(ImagePane) if p.isVisible()]
        seen = Seen(next(p for p in panes if p.accessibleName().startswith("Adversarial")))
        places = [point.epsilon for point in driver.state.finding("sweep").value.points]
        order = list(range(len(places)))
        for number in range(SLIDER_MOVES):
            random.Random(number).shuffle(order)
            if places[order[0]] == plot.epsilon():
                continue
            seen.before, seen.at = seen.pane.image(), 0.0
            began = time.perf_counter()
            plot.moved.emit(places[order[0]])
            yield lambda: bool(seen.at)
            taken.append(1e3 * (seen.at - began))
            yield driver.passed(0.02)

    driver.run(script())
    tell(taken=quantiles(taken))


def memory(folder: Path, maps: int, switches: int) -> None:
    """Resident bytes, live tensors and hooks before and after many jobs."""
    import psutil

    driver = Driver(folder)
    process = psutil.Process()
    seen: list[dict[str, float]] = []

    def note(at: str) -> None:
        import torch

        gc.collect()
        tensors = sum(isinstance(o, torch.Tensor) for o in gc.get_objects())
        seen.append({"at": at, "mib": process.memory_info().rss / 2**20, "tensors": tensors})

    def heat_maps(count: int) -> Iterator[Condition]:
        for number in range(count):
            driver.state.select(target=number % 1000)
            if number % 1000 == 999:
                driver.explorer.controller.compute_again()
            yield driver.done("heatmap")

    def networks(count: int) -> Iterator[Condition]:
        for number in range(count):
            yield driver.open_network(SMALL[number % len(SMALL)])
            driver.explorer.controller.resume("heatmap")

    def script() -> Iterator[Condition]:
        yield lambda: driver.done("predict", "heatmap")() and not driver.state.shared.starting
        yield from heat_maps(max(maps // 4, 10))
        note("warm")
        yield from heat_maps(maps)
        note(f"{maps} heat maps")
        yield from networks(max(switches // 4, 4))
        note("warm, networks")
        yield from networks(switches)
        note(f"{switches} switches")

    driver.run(script())
    tell(memory=seen)


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    numbers = [int(argument) for argument in sys.argv[3:]]
    jobs: dict[str, Callable[..., None]] = {
        "gaps": gaps,
        "cancel": cancel,
        "flood": flood,
        "slider": slider,
    }
    if what in ("bare", "paint"):
        {"bare": bare, "paint": paint}[what]()
    elif what == "memory":
        memory(folder, *numbers)
    else:
        jobs[what](folder)


if __name__ == "__main__":
    main()
