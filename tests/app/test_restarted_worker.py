"""A worker that is started again computes with what is set by then."""

from cnnviz_gui.app import worker
from cnnviz_gui.app.explorer import Explorer
from tests.app.test_sessions import computer


def test_a_worker_that_is_started_again_has_the_settings_of_now(qtbot, tmp_path, monkeypatch):
    begun = []

    def start(say, means, *, whole):
        begun.append(means)
        return computer(say)

    monkeypatch.setattr(worker, "start", start)
    explorer = Explorer(tmp_path / "settings.json", tmp_path / "cache")
    qtbot.addWidget(explorer.window)
    explorer.show()
    qtbot.waitUntil(lambda: explorer.complete and bool(begun), timeout=20_000)
    assert begun == [worker.Means(max_bytes=1024 * 10**6)]
    settings = explorer.settings
    settings.device, settings.half_precision, settings.kept_mb = "cpu", True, 64
    settings.weights_folder, settings.offline = str(tmp_path), True
    explorer.engine.restart()
    qtbot.waitUntil(lambda: len(begun) == 2, timeout=20_000)
    explorer.window.close()
    assert begun[1] == worker.Means("cpu", True, 64 * 10**6, str(tmp_path), True)
