"""Class names from files as people have them: text, tables, JSON, in any encoding and number."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz_gui.core.errors import LabelsError
from cnnviz_gui.core.models import class_names
from cnnviz_gui.core.result import ClassNames

PETS = ("cat", "dog", "hen")
Read = Callable[..., ClassNames]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(content: str | bytes, name: str = "names.txt", classes: int = 3) -> Any:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return class_names.read(str(path), classes)

    return write_and_read


@pytest.mark.parametrize(
    "text",
    ["cat\ndog\nhen\n", "cat\r\ndog\r\nhen", "cat\ndog\nhen\n\n\n", " cat \n\tdog\nhen",
     "0 cat\n1 dog\n2 hen", "0: cat\n1: dog\n2: hen", "2\then\n0\tcat\n1\tdog",
     "1,cat\n2,dog\n3,hen",
     "{0: 'cat',\n 1: 'dog',\n 2: 'hen'}", "{0: 'cat',\n 1: \"dog\",\n 2: 'hen',\n}",
     "n02123045 cat\nn02099601 dog\nn01514859 hen\n"],
)  # fmt: skip
def test_text_with_a_name_a_line(text: str, read: Read) -> None:
    assert read(text) == ClassNames(labels=PETS, note="") or read(text).labels == PETS
    assert read(text).note == ""


@pytest.mark.parametrize(
    "text",
    ["index,name\n0,cat\n1,dog\n2,hen\n", "name\ncat\ndog\nhen\n", "id;label\n2;hen\n0;cat\n1;dog",
     "0,cat\n1,dog\n2,hen\n", "class\tid\ncat\t1\ndog\t2\nhen\t3\n", "cat,0\ndog,1\nhen,2\n",
     "class_id,synset,class_name\n0,n02123045,cat\n1,n02099601,dog\n2,n01514859,hen\n",
     '"index","name"\n"0","cat"\n"1","dog"\n"2","hen"\n',
     "0,n02123045,cat\n1,n02099601,dog\n2,n01514859,hen"],
)  # fmt: skip
def test_tables(text: str, read: Read) -> None:
    found = read(text, "names.csv")
    assert (found.labels, found.note) == (PETS, "")


def test_a_name_in_a_table_may_hold_commas(read: Read) -> None:
    text = 'index,name\n0,"tench, Tinca tinca"\n1,"goldfish, Carassius"\n2,hen\n'
    assert read(text, "names.csv").labels == ("tench, Tinca tinca", "goldfish, Carassius", "hen")


def test_a_name_in_a_line_may_hold_commas(read: Read) -> None:
    text = "tench, Tinca tinca\ngoldfish, Carassius auratus\nname tag, label\n"
    assert read(text).labels == tuple(text.splitlines())


@pytest.mark.parametrize(
    "value",
    [list(PETS), {"0": "cat", "1": "dog", "2": "hen"}, {"2": "hen", "1": "dog", "0": "cat"},
     {"0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "hen"]}, {"cat": 0, "hen": 2, "dog": 1},
     {"id2label": {"0": "cat", "1": "dog", "2": "hen"}, "hidden_size": 768},
     {"classes": list(PETS)}, [["n1", "cat"], ["n2", "dog"], ["n3", "hen"]],
     [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}, {"id": 2, "name": "hen"}],
     {"1": "cat", "2": "dog", "3": "hen"}, {"names": {"0": "cat", "1": "dog", "2": "hen"}}],
)  # fmt: skip
@pytest.mark.parametrize("name", ["names.json", "names.txt"])
def test_json(value: Any, name: str, read: Read) -> None:
    found = read(json.dumps(value), name)
    assert (found.labels, found.note) == (PETS, "")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "latin-1"]
)
def test_encodings(encoding: str, read: Read) -> None:
    text = "Bär\nÉcureuil\nMañana\n"
    mark = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}.get(encoding, b"")
    assert read(mark + text.encode(encoding)).labels == ("Bär", "Écureuil", "Mañana")


def test_too_few_names_are_followed_by_numbers(read: Read) -> None:
    text = "".join(f"bird {index}\n" for index in range(997))
    found = read(text, classes=1000)
    assert found.note == "1000 classes, 997 labels: showing numbers after 996."
    assert found.labels[996:] == ("bird 996", "997", "998", "999") and len(found.labels) == 1000


def test_too_many_names_are_left_out(read: Read) -> None:
    found = read("cat\ndog\nhen\nfox\nape\n")
    assert found.labels == PETS
    assert found.note == "3 classes, 5 labels: the last 2 are left out."
    assert read("cat\ndog\nhen\nfox\n").note == "3 classes, 4 labels: the last is left out."


def test_a_class_for_nothing_is_left_out(read: Read) -> None:
    found = read("background\ncat\ndog\nhen\n")
    assert found.labels == PETS and "'background'" in found.note


def test_names_that_occur_twice_are_told(read: Read) -> None:
    found = read("crane\nfox\ncrane\nfox\n", classes=4)
    assert found.labels == ("crane", "fox", "crane", "fox")
    assert found.note.startswith("2 labels occur more than once")


def test_names_are_shown_without_what_could_disguise_them(read: Read) -> None:
    found = read("a\x1b[31mred\nb\u202ereversed\n" + "x" * 9000 + "\n")
    assert found.labels == ("a [31mred", "b reversed", "x" * 200)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("", "names.txt", "holds no class names"),
        ("\n\n \n", "names.txt", "holds no class names"),
        ("{", "names.json", "no valid JSON"),
        ("{}", "names.json", "no list of class names"),
        ('{"0": "cat", "7": "dog"}', "names.json", "no list of class names"),
        ("[1, 2, 3]", "names.json", "no list of class names"),
        ('{"lr": 0.1, "epochs": 3}', "names.json", "no list of class names"),
        ("[" * 5000 + "]" * 5000, "names.json", "JSON|no list"),
        ('{"labels": ' * 900 + "1" + "}" * 900, "names.json", "JSON|no list"),
        (b"x" * 1_000_001, "names.txt", "larger than 1 MB"),
    ],
)
def test_what_holds_no_names_is_refused(
    content: str | bytes, name: str, said: str, read: Read
) -> None:
    with pytest.raises(LabelsError, match=said) as caught:
        read(content, name)
    assert name in caught.value.message and caught.value.advice


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (str(pipe), str(tmp_path), "/dev/zero", str(tmp_path / "none"), "a\0b", ""):
        with pytest.raises(LabelsError):
            class_names.read(path, 3)


@pytest.mark.parametrize("seed", range(200))
def test_any_bytes_give_names_or_a_sentence(seed: int, tmp_path: Path) -> None:
    import random

    dice = random.Random(seed)
    parts = [b"0", b",", b"\n", b'"', b"{", b"}", b"[", b"]", b":", b"name", b"cat", b"\xff\xfe",
             b"\0", b"\xe4", b";", b"\t", b"'", b"n01440764", b"1", b"null"]  # fmt: skip
    path = tmp_path / dice.choice(("n.txt", "n.csv", "n.json"))
    path.write_bytes(b"".join(dice.choice(parts) for _ in range(dice.randrange(40))))
    try:
        found = class_names.read(str(path), 4)
    except LabelsError:
        return
    assert len(found.labels) == 4
