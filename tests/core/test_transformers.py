"""What applies to vision transformers, and the reason where something does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.maxvit import MaxVit
from torchvision.models.swin_transformer import SwinTransformer, SwinTransformerBlockV2
from torchvision.models.vision_transformer import VisionTransformer

from cnnviz_gui.core import registry
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import catalogue, zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef, OpenModel, Predict
from cnnviz_gui.core.session import Session

CLASSES = 10


def vit() -> nn.Module:
    made = VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=CLASSES)
    nn.init.normal_(made.heads.head.weight)  # zero as torchvision makes it
    return made


def swin(block: type[nn.Module] | None = None) -> nn.Module:
    more = {} if block is None else {"block": block}
    return SwinTransformer([2, 2], 8, [1, 1], [1, 2], [4, 4], num_classes=CLASSES, **more)


def maxvit() -> nn.Module:
    return MaxVit((32, 32), 8, 4, [8, 16], [1, 1], 8, 0.0, num_classes=CLASSES)


NETWORKS = {
    "vit": vit,
    "swin": swin,
    "swin v2": lambda: swin(SwinTransformerBlockV2),
    "maxvit": maxvit,
}


@pytest.fixture(params=NETWORKS)
def transformer(
    request: pytest.FixtureRequest,
    make_classifier: Callable[[nn.Module], Classifier],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    torch.manual_seed(0)
    made = make_classifier(NETWORKS[request.param]())
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: made)
    return str(request.param)


def test_it_opens_predicts_and_has_a_saliency_map(
    transformer: str, picture: ImageRef, make_params: Callable[..., Params]
) -> None:
    session, ctx, model = Session(device=torch.device("cpu")), NullContext(), ModelRef(name="small")
    facts = execute(OpenModel(model=model), session, ctx).facts
    assert facts.macs > 0 and len(facts.layers) > 10
    scores = execute(Predict(model=model, image=picture, top=CLASSES), session, ctx).scores
    assert sum(score.probability for score in scores) == pytest.approx(1, abs=1e-5)
    asked = Heatmap(
        model=model, image=picture, method="saliency", parameters=make_params("heatmap", "saliency")
    )
    found = execute(asked, session, ctx).map
    assert np.isfinite(found).all() and found.max() > 0


def test_grad_cam_works_where_maps_are_and_says_why_not_elsewhere(
    transformer: str, picture: ImageRef, make_params: Callable[..., Params]
) -> None:
    session, ctx, model = Session(device=torch.device("cpu")), NullContext(), ModelRef(name="small")
    asked = Heatmap(
        model=model, image=picture, method="grad-cam", parameters=make_params("heatmap", "grad-cam")
    )
    if transformer == "vit":
        with pytest.raises(MethodError, match=r"computes on tokens .* after 'conv_proj'"):
            execute(asked, session, ctx)
    else:
        assert execute(asked, session, ctx).map.shape == (32, 32)


@pytest.mark.parametrize(
    ("name", "applies"),
    [("vit_b_32", False), ("swin_t", True), ("alexnet", True), ("lenet5", True)],
)
def test_the_reason_is_known_before_anything_is_computed(name: str, applies: bool) -> None:
    facts = zoo.build(ModelRef(name=name, untrained=True)).facts
    reason = registry.method("heatmap", "grad-cam").needs(facts)
    assert bool(reason) is not applies
    assert not registry.method("heatmap", "saliency").needs(facts)


def test_the_transformers_of_the_catalogue_are_those_meant_here() -> None:
    families = {entry.family for entry in catalogue.entries()}
    assert {"ViT", "Swin", "MaxViT"} <= families
