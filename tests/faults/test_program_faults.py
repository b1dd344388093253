"""Exported programs that want to be run: nothing in them ever is.

Each attack is first shown to be real: ``torch.export.load`` runs it. Then the same file is opened
here, and nothing runs.
"""

from __future__ import annotations

import functools
import io
import json
import pickle
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, CheckpointError, DeviceError
from cnnviz_gui.core.models import exported
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.output import examine
from cnnviz_gui.core.request import CheckpointRef, ModelRef

SIDE = 16
MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"
SAMPLES = "data/sample_inputs/model.pt"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The members of an ordinary program, without the folder they lie in."""
    path = tmp_path_factory.mktemp("programs") / "plain.pt2"
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 5)).eval()
    picture = (torch.zeros(2, 3, SIDE, SIDE),)
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.export.save(torch.export.export(network, picture, dynamic_shapes=({0: batch},)), path)
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def write_parts(
    path: Path,
    parts: dict[str, bytes],
    changed: dict[str, bytes],
    packing: int = zipfile.ZIP_STORED,
) -> Path:
    """Write a program with some members replaced or added."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in (parts | changed).items():
            archive.writestr(f"program/{name}", data)
    return path


def alter_parts(
    write: Callable[..., Path],
    parts: dict[str, bytes],
    change: Change,
    member: str = MODEL,
    **more: bytes,
) -> Path:
    """Write a program with its JSON changed."""
    decoded = json.loads(parts[member])
    change(decoded)
    return write({member: json.dumps(decoded).encode()} | more)


@pytest.fixture
def write(tmp_path: Path, parts: dict[str, bytes]) -> Callable[..., Path]:
    return functools.partial(write_parts, tmp_path / "program.pt2", parts)


@pytest.fixture
def altered(write: Callable[..., Path], parts: dict[str, bytes]) -> Callable[..., Path]:
    return functools.partial(alter_parts, write, parts)


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return exec, (f"open({str(self.path)!r}, 'w').close()",)


def pickled(path: Path) -> bytes:
    buffer = io.BytesIO()
    torch.save(Trap(path), buffer)
    return buffer.getvalue()


def open_here(path: Path, **options: Any) -> Classifier:
    return exported.build(ModelRef(name="", checkpoint=CheckpointRef(path=str(path), **options)))


def graph(model: dict[str, Any]) -> dict[str, Any]:
    return model["graph_module"]["graph"]


def insert(model: dict[str, Any], target: str, inputs: list[Any], out: str, like: str = "") -> None:
    """Put a node before all others that gives a tensor described as ``like`` is."""
    values = graph(model)["tensor_values"]
    values[out] = values[like or "conv2d"]
    node = {"target": target, "outputs": [{"as_tensor": {"name": out}}], "metadata": {}}
    given = [{"name": name, "arg": arg, "kind": 1} for name, arg in inputs]
    graph(model)["nodes"].insert(0, node | {"inputs": given, "name": out})


def replace_picture(model: dict[str, Any], name: str) -> None:
    """Let the convolution read another value than the picture."""
    conv = next(node for node in graph(model)["nodes"] if "conv2d" in node["target"])
    conv["inputs"][0]["arg"] = {"as_tensor": {"name": name}}


def test_the_program_itself_opens(write):
    assert open_here(write({})).facts.labels == ("0", "1", "2", "3", "4")


# What torch runs. Each takes the file that must never appear.


def in_sample_inputs(trap, write, altered):
    return write({SAMPLES: pickled(trap)})


def as_a_weight(trap, write, altered):
    def change(config):
        payload = next(iter(config["config"].values()))
        payload |= {"use_pickle": True, "path_name": "weight_99"}

    return altered(change, WEIGHTS, **{"data/weights/weight_99": pickled(trap)})


def as_a_constant(trap, write, altered):
    def change(config):
        payload = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True}
        config["config"]["c"] = payload | {"tensor_meta": None}

    data = pickle.dumps(Trap(trap))
    return altered(change, CONSTANTS, **{"data/constants/opaque_obj_0": data})


