"""The command ``cnnviz``: arguments become requests, results become text, JSON and files. No Qt."""

from cnnviz_gui.cli.entry import main

__all__ = ["main"]
