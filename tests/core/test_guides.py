"""What the manual needs of every method is there, whoever wrote it."""

import pytest

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