def in_the_size_of_a_tensor(trap, write, altered):
    def change(model):
        for meta in graph(model)["tensor_values"].values():
            for size in meta["sizes"]:
                if "as_expr" in size:
                    size["as_expr"]["expr_str"] = f"[open({str(trap)!r}, 'w').close(), 7][1]"

    return altered(change)


def in_the_guards(trap, write, altered):
    def change(model):
        model["guards_code"] = [f"open({str(trap)!r}, 'w').close() is None"]

    return altered(change)


def as_an_operation_that_writes(trap, write, altered):
    def change(model):
        fill = [("self", {"as_tensor": {"name": "mapped"}}), ("value", {"as_float": 1.0})]
        insert(model, "torch.ops.aten.fill_.Scalar", fill, "filled")
        inputs = [
            ("filename", {"as_string": str(trap)}),
            ("shared", {"as_bool": True}),
            ("size", {"as_int": 4}),
        ]
        insert(model, "torch.ops.aten.from_file.default", inputs, "mapped")

    return altered(change)


ATTACKS = (
    in_sample_inputs,
    as_a_weight,
    as_a_constant,
    in_the_size_of_a_tensor,
    in_the_guards,
    as_an_operation_that_writes,
)
SCRIPT = f"""
import sys, torch
for path in sys.argv[1:]:
    try:
        torch.export.load(path).module()(torch.zeros(2, 3, {SIDE}, {SIDE}))
    except Exception as error:
        print(path, error)
"""


@pytest.fixture(scope="module")
def attacks(tmp_path_factory, parts):
    """The hostile files and their traps by name, after they were opened here and then by torch."""
    folder = tmp_path_factory.mktemp("attacks")
    made: dict[str, tuple[Path, Path]] = {}
    for attack in ATTACKS:
        writer = functools.partial(write_parts, folder / f"{attack.__name__}.pt2", parts)
        trap = folder / f"{attack.__name__}-ran"
        path = attack(trap, writer, functools.partial(alter_parts, writer, parts))
        made[attack.__name__] = path, trap
    outcome: dict[str, str] = {}
    for name, (path, trap) in made.items():
        try:
            open_here(path).logits(torch.zeros(2, 3, SIDE, SIDE))
            outcome[name] = "opened"
        except CheckpointError as error:
            assert error.message and error.advice
            outcome[name] = "refused"
        if trap.exists():
            outcome[name] = "ran"
    paths = [str(path) for path, _ in made.values()]
    subprocess.run([sys.executable, "-c", SCRIPT, *paths], capture_output=True, check=False)
    return {name: (outcome[name], made[name][1].exists()) for name in made}


@pytest.mark.parametrize("name", [attack.__name__ for attack in ATTACKS])
def test_what_torch_runs_is_not_run(name, attacks):
    here, by_torch = attacks[name]
    assert by_torch, "torch does not run this: the test proves nothing"
    assert here == ("opened" if name.startswith("in_") else "refused")


# What is refused, and why


def names(*words: str) -> Callable[[CheckpointError], bool]:
    return lambda error: all(word in error.message for word in words)


def node(target: str, *inputs: tuple[str, Any]) -> Change:
    return lambda model: insert(model, target, list(inputs), "new")


def x() -> dict[str, Any]:
    return {"as_tensor": {"name": "input"}}


def test_the_picture_is_called_so(parts):
    """The changes below name it."""
    assert graph(json.loads(parts[MODEL]))["inputs"][-1] == x()


@pytest.mark.parametrize(
    "target",
    [
        "torch.os.system",
        "torch.hub.load",
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.rand.default",
        "torch.ops.aten.empty.memory_format",
        "torch.ops.aten._resize_output_.default",
        "torch.ops.profiler._record_function_enter_new.default",
        "torch.ops.aten.relu.default.__globals__",
        "torch.ops.aten.relu_.default_",
        "torch.ops.higher_order.cond",
        "_operator.attrgetter",
        "_operator.methodcaller",
        "math.__loader__",
        "#namespace:anything",
        "builtins.exec",
        "",
    ],
)
def test_only_listed_operations_are_done(target, altered):
    with pytest.raises(CheckpointError) as caught:
        open_here(altered(node(target, ("self", x()))))
    assert "not among the operations" in caught.value.message
    assert "cnnviz_gui.show" in caught.value.advice


