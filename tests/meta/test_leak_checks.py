"""The checks of tests/conftest.py themselves: they find what they claim to find."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture
def outcome(pytester, monkeypatch):
    """Run one test file under the project's conftest, on the offscreen platform."""
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nqt_api = pyside6\nmarkers = window\n")
    monkeypatch.delenv("CNNVIZ_WINDOW_TESTS", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("PYTHONPATH", str(CONFTEST.parents[1]))

    def run(source: str, *arguments: str):
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-rs", *arguments)

    return run


def test_a_running_thread_is_reported_with_the_line_that_started_it(outcome):
    result = outcome(
        """
        from PySide6.QtCore import QThread
        kept = []
        def test_it(qapp):
            kept.append(QThread())
            kept[0].start()
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*left behind a running QThread, started at *.py:5*"])


def test_an_active_timer_is_reported(outcome):
    result = outcome(
        """
        from PySide6.QtCore import QTimer
        kept = []
        def test_it(qapp):
            kept.append(QTimer())
            kept[0].start(1000)
        def test_next(qapp):
            assert not kept[0].isActive()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*left behind an active QTimer, started at *.py:5*"])


def test_a_forgotten_window_is_reported(outcome):
    result = outcome(
        """
        from PySide6.QtWidgets import QWidget
        kept = []
        def test_it(qapp):
            kept.append(QWidget())
            kept[0].setObjectName("forgotten")
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the window QWidget 'forgotten': give it to qtbot.addWidget*"])


def test_a_tidy_test_is_left_alone(outcome):
    result = outcome(
        """
        from PySide6.QtCore import QThread, QTimer
        from PySide6.QtWidgets import QWidget
        def test_it(qtbot):
            widget = QWidget()
            qtbot.addWidget(widget)
            timer = QTimer(widget)
            timer.start(1000)
            thread = QThread()
            thread.start()
            thread.quit()
            assert thread.wait(5000)
        def test_no_qt():
            pass
        """
    )
    result.assert_outcomes(passed=2)


def test_settings_and_caches_are_not_those_of_the_user(outcome):
    result = outcome(
        """
        import os, tempfile
        from pathlib import Path
        def test_it():
            for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
                assert Path(os.environ[name]).is_relative_to(tempfile.gettempdir())
            assert Path.home() == Path(os.environ["HOME"])
        """
    )
    result.assert_outcomes(passed=1)


def test_window_tests_are_skipped_with_a_reason_where_there_is_no_display(outcome):
    result = outcome(
        """
        import pytest
        @pytest.mark.window
        def test_it():
            raise AssertionError
        """
    )
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*SKIPPED*run them as README.md says under Develop*"])


def test_window_tests_that_are_demanded_are_never_skipped(outcome, monkeypatch):
    monkeypatch.setenv("CNNVIZ_WINDOW_TESTS", "1")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.delenv("DISPLAY", raising=False)
    result = outcome(
        """
        import pytest
        @pytest.mark.window
        def test_it():
            pass
        """
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*window tests were demanded, but: There is no display*"])
