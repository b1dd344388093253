"""Weights of networks as other libraries name them: told whose they are, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models import checkpoint_build, checkpoint_report
from cnnviz_gui.core.models.architectures import architecture, names_by_kind
from cnnviz_gui.core.models.other_libraries import library_of
from cnnviz_gui.core.request import CheckpointRef, InspectCheckpoint, ModelRef

FACE = "Hugging Face's transformers"


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("resnet.embedder.embedder.convolution.weight", FACE),
        ("resnet.encoder.stages.0.layers.0.layer.0.convolution.weight", FACE),
        ("vit.embeddings.patch_embeddings.projection.weight", FACE),
        ("convnext.embeddings.patch_embeddings.weight", FACE),
        ("mobilenet_v2.conv_stem.first_conv.convolution.weight", FACE),
        ("patch_embed.proj.weight", "timm"),
        ("blocks.0.attn.qkv.weight", "timm"),
        ("blocks.1.0.conv_dw.weight", "timm"),
        ("stages.3.blocks.2.gamma", "timm"),
        ("s1.b1.conv1.conv.weight", ""),
        ("model.0.conv.weight", ""),
    ],
)
def test_names_tell_the_library(name: str, library: str) -> None:
    assert library_of(["classifier.weight", name]) == library


def test_no_name_of_a_known_network_is_another_librarys() -> None:
    for members in names_by_kind():
        assert not library_of(architecture(members[0]).shapes), members[0]


@pytest.mark.parametrize(
    ("first", "library"),
    [("resnet.embedder.embedder.convolution.weight", FACE), ("patch_embed.proj.weight", "timm")],
)
def test_weights_of_another_library_are_refused_with_its_name(
    first: str, library: str, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.safetensors"
    save_file({first: torch.zeros(4, 3, 2, 2), "other.part": torch.zeros(4)}, path)
    said = f"they have the names of another library, {library}. Load them there, and open"
    report = checkpoint_report.inspect(InspectCheckpoint(path=str(path)), None, NullContext())
    assert said in report.problems[0] and "cnnviz_gui.show(network)" in report.problems[0]
    for name in ("", "resnet18"):
        with pytest.raises(CheckpointError, match="resemble none") as caught:
            checkpoint_build.build(ModelRef(name=name, checkpoint=CheckpointRef(path=str(path))))
        assert said in str(caught.value)
