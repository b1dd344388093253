"""Help texts made from what methods and parameters declare."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from cnnviz_gui.core.params import Scale, Spec, Value
from cnnviz_gui.core.registry import Method

_WIDTH = 96
_LISTED = 100


def methods_epilog(command: str, known: Sequence[Method]) -> str:
    """Return the list of methods, one line each, for the end of a command's help."""
    width = max((len(m.name) for m in known), default=0)
    lines = [textwrap.shorten(m.summary, _LISTED, placeholder=" …") for m in known]
    listed = "\n".join(f"  {m.name:<{width}}  {line}" for m, line in zip(known, lines, strict=True))
    return f'methods:\n{listed}\n\n"cnnviz {command} METHOD --help" shows a method\'s flags.'


def method_description(chosen: Method) -> str:
    """Return what a method is: title, summary, formula, paper."""
    summary = textwrap.fill(f"{chosen.title}. {chosen.summary}", _WIDTH)
    return "\n".join(part for part in (summary, chosen.formula, chosen.paper) if part)


def parameter_help(spec: Spec, among: Sequence[Spec]) -> str:
    """Return one line: what a parameter does, its range, unit and default."""
    facts: list[str] = []
    if spec.scales:
        facts += [f"{spec.depends_on} {value}: {_range(scale)}" for value, scale in spec.scales]
    elif spec.kind in ("int", "float"):
        facts.append(_range(spec))
    elif spec.kind == "bool":
        facts.append(f"default {'yes' if spec.default else 'no'}")
    else:
        facts.append(f"default {spec.default}")
    if spec.when is not None:
        name, values = spec.when
        facts.append(f"only with {_condition(among, name, values)}")
    # argparse reads a per cent sign in the help of an option as a format.
    return f"{spec.help.rstrip('.')} ({'; '.join(facts)})".replace("%", "%%")


def _condition(among: Sequence[Spec], name: str, values: Sequence[Value]) -> str:
    flag = next((spec.flag for spec in among if spec.name == name), name)
    if values == (True,):
        return flag
    if values == (False,):
        return flag.replace("--", "--no-", 1)
    return f"{flag} {' or '.join(str(value) for value in values)}"


def _range(scale: Scale | Spec) -> str:
    # "0 to 64/255" would read as if a fraction could be given.
    ths = scale.unit.startswith("/")
    unit = f", in {scale.unit[1:]}ths" if ths else f" {scale.unit}".rstrip()
    default = f"default {_plain(float(scale.default))}"
    if math.isinf(scale.minimum) or math.isinf(scale.maximum):
        return default
    return f"{_plain(scale.minimum)} to {_plain(scale.maximum)}{unit}, {default}"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"
