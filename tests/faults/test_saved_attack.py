"""An attack saved from the running program: the notice says what the file still shows."""

from __future__ import annotations

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QFileDialog


def said(program):
    notice = program.state.shared.notice
    return notice.text if notice is not None else ""


def test_what_is_in_the_file_of_a_saved_attack_is_told(program, tmp_path, monkeypatch):
    state, path = program.state, tmp_path / "attacked.png"
    chosen = [str(tmp_path / "attacked.webp"), str(path)]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen.pop(0), ""))
    state.choose_method("attack", "fgsm")
    program.commands.on_start_attack()
    program.wait(lambda: state.finding("attack").status == "done")
    program.commands.on_save_picture()
    program.wait(lambda: said(program))
    assert "pictures are saved as PNG" in said(program)
    assert list(tmp_path.glob("attacked*")) == []
    program.commands.on_save_picture()
    program.wait(lambda: "Saved attacked.png; read back in 8 bits it" in said(program))
    result = state.finding("attack").value
    with Image.open(path) as written:
        pixels = np.asarray(written).transpose(2, 0, 1) / 255
    assert np.abs(pixels - result.clean_image).max() <= result.epsilon / 255 + 1e-6
    program.commands.on_cancel_all()
