"""The texts of the code are written so that they are found and can be filled in."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

CODE = Path(__file__).parents[2] / "cnnviz_gui"
TEXTS = {"tr": 1, "ntr": 2, "ptr": 2}
"""How many texts come first in each call."""


def calls(tree: ast.AST, inside: bool = False) -> Iterator[tuple[ast.Call, bool]]:
    """Yield the calls that translate, and whether they stand in an f-string."""
    for node in ast.iter_child_nodes(tree):
        within = inside or isinstance(node, ast.JoinedStr)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TEXTS:
            yield node, within
        yield from calls(node, within)


def wrong(call: ast.Call, inside: bool) -> str:
    """Return what is wrong with a call, empty where nothing is."""
    name = ast.unparse(call.func)
    texts = call.args[: TEXTS[name]]
    if inside:
        return "is not found inside an f-string"
    if not all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in texts):
        return "is found only where its text stands in it"
    given = {one.arg for one in call.keywords}
    if not given or None in given:  # filled in later, or by a dictionary
        return ""
    open_ = {
        field for one in texts for _, field, _, _ in string.Formatter().parse(one.value) if field
    }
    return "" if open_ - {"n"} == given - {"n"} else f"leaves open {open_}, but is given {given}"


def found(source: str) -> list[str]:
    return [
        f"{call.lineno}: {why}"
        for call, inside in calls(ast.parse(source))
        if (why := wrong(call, inside))
    ]


def test_every_text_is_found_and_can_be_filled_in():
    paths = sorted(path for path in CODE.rglob("*.py") if path.name != "texts.py")
    told = {path.relative_to(CODE).as_posix(): found(path.read_text("utf-8")) for path in paths}
    assert not {name: lines for name, lines in told.items() if lines}


@pytest.mark.parametrize(
    "source",
    [
        "f\"{said} {tr('More.')}\"",
        "tr(said)",
        "tr(f'{count} more')",
        "tr('{count} more', number=3)",
        "ntr('{n} of {all_} falls', '{n} of {all_} fall', 3, whole=5)",
    ],
)
def test_what_is_not_found_or_not_filled_in_is_told(source):
    assert found(source)
