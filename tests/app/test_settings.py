import json
import random

import pytest

from cnnviz_gui.app.settings import MAX_RECENT, Settings, SettingsFile
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset


@pytest.fixture
def file(tmp_path):
    return SettingsFile(tmp_path / "config" / "settings.json")


def put(file, data):
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.path.write_bytes(data)


def test_the_first_start_has_defaults_and_no_message(file):
    assert file.read() == (Settings(), "")


def test_what_is_saved_comes_back(file):
    settings = Settings(scheme="dark", opacity=0.5, parameters={"attack:pgd": {"epsilon": 7.65}})
    settings.add_recent_image("a.png")
    assert file.write(settings) == ""
    assert file.read() == (settings, "")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b"[" * 100_000])
def test_a_damaged_file_is_set_aside_with_a_sentence(file, data):
    put(file, data)
    settings, said = file.read()
    assert settings == Settings()
    assert "defaults" in said
    assert file.path.with_suffix(".BAK").read_bytes() == data


def test_only_the_broken_keys_are_reset(file):
    put(file, json.dumps({"scheme": "purple", "stage": "attack", "opacity": 7}).encode())
    settings, said = file.read()
    assert settings.stage == "attack"
    assert settings.scheme == "system"
    assert settings.opacity == Settings().opacity
    assert "scheme" in said
    assert "opacity" in said


def test_a_key_of_a_newer_version_is_passed_over(file):
    put(file, b'{"holograms": true, "stage": "layers"}')
    settings, said = file.read()
    assert settings.stage == "layers"
    assert said == ""


def test_random_bytes_never_stop_the_start(file):
    generator = random.Random(7)
    for _ in range(200):
        put(file, generator.randbytes(generator.randrange(200)))
        settings, _ = file.read()
        assert isinstance(settings, Settings)


def test_a_folder_in_place_of_the_file_is_survived(file):
    file.path.mkdir(parents=True)
    settings, said = file.read()
    assert settings == Settings()
    assert said
    assert "saved" in file.write(Settings())


def test_the_list_of_recent_pictures_is_bounded_and_newest_first():
    settings = Settings()
    for number in range(MAX_RECENT + 5):
        settings.add_recent_image(f"{number}.png")
    settings.add_recent_image("10.png")
    assert settings.recent_images[0] == "10.png"
    assert len(settings.recent_images) == MAX_RECENT
    assert len(set(settings.recent_images)) == MAX_RECENT


def test_a_peek_mends_nothing(file):
    put(file, b'{"scheme": "dark", "stage": 7}')
    assert file.peek() == Settings(scheme="dark")
    put(file, b"{")
    assert file.peek() == Settings()
    assert file.path.read_bytes() == b"{"


def test_the_parameters_of_made_pictures_come_back(file):
    settings = Settings()
    settings.keep_feature("sharp", FeatureParams(size=96, rate=0.3))
    assert file.write(settings) == ""
    again, _ = file.read()
    assert again.feature_preset == "sharp"
    assert again.feature_parameters() == FeatureParams(size=96, rate=0.3)
    again.parameters["feature:ascent"] = {"size": -1}
    assert again.feature_parameters() == preset("sharp").parameters
    again.feature_preset = "gone"
    assert again.feature_parameters() == FeatureParams()
