"""Which language the window speaks; chosen before anything else that says something is imported."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from cnnviz_gui import texts

SYSTEM = "system"


def begin(settings: Path) -> None:
    """Say everything in the language that the settings name, else in the system's."""
    chosen = _stored(settings)
    texts.use(chosen if chosen in texts.LANGUAGES else of_system())


def of_system() -> str:
    """Return the first language of the user that the program speaks, else English."""
    wanted = (name.replace("_", "-").partition("-")[0] for name in QLocale.system().uiLanguages())
    return next((name for name in wanted if name in texts.LANGUAGES), "en")


def dress(app: QCoreApplication) -> None:
    """Let Qt's own dialogs and menus speak the language in use too."""
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if texts.language() != "en" and translator.load(f"qtbase_{texts.language()}", folder):
        app.installTranslator(translator)


def _stored(settings: Path) -> str:
    """Return what the settings say; the whole file is read, and mended, later."""
    try:
        stored = msgspec.json.decode(settings.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return SYSTEM
    return str(stored.get("language", SYSTEM)) if isinstance(stored, dict) else SYSTEM
