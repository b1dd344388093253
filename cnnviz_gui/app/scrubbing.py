"""A text that can be shown to others: without the user's name and without home folders."""

from __future__ import annotations

import contextlib
import functools
import getpass
import os
import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

_HOME = "~"
_ANY_HOME = re.compile(
    r"""(?:[A-Za-z]:|(?<![\w.])/(?:mnt/)?[a-z](?=/))?  # a drive, which may stand as a folder
        (?:\\\\|[\\/])+(?:Users|home|Documents\ and\ Settings)(?:\\\\|[\\/])+
        (?!(?:Shared|Public|All\ Users|Default)\b)
        (?:[^\\/:*?"'<>|\r\n]+(?=\\)|[^\\/:*?"'<>|\s,;)\]}]+)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A home folder, of whomever, on any system: its drive, where all homes are, and the name."""


def scrub(text: str) -> str:
    """Return ``text`` with ``~`` for every home folder and for the user's names.

    Also as Windows writes them, with either slash or with doubled ones, and as an address does.
    """
    homes, names = _mine()
    return scrubbed(text, homes, names)


def scrubbed(text: str, homes: Collection[str], names: Collection[str]) -> str:
    """Return ``text`` with ``~`` for these folders, for any home folder, and for these names."""
    for home in sorted(homes, key=len, reverse=True):
        parts = [re.escape(part) for part in re.split(r"[\\/]+", home)]
        quoted = [re.escape(quote(part, safe=":")) for part in re.split(r"[\\/]+", home)]
        for form in (parts, quoted):
            whole = r"(?:\\\\|[\\/])+".join(form)
            text = re.sub(rf"(?<![\w.-]){whole}(?![\w.-])", _HOME, text, flags=re.IGNORECASE)
    text = _ANY_HOME.sub(_HOME, text)
    for name in sorted(names, key=len, reverse=True):
        for form in {name, quote(name)}:
            whole = rf"(?<![^\W_]){re.escape(form)}(?![^\W_])"
            text = re.sub(whole, _HOME, text, flags=re.IGNORECASE)
    return text


@functools.cache
def _mine() -> tuple[frozenset[str], frozenset[str]]:
    """Return where the user's home is, as it may be written, and what the user is called."""
    homes = {os.environ.get(name, "") for name in ("HOME", "USERPROFILE")}
    names = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    with contextlib.suppress(RuntimeError, OSError):
        homes |= {str(Path.home()), str(Path.home().resolve())}
    with contextlib.suppress(OSError, KeyError, ImportError):
        names.add(getpass.getuser())
    names |= {re.split(r"[\\/]+", home.rstrip("\\/"))[-1] for home in homes}
    names.add(_full_name())
    return (
        frozenset(home.rstrip("\\/") for home in homes if len(re.split(r"[\\/]+", home)) > 1),
        frozenset(name for name in names if len(name) > 1 and name.lower() not in _NOBODY),
    )


_NOBODY = frozenset({"home", "root", "user", "users"})
"""Names that tell nothing of anybody, and words of the reports themselves."""


def _full_name() -> str:
    """Return the user's name in full where the system knows it."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
    except (ImportError, AttributeError, KeyError, OSError):
        return ""