@pytest.mark.parametrize(
    "argument",
    [
        {"as_operator": "torch.os.system"},
        {"as_graph": {"name": "g", "graph": {}}},
        {"as_custom_obj": {"name": "o", "class_fqn": "__torch__.torch.classes.x.Y"}},
        {"as_string_to_argument": {}},
        {"as_complex": {"real": 0.0, "imag": 1.0}},
        {},
        {"as_int": 1, "as_float": 1.0},
        {"as_sym_int": {"as_name": "nothing"}},
        {"as_tensor": {"name": "nothing"}},
        {"as_scalar_type": 9},
        {"as_float": "nan"},
    ],
)
def test_arguments_are_plain(argument, altered):
    with pytest.raises(CheckpointError):
        open_here(altered(node("torch.ops.aten.add.Scalar", ("self", x()), ("other", argument))))


@pytest.mark.parametrize(
    "member",
    [
        "data/aotinductor/model/model.so",
        "data/aotinductor/model/kernel.cubin",
        "data/weights/weight_0.so",
        "data/constants/custom_obj_0",
        "data/weights/model.pt",
        "data/weights/../../../escaped",
        "/etc/passwd",
        "code/model.py",
        "data.pkl",
        "models/other.json",
    ],
)
def test_other_members_are_refused(member, write):
    with pytest.raises(CheckpointError):
        open_here(write({member: b"anything"}))


def test_text_that_came_along_is_not_looked_at(write):
    open_here(write({"extra/notes.txt": b"\xff\xfe", "extra/more/script.py": b"import os"}))


