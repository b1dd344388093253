"""What the manual needs of every method is there, whoever wrote it."""

import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.registry import methods

ALL = [method for kind in ("heatmap", "attack", "defence") for method in methods(kind)]


@pytest.mark.parametrize("field", ["can", "cannot", "use"])
def test_every_method_says_what_its_picture_can_and_cannot_tell(field):
    said = {method.name: getattr(method.guide, field) for method in ALL}
    assert [name for name, text in said.items() if len(text.split()) < 8] == []
    assert [name for name, text in said.items() if not text.endswith(".")] == []
    assert len(set(said.values())) == len(ALL)  # each its own


@pytest.mark.parametrize("field", ["title", "summary", "formula", "paper"])
def test_every_method_has(field):
    assert [method.name for method in ALL if not getattr(method, field).strip()] == []


def test_what_a_formula_leaves_out_is_not_what_runs():
    attacks = [method for method in ALL if method.kind == "attack" and method.targets]
    assert [method.name for method in attacks if "target" not in method.formula] == []
    averaged = [one for one in ALL if one.views and one.views.random and not one.views.votes]
    assert averaged
    assert [one.name for one in averaged if "softmax" not in one.formula] == []
    said = {method.name: method for method in ALL}
    assert "‖g‖₂" in said["naive"].formula, "its default is a step of a length"
    assert "aims at no class" not in said["deepfool"].guide.cannot, "it can be given a target"
    assert "equal to CAM" not in said["hires-cam"].guide.can, "but for the number of cells"


@pytest.mark.parametrize("target", [None, 3])
def test_naive_ascent_steps_as_its_formula_says(lively, target):
    image = torch.rand((1, 3, 32, 32), generator=torch.Generator().manual_seed(1)) / 2 + 0.25
    label = lively.logits(image).argmax(1)
    aimed = None if target is None else torch.tensor([target])
    method = next(one for one in ALL if one.name == "naive")
    moved = method.run(lively, image, label, aimed, method.params(steps=1), NullContext())
    index, sign = (label, -1) if aimed is None else (aimed, 1)
    raised = lambda logits: sign * logits.log_softmax(1)[:, index[0]]  # noqa: E731
    g, _ = lively.gradient(image, raised, NullContext())
    assert torch.allclose(moved, (image + 0.5 * g / g.norm()).clamp(0, 1), atol=1e-5)
