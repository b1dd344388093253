"""What the command palette leads to that is no action: controls, settings, samples, the manual."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from cnnviz_gui import resources, texts
from cnnviz_gui.app import palette_words
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.palette import Command
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import pointing
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.panels.image_pane import ImagePane

_ZOOM = 1.5
_NO_PICTURE = tr("There is no picture in view.")
SETTINGS: Final = {
    "scheme": tr("Theme"),
    "high_contrast": tr("High contrast"),
    "language": tr("Language"),
    "text_size": tr("Text size"),
    "reduced_motion": tr("Reduced motion"),
    "weights_folder": tr("Folder of the weights"),
    "offline": tr("Offline mode"),
    "device": tr("Compute on"),
    "half_precision": tr("Half precision"),
    "kept_mb": tr("Memory for kept networks"),
    "clear": tr("Clear what is kept on disk"),
    "forget": tr("Forget recent pictures and networks"),
}
"""What is led to in the window of settings, by the names that it knows."""


def all_of(
    state: AppState,
    window: MainWindow,
    open_picture: Callable[[ImageRef], object],
    open_setting: Callable[[str], object],
    open_chapter: Callable[[str], object],
) -> list[Command]:
    """Return the commands; ``open_setting`` is called with a name of ``SETTINGS``."""
    return [
        *_of_pictures(window),
        *(_of_heatmaps(state, window) if state.shared.methods else ()),
        *settings(open_setting),
        *samples(open_picture),
        *chapters(open_chapter),
    ]


def settings(open_setting: Callable[[str], object]) -> list[Command]:
    """Return what leads to each of the settings."""
    return [
        Command(
            tr("Settings: {setting}", setting=title),
            "",
            "gear",
            functools.partial(open_setting, name),
            words=palette_words.SETTINGS[name],
        )
        for name, title in SETTINGS.items()
    ]


def samples(open_picture: Callable[[ImageRef], object]) -> list[Command]:
    """Return what opens the sample photographs."""
    return [
        Command(
            tr("Sample picture: {name}", name=path.name),
            "",
            "image",
            functools.partial(open_picture, ImageRef(path=str(path))),
            words=palette_words.SAMPLES,
        )
        for path in resources.samples()
    ]


def chapters(open_chapter: Callable[[str], object]) -> list[Command]:
    """Return what opens the manual at a chapter, for where nothing else is found."""
    return [
        Command(
            tr("Manual: {chapter}", chapter=title),
            "",
            "book-open",
            functools.partial(open_chapter, chapter),
            words=palette_words.CHAPTERS,
            resort=True,
        )
        for chapter, title in _titles(texts.language()).items()
    ]


def in_manual(search: Callable[[str], object], query: str) -> Command:
    """Return what searches the manual for the words typed."""
    title = tr("Search the manual for “{words}”", words=query)
    return Command(title, "", "book-open", functools.partial(search, query))


@functools.cache
def _titles(language: str) -> dict[str, str]:
    from cnnviz_gui.core.manual.manual import CHAPTERS, read

    return {chapter: read(chapter).partition("\n")[0].lstrip("# ") for chapter in CHAPTERS}


def _of_pictures(window: MainWindow) -> list[Command]:
    none = "" if _panes(window.stage.page) else _NO_PICTURE
    return [
        Command(title, "", icon, functools.partial(_zoom, window, by), none, words)
        for title, icon, by, words in (
            (tr("Zoom in"), "plus", _ZOOM, palette_words.ZOOM_IN),
            (tr("Zoom out"), "minus", 1 / _ZOOM, palette_words.ZOOM_OUT),
        )
    ]


def _of_heatmaps(state: AppState, window: MainWindow) -> list[Command]:
    run = functools.partial(_point, state, window)
    return [
        Command(
            tr("Opacity of the heat map"),
            "",
            "fire",
            functools.partial(run, tr("Opacity of the heat map")),
            words=palette_words.OPACITY,
        ),
        Command(
            tr("Colour map of the heat map"),
            "",
            "fire",
            functools.partial(run, tr("Colour map")),
            words=palette_words.COLOUR_MAP,
        ),
    ]


def _point(state: AppState, window: QWidget, name: str) -> None:
    """Show a heat map, and lead to a control of how it is shown."""
    state.show(heatmap_view="map")
    state.select(stage="heatmaps")
    state.bulletin.deliver_all()  # what is out of sight cannot be pointed to
    control = pointing.named(window, name)
    if control is not None:
        pointing.point_to(control)


def _zoom(window: MainWindow, by: float) -> None:
    """Enlarge the pictures of the page; those linked to another follow it by themselves."""
    panes = _panes(window.stage.page)
    before = [pane.surface.zoom for pane in panes]
    for pane, zoom in zip(panes, before, strict=True):
        if pane.surface.zoom == zoom:
            pane.surface.zoom_by(by)


def _panes(page: QWidget) -> list[ImagePane]:
    # the pages come after the first paint
    from cnnviz_gui.panels.image_pane import ImagePane

    within = page.findChildren(ImagePane)
    return [one for one in within if one.image() is not None and one.isVisibleTo(page)]
