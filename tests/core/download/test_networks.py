"""From the catalogue to a prediction: published weights fetched, opened and used."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models

from cnnviz_gui.core import web
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import ModelError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import cache, catalogue, checksum, download
from cnnviz_gui.core.request import DownloadWeights, ImageRef, ModelRef, OpenModel, Predict
from cnnviz_gui.core.session import Session


def named(data: bytes) -> str:
    return f"net-{hashlib.sha256(data).hexdigest()[:8]}.pth"


def here_only(url: str) -> str:
    return "" if url.startswith("http://127.0.0.1:") else web.refusal(url)


class Published(NamedTuple):
    """What stands for torchvision's own weights: ours, under the hash that they have."""

    name: str
    url: str
    meta: dict[str, Any]
    transforms: Any


@pytest.fixture
def published(does: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    state = models.squeezenet1_1().state_dict()
    buffer = io.BytesIO()
    torch.save(state, buffer)
    does.data = buffer.getvalue()
    real = models.SqueezeNet1_1_Weights.DEFAULT
    url = f"{does.address}/models/{named(does.data).replace('net', 'squeezenet1_1')}"
    member = Published("IMAGENET1K_V1", url, dict(real.meta), real.transforms)
    monkeypatch.setattr(catalogue, "weights", lambda name: member)
    monkeypatch.setattr(web, "refusal", here_only)
    return state


def test_a_network_is_downloaded_with_a_break_then_opened_and_predicts(
    published: dict[str, torch.Tensor], does: Any, tmp_path: Path
) -> None:
    session = Session(device=torch.device("cpu"))
    name = "squeezenet1_1"
    with pytest.raises(ModelError, match="are not on this machine"):
        execute(OpenModel(model=ModelRef(name=name)), session, NullContext())
    does.cuts = [1_500_000]
    asked = DownloadWeights(name=name)
    result = download.execute(asked, None, NullContext())
    assert isinstance(result, download.Downloaded) and result.seconds > 0
    assert result.size == len(does.data) == Path(result.path).stat().st_size
    assert Path(result.path).parent == cache.folder() == tmp_path / "hub" / "checkpoints"
    execute(OpenModel(model=ModelRef(name=name)), session, NullContext())
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    seen = execute(
        Predict(model=ModelRef(name=name), image=ImageRef(path=str(tmp_path / "picture.png"))),
        session,
        NullContext(),
    )
    network = models.squeezenet1_1()
    network.load_state_dict(published)
    with torch.no_grad():
        x = models.SqueezeNet1_1_Weights.DEFAULT.transforms()(Image.fromarray(pixels))
        best = int(network.eval()(x[None]).argmax())
    assert seen.scores[0].index == best


def test_the_one_door_downloads_too(published: object) -> None:
    session = Session(device=torch.device("cpu"))
    result = execute(DownloadWeights(name="squeezenet1_1"), session, NullContext())
    assert isinstance(result, download.Downloaded)


def test_what_was_checked_while_it_came_is_not_read_again(
    published: object, does: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = download.execute(DownloadWeights(name="squeezenet1_1"), None, NullContext())
    monkeypatch.setattr(checksum, "hashlib", None)
    assert checksum.holds(Path(result.path), NullContext())


def test_what_cannot_be_downloaded_is_named() -> None:
    for name, said in (
        ("efficientnet_lite0", "do not come from the web"),
        ("resnet17", "no network 'resnet17'"),
    ):
        with pytest.raises(ModelError, match=said):
            download.execute(DownloadWeights(name=name), None, NullContext())
    with pytest.raises(RequestError):
        download.execute(OpenModel(model=ModelRef(name="resnet18")), None, NullContext())


def test_every_weights_file_of_the_catalogue_can_be_checked() -> None:
    for name in catalogue.torchvision_names():
        member = catalogue.weights(name)
        assert member is not None
        assert checksum.promised(catalogue.weights_file(member)), member.url
        assert not web.refusal(member.url), "all are at https addresses"


def test_the_cache_folder_can_be_chosen_and_given_back(tmp_path: Path) -> None:
    usual = cache.folder()
    cache.use(str(tmp_path / "mine"))
    assert cache.folder() == tmp_path / "mine" / "checkpoints"
    member = models.ResNet18_Weights.DEFAULT
    assert catalogue.weights_file(member).parent == cache.folder()
    cache.use("")
    assert cache.folder() == usual
