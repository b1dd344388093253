import pytest

from cnnviz_gui.core import file_names


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("coffee", "step-3"), "coffee-step-3"),
        (("Störung", "", "größte Änderung"), "Störung-größte-Änderung"),
        (("Grad-CAM, tiger cat",), "Grad-CAM-tiger-cat"),
        (("キジトラ猫", "हिन्दी"), "キジトラ猫-हिन्दी"),
        (("u\N{COMBINING DIAERESIS}ber",), "über"),
        ((r'a/b\c:d*e?f"g<h>i|j',), "a-b-c-d-e-f-g-h-i-j"),
        (("line\nend\x00",), "line-end"),
        (("..",), "picture"),
        (("±",), "picture"),
        (("nul",), "picture-nul"),
        (("COM1.clean",), "picture-COM1.clean"),
    ],
)
def test_a_file_name_keeps_letters_of_any_script_and_nothing_a_system_refuses(parts, name):
    assert file_names.of_words(*parts) == name


def test_a_long_name_is_cut_between_letters_before_a_file_system_refuses_it():
    name = file_names.of_words("ä" * 400)
    assert set(name) == {"ä"} and len(name.encode()) == 180
