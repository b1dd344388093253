"""What a pickle would do, found out without doing it: the names it asks for, the tensors it claims.

A pickle is a program for a small stack machine. Here its operations are only listed and followed
symbolically: nothing is imported, called or built, whatever the program says. What torch reads
afterwards, it reads because this outline was found harmless, and then only with ``weights_only``.
"""

from __future__ import annotations

import math
import pickletools
import warnings
from dataclasses import dataclass, field
from typing import IO, Any, cast

from cnnviz_gui.core.context import Context
from cnnviz_gui.texts import tr

MAX_OPERATIONS = 2_000_000
"""The largest classifier with its optimiser takes a twentieth of it."""
MAX_BYTES = 1 << 24
_CHECK_EVERY = 4096
_MAX_AXES = 16
_PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg", "cPickle": "pickle"}
_BYTES = {
    "ComplexDoubleStorage": 16,
    "ComplexFloatStorage": 8,
    "DoubleStorage": 8,
    "LongStorage": 8,
    "FloatStorage": 4,
    "IntStorage": 4,
    "QInt32Storage": 4,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "ShortStorage": 2,
    "CharStorage": 1,
    "ByteStorage": 1,
    "BoolStorage": 1,
    "QInt8Storage": 1,
    "QUInt8Storage": 1,
    "QUInt4x2Storage": 1,
    "QUInt2x4Storage": 1,
    "UntypedStorage": 1,
}
_REBUILD = frozenset({"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"})
_MODEST = 1 << 20
"""Bytes that a tensor may claim beyond its storage: a constant that was expanded is no attack."""


class BrokenPickle(Exception):
    """The bytes are no complete pickle."""


@dataclass(frozen=True, slots=True)
class _Global:
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    nbytes: int
    itemsize: int


class _Other:
    """A value whose content does not matter here."""


_OTHER = _Other()
_MARK = object()


@dataclass(slots=True)
class Outline:
    """What a pickle asks for."""

    names: dict[str, None] = field(default_factory=dict)
    """Dotted names of classes and functions, each once, in order."""
    storages: dict[str, int] = field(default_factory=dict)
    """Bytes that each storage claims, by its key."""
    claims: list[tuple[int, int]] = field(default_factory=list)
    """(bytes, bytes there are) of each tensor that claims more than its storage holds."""
    tensors: int = 0


def outline(file: IO[bytes], ctx: Context) -> Outline:
    """Follow one pickle from the file's position to its end.

    Raises
    ------
    BrokenPickle
        It breaks off, is longer than any list of weights, or is no pickle.
    Cancelled
        By ``ctx``.
    """
    machine, window = _Machine(), cast(IO[bytes], _Window(file))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the standard library, about odd texts
            machine.run(window, ctx)
    except Exception as error:  # the standard library raises some ten classes on damaged bytes
        raise BrokenPickle from error
    return machine.found


