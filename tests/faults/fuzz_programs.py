"""A mutation fuzzer for exported programs: whatever is done to one, it opens or is refused.

Run by hand for as long as one likes; the tests run it for a moment::

    python tests/faults/fuzz_programs.py --seconds 180 --seed 1

The graph is mutated as what it is: other operations of the list in place of those there are, other
numbers, names and shapes, arguments left out or doubled; and the file as bytes. Each file is kept
until it was survived, so that one that ends the process is there to look at.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import math
import random
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.models import exported
from cnnviz_gui.core.models.programs import operators
from cnnviz_gui.core.request import CheckpointRef, ModelRef

SLOWEST_SECONDS = 20.0
INTEGERS = (
    *(-1, 0, 1, 2, 3, 4, 7, 16, 255, 256, 65535, 1 << 20, -(1 << 31), (1 << 31) - 1, 1 << 31),
    *((1 << 40), (1 << 62), (1 << 63) - 1, -(1 << 63), 1 << 70, -2, -100),
)
FLOATS = (0.0, -1.0, 1e-30, 1e30, "Infinity", "-Infinity", "NaN", 0.5, 1e308)
TEXTS = ("same", "valid", "none", "tanh", "floor", "trunc", "ij,jk->ik", "...->", "constant", "")
TARGETS = tuple(f"torch.ops.aten.{name}" for name in sorted(operators._ALLOWED))


class Mixer(nn.Module):
    """Some of everything."""

    def __init__(self, *, in_place: bool = False) -> None:
        super().__init__()
        self.in_place = in_place
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(inplace=True)
        )
        self.group = nn.GroupNorm(2, 8)
        self.pool = nn.MaxPool2d(2)
        self.attention = nn.MultiheadAttention(8, 2)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.pool(torch.cat((self.stem(x)[:, :4], self.group(self.stem(x))[:, 4:]), 1))
        y = nn.functional.interpolate(nn.functional.gelu(y), scale_factor=2.0) + 1
        a, b = y.chunk(2, 1)
        y = torch.cat((a.clamp(0, 6), b.softmax(1)), 1)
        tokens = y.flatten(2).permute(2, 0, 1)
        mixed, _ = self.attention(tokens, tokens, tokens, need_weights=False)
        if self.in_place:
            mixed[:2].mul_(2.0)
        return self.head(mixed.mean(0) + y.amax((2, 3)))


class Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


Parts = dict[str, bytes]


def corpus() -> list[Parts]:
    """Return the members of a few small programs."""
    made = []
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), Mean(), nn.Linear(4, 3))
    any_batch = ({0: torch.export.Dim("batch", min=1, max=64)},)
    for network, sizes in ((plain, any_batch), (Mixer(), None), (Mixer(in_place=True), any_batch)):
        picture = (torch.zeros(1 if sizes is None else 2, 3, 16, 16),)
        program = torch.export.export(network.eval(), picture, dynamic_shapes=sizes)
        for version in (program, program.run_decompositions()):
            buffer = io.BytesIO()
            torch.export.save(version, buffer)
            with zipfile.ZipFile(buffer) as archive:
                names = archive.namelist()
                made.append({name.partition("/")[2]: archive.read(name) for name in names})
    return made


def written(parts: Parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(f"program/{name}", data)
    return buffer.getvalue()


def mutated(parts: Parts, dice: random.Random) -> bytes:
    """Return a file after a few changes."""
    kind = dice.random()
    if kind < 0.75:
        return written(parts | {"models/model.json": mutated_graph(parts, dice)})
    if kind < 0.9:
        config = "data/weights/model_weights_config.json"
        decoded = json.loads(parts[config])
        for _ in range(dice.randint(1, 3)):
            change_anything(decoded, dice)
        return written(parts | {config: json.dumps(decoded).encode()})
    data = bytearray(written(parts))
    for _ in range(dice.choice((1, 2, 8))):
        at = dice.randrange(len(data))
        data[at : at + dice.choice((0, 1, 4))] = dice.randbytes(dice.choice((0, 1, 4)))
    return bytes(data)


def mutated_graph(parts: Parts, dice: random.Random) -> bytes:
    model = json.loads(parts["models/model.json"])
    nodes = model["graph_module"]["graph"]["nodes"]
    for node in nodes:
        node["metadata"] = {"nn_module_stack": node["metadata"].get("nn_module_stack", "")}
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        node = dice.choice(nodes)
        match dice.randrange(10):
            case 0:
                node["target"] = dice.choice(TARGETS)
            case 1:
                change_operation(node, dice)
            case 2 if len(nodes) > 1:
                nodes.remove(node)
            case 3:
                nodes.insert(dice.randrange(len(nodes)), json.loads(json.dumps(node)))
            case 4 if node["inputs"]:
                del node["inputs"][dice.randrange(len(node["inputs"]))]
            case 5:
                node["outputs"] = dice.choice(nodes)["outputs"]
            case 6:
                change_anything(model, dice)
            case 7 if node["inputs"]:
                given = dice.choice(node["inputs"])
                given["arg"] = dice.choice(dice.choice(nodes)["inputs"] or [given])["arg"]
            case _:
                if node["inputs"]:
                    change_argument(dice.choice(node["inputs"]), dice)
    return json.dumps(model).encode()


def change_operation(node: dict[str, Any], dice: random.Random) -> None:
    """Let a node do something else, with as many arguments as that takes."""
    target = dice.choice(TARGETS)
    known = operators.resolve(target)
    tensors = [given["arg"] for given in node["inputs"] if "as_tensor" in given["arg"]]
    if known is None or not tensors:
        return
    schema = operators._overload(target.removeprefix("torch.ops.aten."))._schema
    node["target"] = target
    node["inputs"] = []
    for argument in schema.arguments:
        if argument.has_default_value() and dice.random() < 0.5:
            continue
        given = {"name": argument.name, "arg": value_for(str(argument.real_type), tensors, dice)}
        node["inputs"].append(given | {"kind": 1})


def value_for(kind: str, tensors: list[Any], dice: random.Random) -> dict[str, Any]:
    if "List[Tensor]" in kind:
        return {
            "as_tensors": [dice.choice(tensors)["as_tensor"] for _ in range(dice.randint(1, 3))]
        }
    if "List[Optional" in kind:
        return {"as_optional_tensors": [dice.choice(tensors) for _ in range(dice.randint(1, 3))]}
    if "Tensor" in kind:
        return dice.choice(tensors)
    if "List[int]" in kind:
        return {"as_ints": [dice.choice(INTEGERS[:12]) for _ in range(dice.randint(0, 4))]}
    if "List[float]" in kind:
        return {"as_floats": [dice.choice(FLOATS) for _ in range(dice.randint(0, 3))]}
    if "ScalarType" in kind:
        return {"as_scalar_type": dice.choice((1, 4, 5, 6, 7, 8, 12))}
    if "MemoryFormat" in kind:
        return {"as_memory_format": dice.choice((1, 2, 4, 9))}
    if "Device" in kind:
        return {"as_device": {"type": "cuda", "index": 3}}
    if "bool" in kind:
        return {"as_bool": dice.random() < 0.5}
    if "int" in kind:
        return {"as_int": dice.choice(INTEGERS[:12])}
    if "str" in kind:
        return {"as_string": dice.choice(TEXTS)}
    return dice.choice(({"as_float": dice.choice(FLOATS)}, {"as_int": dice.choice(INTEGERS)}))


def change_argument(given: dict[str, Any], dice: random.Random) -> None:
    (kind, value), *_ = given["arg"].items()
    match kind:
        case "as_int":
            given["arg"] = {kind: dice.choice(INTEGERS)}
        case "as_float":
            given["arg"] = {kind: dice.choice(FLOATS)}
        case "as_ints":
            changed = [*value]
            if changed and dice.random() < 0.7:
                changed[dice.randrange(len(changed))] = dice.choice(INTEGERS)
            else:
                changed = [dice.choice(INTEGERS) for _ in range(dice.randint(0, 5))]
            given["arg"] = {kind: changed}
        case "as_bool":
            given["arg"] = {kind: not value}
        case "as_string":
            given["arg"] = {kind: dice.choice(TEXTS)}
        case "as_tensors":
            given["arg"] = {kind: value * dice.choice((0, 2, 50))}
        case _:
            change_anything(given, dice)


def change_anything(value: Any, dice: random.Random) -> None:
    """Change some number or text, however deep it lies."""
    while True:
        places = list(value) if isinstance(value, dict) else range(len(value))
        if not places:
            return
        place = dice.choice(list(places))
        inner = value[place]
        if not isinstance(inner, dict | list) or dice.random() < 0.03:
            value[place] = dice.choice((*INTEGERS, *FLOATS, None, True, [], {}, "x"))
            return
        value = inner


@dataclass
class Figures:
    """What came of the mutations."""

    tried: int = 0
    opened: int = 0
    refused: collections.Counter[str] = field(default_factory=collections.Counter)
    slowest: float = 0.0
    seconds: float = 0.0
    growth: int = 0
    """Bytes of resident memory at the peak beyond those at the beginning."""

    def __str__(self) -> str:
        lines = [
            f"{self.tried} files in {self.seconds:.0f} s ({self.tried / self.seconds:.0f}/s), "
            f"{self.opened} opened, {self.refused.total()} refused",
            f"slowest {1e3 * self.slowest:.0f} ms, peak memory + {self.growth / 1e6:.0f} MB",
            *(f"{count:>8}  {said}" for said, count in self.refused.most_common(20)),
        ]
        return "\n".join(lines)


def fuzz(*, seed: int, files: float = math.inf, seconds: float = math.inf) -> Figures:
    """Mutate and open files; raises at the first that does anything but open or be refused."""
    dice, figures = random.Random(seed), Figures()
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        known = corpus()
    path = Path(tempfile.gettempdir(), f"fuzzed-program-{seed}.pt2")
    for parts in known:
        path.write_bytes(written(parts))
        open_and_use(path)
    memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    while figures.tried < files and figures.seconds < seconds:
        path.write_bytes(mutated(dice.choice(known), dice))
        started = time.monotonic()
        try:
            open_and_use(path)
            figures.opened += 1
        except CnnvizError as error:
            assert error.message
            words = error.message.replace(path.name, "…").split(":")[0]
            figures.refused[" ".join(words.split()[:7])] += 1
        except BaseException:
            print(f"kept {path}", file=sys.stderr)
            raise
        figures.slowest = max(figures.slowest, time.monotonic() - started)
        assert figures.slowest < SLOWEST_SECONDS, path
        figures.tried += 1
        figures.seconds = time.monotonic() - began
    path.unlink()
    figures.growth = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory)
    return figures


def open_and_use(path: Path) -> None:
    """Open a program, and use it in every way that the methods do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ref = ModelRef(name="", checkpoint=CheckpointRef(path=str(path), damaged=True))
        network = exported.build(ref)
        side = network.facts.input_size
        if side > 64:
            return
        picture = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))
        network.logits(picture)
        network.gradient(picture, lambda logits: logits[:, 0])
        layer = network.facts.recommended_layer
        if layer:
            network.feature_maps(picture, [layer])
            network.cut(picture[:1], layer).gradient(lambda logits: logits[:, 0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gigabytes", type=float, default=0, help="bound of the address space")
    arguments = parser.parse_args()
    if arguments.gigabytes:
        bound = int(arguments.gigabytes * 1e9)
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    print(fuzz(seed=arguments.seed, seconds=arguments.seconds))


if __name__ == "__main__":
    main()
