"""A mutation fuzzer for files of weights: whatever is done to one, it opens or is refused in words.

Run by hand for as long as one likes; the tests run it for a moment::

    python tests/faults/fuzz_checkpoints.py --seconds 180 --seed 1

Files of every kind are mutated, harmless and malicious ones, as bytes and as what they are: the
pickle inside an archive with its checksum mended, the header of safetensors with its length. After
each the canary must be alive: had any payload run, it would be gone.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import math
import os
import pickle
import random
import resource
import struct
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save as save_safetensors
from torch import nn

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models import checkpoint, checkpoint_report, match

SLOWEST_SECONDS = 5.0
MEMORY = Path("/dev/shm")
"""Files in it never touch a disk."""
INTERESTING = (0, 1, 2, 127, 128, 255, 256, 65535, 1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1)
TOKENS = (
    b"cposix\nsystem\n", b"cbuiltins\neval\n", b"ctorch._utils\n_rebuild_tensor_v2\n", b"R", b"b",
    b"Q", b"(", b"t", b"\x81", b"\x93", b"o", b"isys\nexit\n", b"0", b"2", b"h\x00", b"q\x00", b".",
    b"ctorch\nFloatStorage\n", b"c_codecs\nencode\n", b"cbuiltins\nbytearray\n",
    b"\x8a\x09" + b"\xff" * 9,
    b"J\xff\xff\xff\x7f", b"ctorch\nTensor\n", b"ctorch.nn.parameter\nParameter\n", b"]",
    b"}", b")",
    b"ccollections\nOrderedDict\n", b"\x85", b"\x86", b"\x87", b"u", b"s", b"e", b"a", b"N",
)  # fmt: skip


class Payload:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.system, (self.command,)


def saved(value: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def corpus(command: str) -> list[bytes]:
    """Return files of every kind, small ones."""
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 3))
    state = {f"layer{i}.{name}": t for i in range(3) for name, t in network.state_dict().items()}
    plain = {name: tensor.clone() for name, tensor in state.items()}
    evil = {**state, "extra": Payload(command)}
    return [
        saved(state),
        saved({"state_dict": state, "epoch": 3, "optimizer": {"state": {0: torch.zeros(3)}}}),
        saved({name: tensor.half() for name, tensor in state.items()}),
        saved(network),
        saved(evil),
        saved(state, _use_new_zipfile_serialization=False),
        saved(evil, _use_new_zipfile_serialization=False),
        pickle.dumps(evil, 2),
        pickle.dumps({"a": Payload(command)}, 0),
        pickle.dumps({"a": Payload(command)}, 4),
        save_safetensors(plain),
        save_safetensors({name: tensor.half() for name, tensor in plain.items()}),
    ]


def mutated_bytes(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Return the bytes after a few changes."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        if not changed:
            break
        at = dice.randrange(len(changed))
        length = min(dice.choice((1, 2, 4, 8, 16, 64)), len(changed) - at)
        match dice.randrange(9):
            case 0:
                changed[at] ^= 1 << dice.randrange(8)
            case 1:
                changed[at : at + length] = dice.randbytes(length)
            case 2:
                number = dice.choice(INTERESTING)
                width = dice.choice((1, 2, 4, 8))
                changed[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, "little")
            case 3:
                del changed[at : at + length]
            case 4:
                changed[at:at] = changed[at : at + length] * dice.randint(1, 8)
            case 5:
                changed[at:at] = dice.choice(TOKENS)
            case 6:
                changed[at : at + length] = dice.choice(TOKENS)
            case 7:
                del changed[at:]
            case _:
                other = dice.choice(others)
                start = dice.randrange(len(other))
                changed[at : at + length] = other[start : start + dice.choice((8, 64, 512))]
    return bytes(changed)


def mutated_archive(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Change records of an archive and write it anew, with right checksums."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        records = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    for _ in range(dice.randint(1, 2)):
        likely = [0] * 3 + [dice.randrange(len(records))]
        place = dice.choice(likely)
        name, content = records[place]
        match dice.randrange(8):
            case 0 if len(records) > 1:
                del records[place]
            case 1:
                records.insert(dice.randrange(len(records)), (name, content))
            case 2:
                records[place] = (dice.choice(records)[0], content)
            case _:
                records[place] = (name, mutated_bytes(content, dice, others))
    method = dice.choice((*[zipfile.ZIP_STORED] * 9, zipfile.ZIP_DEFLATED))
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # two records may bear one name
        for name, content in records:
            archive.writestr(name, content)
    return buffer.getvalue()


def mutated_header(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Change the header of safetensors, as JSON or as bytes, and mend its length."""
    (length,) = struct.unpack("<Q", data[:8])
    header, rest = data[8 : 8 + length], data[8 + length :]
    if dice.random() < 0.5:
        described = json.loads(header)
        entry = described[dice.choice(list(described))]
        match dice.randrange(5):
            case 0:
                entry["shape"] = [dice.choice(INTERESTING) for _ in range(dice.randrange(5))]
            case 1:
                entry["dtype"] = dice.choice(("F64", "I8", "BOOL", "F8_E4M3", "X", ""))
            case 2:
                entry["data_offsets"] = [dice.choice(INTERESTING), dice.choice(INTERESTING)]
            case 3:
                described[dice.choice(("", "__metadata__", "../a", "a" * 999))] = dict(entry)
            case _:
                del entry[dice.choice(list(entry))]
        header = json.dumps(described).encode()
    else:
        header = mutated_bytes(header, dice, others)
    return struct.pack("<Q", len(header)) + header + rest


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
    dice, figures, began = random.Random(seed), Figures(), time.monotonic()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    torch.manual_seed(seed)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        canary, path = Path(folder, "canary"), Path(folder, "model.pt")
        canary.touch()
        known = corpus(f"rm {canary}")
        while figures.tried < files and figures.seconds < seconds:
            data = mutated(dice.choice(known), dice, known)
            path.write_bytes(data)
            started = time.monotonic()
            try:
                found = opened(path)
                figures.opened += 1
                figures.slowest = max(figures.slowest, time.monotonic() - started)
                if figures.opened % 20 == 0:
                    match.candidates(checkpoint_report.shapes_of(found))
            except CheckpointError as error:
                assert error.message and error.advice and "weights_only" not in str(error)
                figures.slowest = max(figures.slowest, time.monotonic() - started)
                figures.refused[error.message.replace(path.name, "…").split(":")[0][:60]] += 1
            except BaseException:
                kept = Path(tempfile.gettempdir(), f"fuzzed-{zlib.crc32(data):08x}.pt")
                kept.write_bytes(data)
                print(f"kept {kept}", file=sys.stderr)
                raise
            assert canary.exists(), "a file was executed"
            assert figures.slowest < SLOWEST_SECONDS
            figures.tried += 1
            figures.seconds = time.monotonic() - began
    figures.growth = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory)
    return figures


def mutated(data: bytes, dice: random.Random, known: list[bytes]) -> bytes:
    """Return a file after a change that suits its kind, or any change of its bytes."""
    if data.startswith(b"PK") and dice.random() < 0.7:
        return mutated_archive(data, dice, known)
    if data[8:9] == b"{" and dice.random() < 0.6:
        return mutated_header(data, dice, known)
    return mutated_bytes(data, dice, known)


def opened(path: Path) -> checkpoint.Checkpoint:
    """Read a file and all of its numbers, as the program does."""
    found = checkpoint.read(str(path))
    checkpoint.not_finite(found.tensors)
    return found


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