def test_what_would_unpack_is_refused(write, parts):
    path = write({"data/weights/weight_0": bytes(1 << 28)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(CheckpointError, match="packed"):
        open_here(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 24


def test_a_member_given_twice_is_refused(write, parts):
    path = write({})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(f"program/{MODEL}", parts[MODEL])
    with pytest.raises(CheckpointError):
        open_here(path)


def test_names_that_are_no_names_stay_text(altered):
    hostile = "'); __import__('os').system('x') #"

    def change(model):
        for number, one in enumerate(graph(model)["nodes"]):
            stack = f"k,{hostile}.__class__.{number},torch.nn.Module"
            one["metadata"] = {"nn_module_stack": stack, "stack_trace": hostile}
            one["name"] = hostile

    facts = open_here(altered(change)).facts
    assert all(layer.name.isidentifier() for layer in facts.layers)


@pytest.mark.parametrize("name", ["forward", "_steps", "training", "__class__", "state_dict"])
def test_a_layer_cannot_take_the_place_of_what_a_module_is(name, altered):
    def change(model):
        for one in graph(model)["nodes"]:
            one["metadata"] = {"nn_module_stack": f"k,{name},torch.nn.Module"}

    opened = open_here(altered(change))
    assert opened.logits(torch.zeros(1, 3, SIDE, SIDE)).shape == (1, 5)


def huge(number: int) -> Change:
    """Square the batch again and again."""

    def change(model):
        size = {"as_sym_int": {"as_name": "size"}}
        one = {"target": "_operator.mul", "metadata": {}, "name": None}
        model["graph_module"]["graph"]["nodes"].insert(
            0,
            {
                "target": "torch.ops.aten.sym_size.int",
                "inputs": [
                    {"name": "self", "arg": x(), "kind": 1},
                    {"name": "dim", "arg": {"as_int": 2}, "kind": 1},
                ],
                "outputs": [{"as_sym_int": {"as_name": "size"}}],
                "metadata": {},
            },
        )
        for index in range(number):
            out = {"as_sym_int": {"as_name": f"size_{index}"}}
            given = [{"name": "", "arg": size, "kind": 1}] * 2
            graph(model)["nodes"].insert(index + 1, one | {"inputs": given, "outputs": [out]})
            size = out
        fill = [("self", x()), ("size", {"as_sym_ints": [size["as_sym_int"]]})]
        insert_last(model, "torch.ops.aten.new_zeros.default", fill)

    return change


def insert_last(model: dict[str, Any], target: str, inputs: list[Any], suffix: str = "") -> None:
    """Add the sum of what a node gives to the logits."""
    ends = graph(model)["outputs"][0]["as_tensor"]["name"]
    made, total, logits = (f"{name}{suffix}" for name in ("last_made", "total", "new_logits"))
    insert(model, target, inputs, made, ends)
    insert(
        model, "torch.ops.aten.sum.default", [("self", {"as_tensor": {"name": made}})], total, ends
    )
    both = [("self", {"as_tensor": {"name": ends}}), ("other", {"as_tensor": {"name": total}})]
    insert(model, "torch.ops.aten.add.Tensor", both, logits, ends)
    nodes = graph(model)["nodes"]
    graph(model)["nodes"] = [*nodes[3:], *reversed(nodes[:3])]
    graph(model)["outputs"] = [{"as_tensor": {"name": logits}}]
    model["graph_module"]["signature"]["output_specs"] = [
        {"user_output": {"arg": {"as_tensor": {"name": logits}}}}
    ]


def last(target: str, *inputs: tuple[str, Any]) -> Change:
    return lambda model: insert_last(model, target, list(inputs))


WASTE = {
    "squares": huge(60),
    "full": last(
        "torch.ops.aten.full.default",
        ("size", {"as_ints": [1 << 20, 1 << 20]}),
        ("fill_value", {"as_float": 1.0}),
    ),
    "repeat": last(
        "torch.ops.aten.repeat.default", ("self", x()), ("repeats", {"as_ints": [1 << 30, 1, 1, 1]})
    ),
    "expand": last(
        "torch.ops.aten.full.default",
        ("size", {"as_ints": [1 << 40]}),
        ("fill_value", {"as_float": 1.0}),
    ),
    "arange": last("torch.ops.aten.arange.default", ("end", {"as_int": 1 << 50})),
    "pad": last(
        "torch.ops.aten.pad.default", ("self", x()), ("pad", {"as_ints": [1 << 30, 1 << 30]})
    ),
    "upsample": last(
        "torch.ops.aten.upsample_nearest2d.default",
        ("self", x()),
        ("output_size", {"as_ints": [1 << 20, 1 << 20]}),
    ),
}


def view(model: dict[str, Any]) -> None:
    """Take the mean of one number seen as many: its gradient would need them all."""
    insert(model, "torch.ops.aten.sum.default", [("self", x())], "one")
    summed = graph(model)["nodes"].pop(0)
    wide = [("self", {"as_tensor": {"name": "one"}}), ("size", {"as_ints": [1 << 40]})]
    insert(model, "torch.ops.aten.expand.default", wide, "wide")
    expanded = graph(model)["nodes"].pop(0)
    insert_last(model, "torch.ops.aten.mean.default", [("self", {"as_tensor": {"name": "wide"}})])
    graph(model)["nodes"] = [summed, expanded, *graph(model)["nodes"]]


WASTE["view"] = view


@pytest.mark.parametrize("name", WASTE)
def test_a_program_cannot_ask_for_all_the_memory(name, altered):
    with pytest.raises(CheckpointError) as caught:
        open_here(altered(WASTE[name]))
    assert "would need a tensor of" in caught.value.message or "too large" in caught.value.advice


def many(model: dict[str, Any]) -> None:
    """Make eight tensors, each of a size that is allowed."""
    for number in range(8):
        size = [("size", {"as_ints": [1 << 26]}), ("fill_value", {"as_float": float(number)})]
        insert_last(model, "torch.ops.aten.full.default", size, f"_{number}")


def test_many_tensors_are_added_up_before_any_is_made(altered, monkeypatch):
    monkeypatch.setattr(shortage, "free", lambda device: 1 << 30)
    with pytest.raises(DeviceError, match=r"needs 4\.\d GB, 1\.\d GB are free"):
        open_here(altered(many))


def endless(model: dict[str, Any]) -> None:
    """Multiply large matrices until nobody waits any more."""
    side = [("size", {"as_ints": [1 << 13, 1 << 13]}), ("fill_value", {"as_float": 0.0})]
    insert_last(model, "torch.ops.aten.full.default", side)
    made = {"as_tensor": {"name": "last_made"}}
    for number in range(12):
        both = [("self", made), ("mat2", made)]
        insert_last(model, "torch.ops.aten.mm.default", both, f"_{number}")


def test_a_program_that_computes_for_hours_is_refused(altered):
    with pytest.raises(CheckpointError, match="compute for hours"):
        open_here(altered(endless))


class Impatient(NullContext):
    """Cancels the n-th time it is asked."""

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def check(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            raise Cancelled


def test_trying_a_network_is_cancelled_between_its_operations():
    class Product(nn.Module):
        def forward(self, x):
            return (x @ x @ x).mean((2, 3))

    assert examine(Product(), 3, SIDE, NullContext()).classes == 3
    for patience in range(6):
        with pytest.raises(Cancelled):
            examine(Product(), 3, SIDE, Impatient(patience))


def test_what_is_added_last_is_computed(altered):
    """So that the refusals above are of what is wasted."""
    ones = last("torch.ops.aten.ones.default", ("size", {"as_ints": [3]}))
    zeros = torch.zeros(1, 3, SIDE, SIDE)
    more = open_here(altered(ones)).logits(zeros)
    none = open_here(altered(lambda model: None)).logits(zeros)
    torch.testing.assert_close(more, none + 3)


def claimed(**changes: Any) -> Change:
    def change(config):
        meta = next(iter(config["config"].values()))["tensor_meta"]
        meta |= changes

    return change


@pytest.mark.parametrize(
    "change",
    [
        claimed(sizes=[{"as_int": 1 << 40}], strides=[{"as_int": 0}]),
        claimed(sizes=[{"as_int": 1 << 62}] * 4),
        claimed(storage_offset={"as_int": 1 << 40}),
        claimed(storage_offset={"as_int": -1}),
        claimed(strides=[{"as_int": 1 << 62}] * 4),
        claimed(strides=[{"as_int": -1}] * 4),
        claimed(strides=[]),
        claimed(dtype=10),
        claimed(dtype=99),
        claimed(sizes=[{"as_expr": {"expr_str": "9"}}] * 4),
    ],
)
def test_weights_lie_inside_their_file(change, altered):
    with pytest.raises(CheckpointError):
        open_here(altered(change, WEIGHTS))


def test_deep_json_is_refused(write):
    with pytest.raises(CheckpointError):
        open_here(write({MODEL: b"[" * 1_000_000}))
    deep = b'{"graph_module": ' * 100_000
    with pytest.raises(CheckpointError):
        open_here(write({MODEL: deep}))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 0.99])
def test_a_part_of_a_file_is_refused(share, write):
    path = write({})
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(CheckpointError):
        open_here(path)


def test_weights_that_are_not_numbers_are_named_and_can_be_used(write):
    nan = torch.full((4, 3, 3, 3), torch.nan).numpy().tobytes()
    path = write({"data/weights/weight_0": nan})
    with pytest.raises(CheckpointError, match="108 of its 108") as caught:
        open_here(path)
    assert caught.value.offer == "damaged"
    notes = open_here(path, damaged=True).facts.notes
    assert any("108 of its 108" in note for note in notes)


def test_a_program_that_changes_its_weights_does_so_for_one_run(altered):
    def change(model):
        name = graph(model)["nodes"][0]["inputs"][1]["arg"]["as_tensor"]["name"]
        weight = {"as_tensor": {"name": name}}
        inputs = [("self", weight), ("other", {"as_float": 2.0})]
        insert(model, "torch.ops.aten.mul_.Scalar", inputs, "doubled")

    opened = open_here(altered(change))
    picture = torch.rand(1, 3, SIDE, SIDE)
    first, second = opened.logits(picture), opened.logits(picture)
    assert torch.equal(first, second)
