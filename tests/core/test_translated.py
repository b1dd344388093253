"""What describes methods and their parameters is handed to ``tr``, not written past it."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import PRESETS
from cnnviz_gui.core.params import specs
from cnnviz_gui.core.registry import methods

CORE = Path(__file__).parents[2] / "cnnviz_gui" / "core"
METHODS = [method for kind in ("heatmap", "attack", "defence") for method in methods(kind)]
NAMES = {method.title for method in METHODS if re.search("[A-Z]{2}|CAM|Fool|Grad$", method.title)}
NAMES |= {"Boundary", "Square", "Carlini–Wagner", "Deconvnet"}
NAMES |= {"Adam", "DLR", "DeepDream", "Fourier", "MACO", "NAdam", "Softmax"}


@pytest.fixture(scope="module")
def texts():
    """Return patterns of all texts in the folders of methods: what is left open may be anything."""
    keywords = {"tr": None, "ntr": (1, 2), "ptr": ((1, "c"), 2)}
    return [
        re.compile(re.sub(r"\\\{.*?\\\}", ".*", re.escape(text)))
        for folder in ("heatmaps", "attacks", "defences", "features")
        for _, _, text, _, _ in extract_from_dir(
            CORE / folder, method_map=[("**.py", "python")], keywords=keywords
        )
        if isinstance(text, str) and not text.startswith("{")  # which would match anything
    ]


def untranslated(said, texts):
    words = {text for text in said if re.search("[A-Za-z]{2}", text)} - NAMES
    return {text for text in words if not any(one.fullmatch(text) for one in texts)}


def described(known):
    for spec in known:
        yield from (spec.label, *(label for _, label in spec.choices))
        # a second sentence may follow
        yield from re.split(r"(?<=shown too\.) ", spec.help)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_is_described_in_the_language_of_the_user(method, texts):
    guide = method.guide
    said = (method.title, method.summary, guide.can, guide.cannot, guide.use)
    assert untranslated({*said, *described(method.specs)}, texts) == set()


def test_what_a_feature_picture_can_be_told_is_in_the_language_of_the_user(texts):
    presets = {text for one in PRESETS for text in (one.title, one.help)}
    assert untranslated(presets | {*described(specs(FeatureParams))}, texts) == set()
