"""What a picture carries: its request, and nothing of the machine it was made on."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from cnnviz_gui import resources
from cnnviz_gui.core import carried, images, named_files, params, png_text, request_json
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.feature_requests import Feature, SpectrumRef, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.files import save_png
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.layer_requests import ActivationStatistics, TopPatches
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.plane_requests import Plane, PlanePicture
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack, CheckpointRef, Heatmap, ImageRef, ModelRef, Nearest
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Trust

PLACE = "/home/anna/private"
PICTURE = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
QUIET = NullContext()


def image(name: str = "cat.png") -> ImageRef:
    return ImageRef(path=f"{PLACE}/{name}", sha256="a" * 64)


def usual(kind, name: str) -> params.Params:
    return params.build(method(kind, name).params, {})


def of_own() -> ModelRef:
    """A network with weights in a file, where the owner's name is in the path."""
    told = CheckpointRef(path="C:\\Users\\anna\\net.safetensors", sha256="b" * 64, labels=("a",))
    return ModelRef(name="resnet18", checkpoint=told)


def heatmap() -> Heatmap:
    return Heatmap(
        model=of_own(), image=image(), method="grad-cam", parameters=usual("heatmap", "grad-cam")
    )


def attack() -> Attack:
    return Attack(model=of_own(), image=image(), method="pgd", parameters=usual("attack", "pgd"))


def asked():
    """Every way in which a request can name a file."""
    plane = Plane(attack=attack(), other_image=image("dog.png"))
    folder = FolderRef(path=f"{PLACE}/holiday/")
    model = of_own()
    yield heatmap()
    yield Trust(heatmap=heatmap())
    yield PlanePicture(plane=plane, along=1.0, across=0.5)
    yield Nearest(model=model, image=image(), folder=f"{PLACE}/holiday")
    yield TopPatches(model=model, layer="layer4", channel=3, folder=f"{PLACE}/holiday")
    yield ActivationStatistics(model=model, images=(image(), image("b.png")), folder=f"{PLACE}/x")
    yield Feature(
        model=model,
        units=(Unit(layer="layer4", channel=1),),
        parameters=FeatureParams(parameterisation="maco"),
        image=image(),
        spectrum=SpectrumRef(path=f"{PLACE}/magnitudes.npy", sha256="c" * 64),
    )
    yield HeatmapFolder(
        model=model, folder=folder, method="cam", parameters=usual("heatmap", "cam")
    )


@pytest.mark.parametrize("request_", list(asked()), ids=lambda one: one.task)
def test_a_picture_tells_its_request_and_no_place(tmp_path: Path, request_) -> None:
    text = carried.written(request_, network="ResNet-18", weights="d" * 64)
    path = save_png(tmp_path / "a.png", PICTURE, text)
    data = path.read_bytes()
    assert b"anna" not in data
    assert b"private" not in data
    found = carried.found_in(data)
    assert found is not None
    assert found.request == named_files.by_name(request_)
    assert (found.network, found.weights) == ("ResNet-18", "d" * 64)
    assert found.program.startswith("cnnviz-gui ")
    assert np.array_equal(np.asarray(Image.open(path)), PICTURE)


def test_files_keep_what_tells_them_from_others() -> None:
    kept = named_files.by_name(heatmap())
    assert kept.image == ImageRef(path="cat.png", sha256="a" * 64)
    assert kept.model.checkpoint == CheckpointRef(
        path="net.safetensors", sha256="b" * 64, labels=("a",)
    )
    assert named_files.files(heatmap()) == (of_own().checkpoint, image())


def test_a_request_is_sealed_as_it_is_written() -> None:
    sample = str(resources.samples()[0])
    model = ModelRef(name="lenet5", untrained=True)
    session = Session()
    plain = Heatmap(
        model=model,
        image=ImageRef(path=sample),
        method="grad-cam",
        parameters=usual("heatmap", "grad-cam"),
    )
    session.classifier(model)  # as it is once there is a result
    found = carried.read(carried.of(plain, session, QUIET))
    assert found.request.image == ImageRef(
        path=Path(sample).name, sha256=session.picture(plain.image).sha256
    )
    assert found.network == session.classifier(model).facts.title
    other = carried.weights_of(session.classifier(ModelRef(name="lenet5", untrained=True, seed=1)))
    assert len(found.weights) == len(other) == 64
    assert found.weights != other


def test_a_file_that_has_gone_keeps_nothing_from_being_written() -> None:
    gone = ImageRef(path="/nowhere/at/all.png")
    model = ModelRef(name="lenet5", untrained=True)
    asked = Nearest(model=model, image=gone, folder="/nowhere")
    found = carried.read(carried.of(asked, Session(), QUIET))
    assert found.request.image == ImageRef(path="all.png")


def test_a_picture_without_a_request_carries_none(tmp_path: Path) -> None:
    assert carried.found_in(save_png(tmp_path / "a.png", PICTURE).read_bytes()) is None
    assert carried.found_in(b"\xff\xd8\xff no PNG") is None
    assert carried.found_in(png_text.MAGIC) is None


