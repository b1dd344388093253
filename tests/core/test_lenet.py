"""LeNet-5: its weights, its digits, and the script that makes both."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui import resources
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CnnvizError, MethodError, ModelError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.models import own, zoo
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import Method, method, methods
from cnnviz_gui.core.request import (
    Attack,
    Heatmap,
    ImageRef,
    InspectLayer,
    ModelRef,
    Predict,
    SaveAdversarial,
    Sweep,
)
from cnnviz_gui.core.result import AttackResult, LayerMaps, Prediction, SavedPicture, SweepResult
from cnnviz_gui.core.session import Session

PROJECT = Path(__file__).parents[2]
QUIET = NullContext()
LENET = ModelRef(name="lenet5")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    pytest.importorskip("sklearn")
    path = PROJECT / "packaging" / "train_lenet.py"
    spec = importlib.util.spec_from_file_location("train_lenet", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def _as_before() -> object:
    """Training sets what it needs for the whole process."""
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    strict = torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)
    torch.use_deterministic_algorithms(strict)


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


def digit(number: int) -> ImageRef:
    return ImageRef(path=str(resources.digits()[number]))


def test_the_weights_reach_what_is_said_of_them(script: ModuleType) -> None:
    large, classes = script.pictures()
    network = own.LENET5.make()
    network.load_state_dict(own.LENET5.state(QUIET))
    x, y = script.inputs(large[-script.HELD_OUT :]), torch.from_numpy(classes[-script.HELD_OUT :])
    assert len(x) == 360
    reached = script.accuracy(network.eval(), x, y)
    assert own.LENET5.accuracy() == pytest.approx(reached, abs=0.005)
    assert reached > 98
    assert own.LENET5.entry().accuracy_on == "held-out digits"


def test_the_weights_are_small() -> None:
    assert own.LENET5.weights_path().stat().st_size < 300_000


def test_the_program_reads_digits_as_the_script_does(
    script: ModuleType, session: Session, tmp_path: Path
) -> None:
    large, _ = script.pictures()
    network = session.classifier(LENET)
    for index in range(len(large) - 5, len(large)):
        path = tmp_path / f"{index}.png"
        Image.fromarray(large[index]).save(path)
        given = session.input(LENET, ImageRef(path=str(path)))
        wanted = script.inputs(large[index : index + 1]) * 0.5 + 0.5
        assert torch.allclose(given, wanted.expand(1, 3, 32, 32), atol=1e-6)
        assert network.logits(given).argmax() == network.logits(wanted.expand_as(given)).argmax()


@pytest.mark.usefixtures("_as_before")
def test_a_short_training_works_and_gives_the_same_bytes(
    script: ModuleType, tmp_path: Path
) -> None:
    large, classes = script.pictures()
    x, y = script.inputs(large[:320]), torch.from_numpy(classes[:320]).long()
    for run in ("first", "second"):
        network = script.train(x, y, 1)
        script.write(network, script.accuracy(network, x, y), tmp_path / run)
    first, second = (
        tmp_path / run / "networks" / "lenet5.safetensors" for run in ("first", "second")
    )
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size == own.LENET5.weights_path().stat().st_size
    script.write_samples(large, classes, tmp_path)
    for path in resources.digits():
        made = tmp_path / "digits" / path.name
        assert np.array_equal(np.asarray(Image.open(made)), np.asarray(Image.open(path)))


def test_every_sample_digit_is_recognised(session: Session) -> None:
    for number in range(10):
        found = execute(Predict(model=LENET, image=digit(number)), session, QUIET)
        assert isinstance(found, Prediction)
        assert found.scores[0].label == str(number)
        assert found.scores[0].probability > 0.5
        assert found.seen.shape == (32, 32, 3)


def test_sample_digits_bear_their_attribution() -> None:
    text = resources.path("digits/README.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text and "Alpaydin" in text
    assert "lenet5.safetensors" in resources.path("networks/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", methods("heatmap"), ids=lambda kind: kind.name)
def test_every_heat_map_explains_a_digit(kind: Method, session: Session) -> None:
    """But the one whose formula is one for averages, which it does not compute."""
    name = kind.name
    request = Heatmap(
        model=LENET,
        image=digit(3),
        method=name,
        parameters=build(method("heatmap", name).params, {}),
    )
    reason = kind.needs(session.classifier(LENET).facts)
    assert bool(reason) == (name == "cam")
    if reason:
        with pytest.raises(MethodError, match="CAM needs one linear layer that reads averages"):
            execute(request, session, QUIET)
        return
    found = execute(request, session, QUIET)
    assert isinstance(found, HeatmapResult)
    assert found.map.shape == (32, 32) and float(found.map.max()) > 0 and not found.reason


@pytest.mark.parametrize("name", [kind.name for kind in methods("attack")])
def test_an_attack_fools_it_and_is_saved_in_grey(
    name: str, session: Session, tmp_path: Path
) -> None:
    chosen = method("attack", name)
    large = {"epsilon": 48.0} if "epsilon" in {spec.name for spec in chosen.specs} else {}
    request = Attack(
        model=LENET, image=digit(8), method=name, parameters=build(chosen.params, large)
    )
    found = execute(request, session, QUIET)
    assert isinstance(found, AttackResult) and found.success
    assert np.array_equal(found.adversarial_image[0], found.adversarial_image[2])
    path = tmp_path / "adversarial.png"
    saved = execute(SaveAdversarial(attack=request, path=str(path)), session, QUIET)
    assert isinstance(saved, SavedPicture) and saved.success
    pixels = np.asarray(Image.open(path))
    assert pixels.shape == (32, 32, 3)
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    again = execute(Predict(model=LENET, image=ImageRef(path=str(path))), session, QUIET)
    assert isinstance(again, Prediction)
    assert again.scores[0] == saved.top[0]


def test_a_sweep_finds_the_first_flip(session: Session) -> None:
    attack = Attack(
        model=LENET,
        image=digit(8),
        method="fgsm",
        parameters=build(method("attack", "fgsm").params, {}),
    )
    found = execute(Sweep(attack=attack, maximum=64.0, points=9), session, QUIET)
    assert isinstance(found, SweepResult)
    assert len(found.points) == 9 and found.first_flip is not None


@pytest.mark.parametrize("layer", ["c1", "s2", "relu3", "s4", "c5", "f6", "output"])
def test_every_layer_can_be_looked_at(layer: str, session: Session) -> None:
    found = execute(InspectLayer(model=LENET, image=digit(2), layer=layer), session, QUIET)
    assert isinstance(found, LayerMaps)
    row = session.classifier(LENET).facts.layer(layer)
    assert row is not None and found.maps.shape[0] == row.output_shape[0]
    if layer == "c1":
        assert found.filters is not None and found.filters.shape == (6, 1, 5, 5)


def test_other_pictures_do_not_disturb_it(session: Session, tmp_path: Path) -> None:
    with Image.open(resources.digits()[4]) as image:
        values = 255 - np.asarray(image)
    Image.fromarray(values).save(tmp_path / "inverted.png")
    Image.new("RGB", (1, 1), (255, 0, 0)).save(tmp_path / "dot.png")
    Image.new("RGBA", (300, 40), (0, 255, 0, 90)).save(tmp_path / "strip.png")
    Image.new("1", (5, 90), 1).save(tmp_path / "bits.png")
    others = sorted(tmp_path.glob("*.png"))
    for path in (*others, *resources.samples()):
        found = execute(Predict(model=LENET, image=ImageRef(path=str(path))), session, QUIET)
        assert isinstance(found, Prediction)
        assert sum(score.probability for score in found.scores) <= 1 + 1e-5
        assert np.array_equal(found.seen[..., 0], found.seen[..., 1])


def test_it_is_the_last_of_the_catalogue() -> None:
    assert own.LAST[-1] is own.LENET5
    facts = zoo.build(LENET).facts
    assert facts.labels == tuple("0123456789") and facts.channels == 1
    assert facts.recommended_layer == "relu3"


def test_damaged_weights_are_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(resources.root() / "samples", tmp_path / "samples")
    monkeypatch.setattr(resources, "root", lambda: tmp_path)
    with pytest.raises(CnnvizError, match=r"own file networks/lenet5\.safetensors is missing"):
        zoo.build(LENET)
    assert own.LENET5.accuracy() is None
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "lenet5.safetensors").write_bytes(b"\x08" + bytes(20))
    with pytest.raises(ModelError, match="weights of LeNet-5 are damaged"):
        zoo.build(LENET)
    assert own.LENET5.entry().accuracy is None
