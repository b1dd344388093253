"""Reading what ``torch.save`` wrote, never running anything that a file asks for.

Three doors, each closed on its own: the outline of the pickle names every class and function that
the file asks for, and all but those of plain tensors are refused here; every size it claims is
compared with the bytes there are; and then torch reads it with ``weights_only=True``, which allows
no others either. There is no second attempt of any kind.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zipfile
from pathlib import Path

import torch

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models.checkpoint_file import (
    CheckpointFile,
    incomplete,
    megabytes,
)
from cnnviz_gui.core.models.pickle_names import is_plain, refusal
from cnnviz_gui.core.models.pickle_outline import MAX_BYTES, BrokenPickle, Outline, outline
from cnnviz_gui.texts import ntr, tr

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
_LENGTHS = 26
"""Where in the header of a record the lengths of its name and of its extra field are."""
_LARGEST = 1 << 40
"""Bytes of a tensor beyond which a legacy file is not just cut off."""


def load(file: CheckpointFile, ctx: Context) -> tuple[object, str]:
    """Return what a file holds, and a sentence about damage, usually empty.

    Tensors of a zip archive are mapped from the file, not read.

    Raises
    ------
    CheckpointError
        It asks for more than plain tensors, claims more than it holds, breaks off or is damaged.
    Cancelled
        By ``ctx``.
    """
    try:
        if file.kind == "legacy":
            _examine_legacy(file, ctx)
            damage = ""
        else:
            damage = _examine_zip(file, ctx)
    except CheckpointError:
        raise
    except Exception as error:  # the standard library raises some ten classes on damaged archives
        _log.info("%s is damaged", file.name, exc_info=True)
        raise _damaged(file.name) from error
    ctx.check()
    return _loaded(file), damage


def _loaded(file: CheckpointFile) -> object:
    # A file that torch would take for safetensors by its suffix alone is handed over opened.
    mapped = file.kind == "zip" and not file.path.lower().endswith(".safetensors")
    try:
        with warnings.catch_warnings(), Path(file.path).open("rb") as opened:
            warnings.simplefilter("ignore")
            return torch.load(
                file.path if mapped else opened,
                map_location="cpu",
                weights_only=True,
                mmap=mapped,
            )
    except MemoryError:
        raise CheckpointError(
            tr("There is not enough memory to open {name}.", name=file.name),
            tr("Close other programs."),
        ) from None
    except Exception:
        # Some ten classes under damage. Their texts advise to switch the protection off, so they
        # are not passed on, not even as the cause.
        raise _damaged(file.name) from None


def _damaged(name: str) -> CheckpointError:
    return CheckpointError(
        tr("{name} is damaged, or holds more than plain tensors.", name=name),
        tr("Fetch it again, or ask its author for a .safetensors file."),
    )


def _examine_zip(file: CheckpointFile, ctx: Context) -> str:
    with zipfile.ZipFile(file.path) as archive:
        entries = archive.infolist()
        root = entries[0].filename.partition("/")[0]
        sizes = {entry.filename: entry.file_size for entry in entries}
        # torch tells names apart without regard to case, and would read another record than this
        if (
            len({name.casefold() for name in sizes}) != len(entries)
            or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
            or sum(sizes.values()) > file.size
            or f"{root}/data.pkl" not in sizes
        ):
            raise BrokenPickle
        found = outline(_stored(file, archive.getinfo(f"{root}/data.pkl")), ctx)
        _judge(file.name, found)
        for key, claimed in found.storages.items():
            held = sizes.get(f"{root}/data/{key}", 0)
            if claimed > held:
                raise _overclaimed(file.name, claimed, held)
        return _damage(archive, entries, file.size, ctx)


def _stored(file: CheckpointFile, entry: zipfile.ZipInfo) -> io.BytesIO:
    """Return a record as it is in the file; one that torch wrote without a checksum has none."""
    with Path(file.path).open("rb") as opened:
        opened.seek(entry.header_offset + _LENGTHS)
        name, extra = struct.unpack("<HH", opened.read(4))
        opened.seek(name + extra, io.SEEK_CUR)
        return io.BytesIO(opened.read(min(entry.file_size, MAX_BYTES)))


def _examine_legacy(file: CheckpointFile, ctx: Context) -> None:
    with Path(file.path).open("rb") as opened:
        storages: dict[str, int] = {}
        for _ in ("mark", "version", "machine", "object", "storages"):
            try:
                part = outline(opened, ctx)
            except BrokenPickle:
                if opened.tell() >= file.size:
                    raise incomplete(file.name, file.size) from None
                raise
            _judge(file.name, part)
            storages |= part.storages
        whole = opened.tell() + sum(8 + nbytes for nbytes in storages.values())
    largest = max(storages.values(), default=0)
    if largest > _LARGEST:
        raise _overclaimed(file.name, largest, file.size)
    if whole > file.size:
        raise incomplete(file.name, file.size, whole)


def _judge(name: str, found: Outline) -> None:
    """Refuse whatever asks for more than plain tensors, or claims more than it holds."""
    beyond = [asked for asked in found.names if not is_plain(asked)]
    if any(
        asked.startswith(("torch.Q", "torch.float8", "torch.float4")) for asked in found.names
    ) or ("torch._utils._rebuild_qtensor" in beyond):
        raise quantised_weights(name)
    if beyond:
        raise refusal(name, beyond)
    if found.claims:
        raise _overclaimed(name, *max(found.claims))


def quantised_weights(name: str) -> CheckpointError:
    """Return the refusal of weights without gradients."""
    return CheckpointError(
        tr("The weights in {name} are quantised: no gradients pass through them.", name=name),
        tr("Open the weights from before they were quantised."),
    )


def _overclaimed(name: str, claimed: int, held: int) -> CheckpointError:
    return CheckpointError(
        tr(
            "A tensor in {name} claims {claimed} where the file holds {held}.",
            name=name,
            claimed=megabytes(claimed),
            held=megabytes(held),
        ),
        tr("The file is damaged or hostile: do not trust where it came from."),
    )


def _damage(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int, ctx: Context
) -> str:
    """Compare every record with its checksum, where it has one; torch itself does not."""
    done, wrong = 0, 0
    for entry in entries:
        if not entry.CRC:
            continue
        try:
            with archive.open(entry) as record:
                while chunk := record.read(_CHUNK):
                    done += len(chunk)
                    ctx.step(done, max(size, done))
        except zipfile.BadZipFile:
            wrong += 1
    if not wrong:
        return ""
    return ntr(
        "{n} record does not agree with its checksum: the file was damaged or altered.",
        "{n} records do not agree with their checksum: the file was damaged or altered.",
        wrong,
    )
