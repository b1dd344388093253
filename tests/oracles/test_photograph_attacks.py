"""PGD on the embedded network and real photographs: 4 / 255 turns each of them, also as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from cnnviz_gui import resources
from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, SaveAdversarial
from cnnviz_gui.core.session import Session

EMBEDDED = ModelRef(name="efficientnet_lite0")
QUIET = NullContext()


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(device=torch.device("cpu"))


@pytest.mark.parametrize("photograph", resources.samples(), ids=lambda path: path.name)
def test_pgd_turns_a_photograph_with_four_255ths(
    session: Session, tmp_path: Path, photograph: Path
) -> None:
    parameters = params.build(method("attack", "pgd").params, {"epsilon": 4.0})
    attack = Attack(
        model=EMBEDDED, image=ImageRef(path=str(photograph)), method="pgd", parameters=parameters
    )
    found = execute(attack, session, QUIET)
    assert found.success and found.adversarial[0].index != found.clean[0].index
    assert found.adversarial[0].probability > 0.5, "and the network is sure of it"
    change = found.adversarial_image.astype(np.float64) - found.clean_image
    assert np.abs(change).max() <= 4 / 255 + 1e-7
    assert found.adversarial_image.min() >= 0 and found.adversarial_image.max() <= 1
    assert found.closeness is not None and found.closeness.ssim is not None
    assert found.closeness.ssim > 0.85 and found.closeness.psnr > 36
    saved = execute(
        SaveAdversarial(attack=attack, path=str(tmp_path / "turned.png")), session, QUIET
    )
    assert saved.success and saved.top[0].index != found.clean[0].index
