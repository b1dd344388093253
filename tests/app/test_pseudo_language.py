"""What the window says that no translator can reach: English is left where a text is no key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("pseudo_window.py")
_WORD = re.compile(r"(?<!\w)[A-Za-z]{2,}(?!\w)")
_CUT = re.compile(r"\S*…\S*")
"""Drawn in part where there is no room; it is met whole elsewhere."""
_SAME_EVERYWHERE = tuple(
    re.compile(pattern)
    for pattern in (
        r"<[^<>]*>",  # marks of the layout
        r"[^\n]*(?:et al\.|[A-Z]\w+ and [A-Z]\w+) \d{4}[^\n]*",  # papers
        r"similarity = [^\n]*",  # a formula; those of methods are among the names
        r"(?:\b(?:Ctrl|Alt|Shift)[+ ])+(?:\w+|,)|\b(?:Ctrl|Esc|Return|Home)\b",
        r"\b(?:px|ms|min|dB|MB|GB|MiB|GiB)\b",
        r"/[\w./-]+|\*\.\w+|\b\w+\.(?:png|json|py|txt|csv|npy)\b",
        r"\b(?:cnnviz-gui|cnnviz|CNN explorer|NumPy|Python|PyTorch|ImageNet|CPU)\b",
        r"\b(?:JPEG|PNG|GIF|CSV|arXiv|Apache|BSD|MIT|English|Deutsch|OK)\b",
        r"\b(?:Grad-CAM|DeepDream|MACO|Fourier|N?Adam|DLR|PSNR|SSIM|Inferno|Viridis|Top-1)\b",
        r"(?<=1, )same\b|(?<=2, )same\b|(?<=ƥáđđíñǧ )same\b",  # as the code of a layer has it
    )
)
"""Formulas, papers, keys, units, files, and proper names, which no translation changes."""


def english(text: str, where: str, names: re.Pattern[str]) -> list[str]:
    """Return the words of a text that no translation made."""
    text = names.sub(" ", text.replace("\N{NO-BREAK SPACE}", " "))
    if where.startswith("drawn"):
        text = _CUT.sub(" ", text)
    for pattern in _SAME_EVERYWHERE:
        text = pattern.sub(" ", text)
    return _WORD.findall(text)


def test_every_word_of_the_window_can_be_translated() -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    longest_first = sorted(said["names"], key=len, reverse=True)
    names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    found = said["texts"].items()
    left = {text: where for text, where in found if english(text, where, names)}
    assert len(said["texts"]) > 1500, "the walk has seen next to nothing"
    assert left == {}