class _Window:
    """The next bytes of a file, and no more of them than a pickle of names can have."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = MAX_BYTES

    def read(self, count: int) -> bytes:
        return self._counted(self._file.read(min(count, self._left)))

    def readline(self) -> bytes:
        return self._counted(self._file.readline(self._left))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data


class _Machine:
    """The stack machine, with symbols in place of everything but numbers, texts and tuples."""

    def __init__(self) -> None:
        self.found = Outline()
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, file: IO[bytes], ctx: Context) -> None:
        """Follow a pickle to its end."""
        for number, (operation, argument, _) in enumerate(pickletools.genops(file)):
            if number % _CHECK_EVERY == 0:
                ctx.check()
            if number > MAX_OPERATIONS:
                raise BrokenPickle
            self.follow(operation.name, argument)

    def follow(self, name: str, argument: Any) -> None:
        """Follow one operation; an error of any kind where the program makes no sense."""
        match name:
            case "PROTO" | "FRAME" | "READONLY_BUFFER":
                pass
            case "MARK":
                self._stack.append(_MARK)
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self._memo[argument] = self._stack[-1]
            case "MEMOIZE":
                self._memo[len(self._memo)] = self._stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                self._stack.append(self._memo[argument])
            case "DUP":
                self._stack.append(self._stack[-1])
            case "EMPTY_TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3":
                self._end_tuple(0 if name == "EMPTY_TUPLE" else int(name[-1]))
            case "TUPLE":
                self._stack.append(tuple(self._down_to_mark()))
            case "GLOBAL":
                self._ask_for(*argument.split(" ", 1))
            case "STACK_GLOBAL":
                self._ask_for(*self._take(2))
            case "EXT1" | "EXT2" | "EXT4":
                self._ask_for("extension", str(argument))
            case "INST":
                self._down_to_mark()
                self._ask_for(*argument.split(" ", 1))
                self._stack[-1] = _OTHER
            case "REDUCE":
                self._call(*self._take(2))
            case "NEWOBJ" | "NEWOBJ_EX":
                self._take(2 if name == "NEWOBJ" else 3)
                self._stack.append(_OTHER)
            case "BINPERSID":
                self._persistent(*self._take(1))
            case "PERSID":
                self._persistent(argument)
            case "POP" | "APPEND" | "BUILD" | "STOP":
                self._take(1)
            case "SETITEM":
                self._take(2)
            case "POP_MARK" | "APPENDS" | "ADDITEMS" | "SETITEMS":
                self._down_to_mark()
            case "LIST" | "DICT" | "FROZENSET" | "OBJ":
                self._down_to_mark()
                self._stack.append(_OTHER)
            case "NONE" | "EMPTY_LIST" | "EMPTY_DICT" | "EMPTY_SET" | "BYTEARRAY8" | "NEXT_BUFFER":
                self._stack.append(_OTHER)
            case _:  # a number or a text
                self._stack.append(argument)

    def _take(self, count: int) -> list[Any]:
        """Take the topmost values, the lowest first."""
        taken = [self._stack.pop() for _ in range(count)]
        return taken[::-1]

    def _down_to_mark(self) -> list[Any]:
        items = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]

    def _end_tuple(self, count: int) -> None:
        self._stack.append(tuple(self._take(count)))

    def _ask_for(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise BrokenPickle
        dotted = f"{_PYTHON_2.get(module, module)}.{name}"
        self.found.names.setdefault(dotted)
        self._stack.append(_Global(dotted))

    def _persistent(self, saved: Any) -> None:
        """Take up ``("storage", type, key, location, numel, ...)``."""
        if not isinstance(saved, tuple) or len(saved) < 5 or saved[0] != "storage":
            self.found.names.setdefault(tr("an object outside the file"))
            self._stack.append(_OTHER)
            return
        kind, key, numel = saved[1], saved[2], saved[4]
        if not isinstance(kind, _Global) or not isinstance(key, str):
            raise BrokenPickle
        itemsize = _BYTES[kind.name.rpartition(".")[2]]
        nbytes = _whole(numel) * itemsize
        self.found.storages[key] = max(nbytes, self.found.storages.get(key, 0))
        self._stack.append(_Storage(nbytes, itemsize))

    def _call(self, function: Any, arguments: Any) -> None:
        self._stack.append(_OTHER)
        if not isinstance(function, _Global):
            # What is called was itself made by a call: no list of tensors does so.
            self.found.names.setdefault(tr("a computed function"))
        elif function.name in _REBUILD:
            self._check_tensor(*arguments[:4])
        elif function.name == "_codecs.encode" and arguments[1:] != ("latin1",):
            self.found.names.setdefault("_codecs")

    def _check_tensor(self, storage: Any, offset: Any, size: Any, stride: Any) -> None:
        self.found.tensors += 1
        if not isinstance(storage, _Storage):
            self.found.names.setdefault(tr("a computed storage"))
            return
        if len(size) > _MAX_AXES:
            raise BrokenPickle
        steps = list(zip(size, stride, strict=True))
        last = _whole(offset) + sum((_whole(n) - 1) * _whole(step) for n, step in steps)
        nbytes = math.prod(size) * storage.itemsize
        reached = (last + 1) * storage.itemsize if nbytes else 0
        if reached > storage.nbytes or nbytes > max(storage.nbytes, _MODEST):
            self.found.claims.append((max(nbytes, reached), storage.nbytes))


def _whole(number: Any) -> int:
    if not isinstance(number, int) or not 0 <= number < 1 << 62:
        raise BrokenPickle
    return number