def with_chunk(tmp_path: Path, text: str, *, zip: bool = False) -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_itxt(png_text.KEYWORD, text, zip=zip)
    Image.fromarray(PICTURE).save(tmp_path / "a.png", pnginfo=told)
    return (tmp_path / "a.png").read_bytes()


def test_a_text_that_was_packed_is_read(tmp_path: Path) -> None:
    text = carried.written(heatmap())
    found = carried.found_in(with_chunk(tmp_path, text.decode(), zip=True))
    assert found is not None
    assert found.request == named_files.by_name(heatmap())


def edited(**changes: object) -> str:
    told = msgspec.json.decode(carried.written(heatmap()))
    return msgspec.json.encode(told | changes).decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "another version"),
        (edited(format=2), "another version"),
        (edited(more=1), "unknown key 'more'"),
        (edited(program=["x"]), "no proper 'program'"),
        (edited(network="x" * 1000), "no proper 'network'"),
        (edited(request={"task": "save-adversarial", "path": "/x"}), "no task"),
        (edited(request=None), "JSON object"),
        (edited(request=request_json.msgspec.to_builtins(heatmap()) | {"x": 1}), "no task"),
    ],
)
def test_what_was_made_up_is_refused_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CnnvizError, match=words):
        carried.found_in(with_chunk(tmp_path, text))


@pytest.mark.parametrize(
    "evil",
    [
        {"task": "forget"},
        {"task": "fetch-image", "url": "https://example.org/a.png", "folder": "x"},
        {"task": "read-labels", "path": "/etc/passwd", "classes": 2},
        {"task": "list-images", "paths": ["/"]},
    ],
    ids=lambda evil: evil["task"],
)
def test_only_a_result_is_asked_for_by_a_stranger(tmp_path: Path, evil: dict[str, object]) -> None:
    assert request_json.from_dict(evil).task == evil["task"], "it is a request like any other"
    with pytest.raises(CnnvizError, match="No page shows"):
        carried.found_in(with_chunk(tmp_path, edited(request=evil)))
    with pytest.raises(CnnvizError, match="No page shows"):
        carried.read(msgspec.json.encode(evil))


def test_a_part_of_a_request_is_of_its_own_task(tmp_path: Path) -> None:
    evil = msgspec.to_builtins(heatmap()) | {"task": "heatmap", "attack": {"task": "forget"}}
    with pytest.raises(CnnvizError, match="'attack' does not fit"):
        carried.found_in(with_chunk(tmp_path, edited(request=evil)))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(CnnvizError, match="larger than 1 MB"):
        carried.found_in(with_chunk(tmp_path, "x" * 50_000_000, zip=True))
    with pytest.raises(CnnvizError, match="larger than 1 MB"):
        carried.found_in(with_chunk(tmp_path, "x" * 1_100_000))


def test_damage_is_told_and_goes_no_further(tmp_path: Path) -> None:
    data = with_chunk(tmp_path, carried.written(heatmap()).decode())
    at = data.index(b"grad-cam")
    broken = data[:at] + b"X" + data[at + 1 :]
    with pytest.raises(CnnvizError, match="damaged"):
        carried.found_in(broken)
    with pytest.raises(CnnvizError, match="damaged"):
        carried.found_in(data[:at])
    packed = bytearray(with_chunk(tmp_path, "x" * 500, zip=True))
    start = packed.index(b"iTXt") + 4
    length = int.from_bytes(packed[start - 8 : start - 4], "big")
    packed[start + 20 : start + 22] = b"\xff\xff"
    check = zlib.crc32(bytes(packed[start - 4 : start + length]))
    packed[start + length : start + length + 4] = check.to_bytes(4, "big")
    with pytest.raises(CnnvizError, match="damaged"):
        carried.found_in(bytes(packed))


def test_a_place_that_was_written_into_a_picture_is_dropped(tmp_path: Path) -> None:
    evil = msgspec.json.decode(heatmap().to_json())
    evil["image"]["path"] = "../../etc/passwd"
    found = carried.found_in(with_chunk(tmp_path, edited(request=evil)))
    assert found is not None
    assert found.request.image.path == "passwd"


def test_without_it_a_picture_is_as_it_was(tmp_path: Path) -> None:
    plain = save_png(tmp_path / "plain.png", PICTURE).read_bytes()
    telling = save_png(tmp_path / "telling.png", PICTURE, carried.written(heatmap())).read_bytes()
    assert png_text.without(plain) is plain
    assert png_text.without(telling) == plain


def test_a_request_by_itself_is_read_too() -> None:
    assert carried.read(heatmap().to_json()).request == named_files.by_name(heatmap())


@pytest.mark.parametrize("text", ["x" * 2_000_000, "{", "\x00"])
def test_no_such_text_costs_the_picture(tmp_path: Path, text: str) -> None:
    """Where a decoder would stumble over it, it never sees it."""
    path = tmp_path / "hostile.png"
    path.write_bytes(with_chunk(tmp_path, text, zip=True))
    picture = images.load(ImageRef(path=str(path)))
    assert np.array_equal(picture.pixels, PICTURE)
    assert picture.carried is None
    assert picture.carried_problem
    path.write_bytes(with_chunk(tmp_path, carried.written(heatmap()).decode()))
    assert images.load(ImageRef(path=str(path))).carried is not None
