"""The chapters, with what they name as it is now: methods, parameters, actions and their keys.

The text is Markdown in ``resources/manual`` that can be read as it is; each language but English
has a folder there. A line ``<!-- methods attack -->`` stands for what is made of the methods; links
say what they name:

``action:HANDLER``, ``method:KIND/NAME``, ``param:KIND/NAME/PARAMETER`` and ``count:KIND`` are
written anew with title, key, label and number; ``show:PAGE``, ``show:PAGE/VIEW`` and
``show:KIND/NAME`` open a page, a view of it, a method; ``CHAPTER.md#HEADING`` leads within the
manual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnviz_gui import resources
from cnnviz_gui.core import text_search
from cnnviz_gui.core.border_requests import BorderParams
from cnnviz_gui.core.defence_requests import KnowingParams
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.manual import pages, sections
from cnnviz_gui.core.params import Params, specs
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.trust_requests import SanityParams, TrustParams
from cnnviz_gui.texts import language, ptr, tr

CHAPTERS = (
    *("start", "pictures", "layers", "features", "heatmaps", "heatmap-methods", "trust"),
    *("attack", "attack-methods", "defences", "plane", "similar", "networks", "saving"),
    *("command-line", "troubleshooting", "keys"),
)
"""In the order in which they are read; each is a file."""
METHODS_IN = {"heatmap": "heatmap-methods", "attack": "attack-methods", "defence": "defences"}
"""The chapter in which the methods of a kind have their sections."""
PARAMETERS: Mapping[str, type[Params]] = {
    "features": FeatureParams,
    "trust": TrustParams,
    "sanity": SanityParams,
    "plane": PlaneParams,
    "borders": BorderParams,
    "race": RaceParams,
    "knowing": KnowingParams,
}
"""Of what is no method."""
_MADE = re.compile(r"^<!-- (methods|parameters|presets|keys) ?([a-z]*) -->$", re.MULTILINE)
_NUMBERS = (
    *(ptr("number", "no"), ptr("number", "one"), tr("two"), tr("three"), tr("four"), tr("five")),
    *(tr("six"), tr("seven"), tr("eight"), tr("nine"), tr("ten"), tr("eleven"), tr("twelve")),
    *(tr("thirteen"), tr("fourteen"), tr("fifteen"), tr("sixteen"), tr("seventeen")),
    *(tr("eighteen"), tr("nineteen"), tr("twenty")),
)


@dataclass(frozen=True, slots=True)
class Action:
    """An action as it stands in the menus."""

    menu: str
    title: str
    keys: str
    """As this system writes them; empty for none."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to name."""

    methods: Mapping[str, Sequence[Method]]
    """By kind."""
    actions: Mapping[str, Action]
    """By handler, in the order of the menus."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it, up to the next."""

    chapter: str
    anchor: str
    title: str
    level: int
    words: str
    """Without marks, for a search."""

    def hits(self, sought: Sequence[str]) -> int:
        """Return how often the words, those of ``text_search.words``, occur; 0 where one does not.

        Parts of a compound that are written apart are found too.
        """
        return _hits(sought, f"{self.title}\n{self.words}")

    def titled(self, sought: Sequence[str]) -> bool:
        """Tell whether all of the words are in the heading."""
        return _hits(sought, self.title) > 0


class Manual:
    """All chapters; see the module for how their text is written.

    Raises
    ------
    ResourceError
        A chapter is missing.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self.missing: set[str] = set()
        """Targets of links that name what there is not, of the pages that were made."""
        self._texts = {name: self._expanded(read(name)) for name in CHAPTERS}
        self.sections = tuple(one for name in CHAPTERS for one in self._divided(name))

    def text(self, chapter: str) -> str:
        """Return a chapter as Markdown, with all that is made put in."""
        return self._texts[chapter]

    def page(self, chapter: str) -> pages.Page:
        """Return a chapter as HTML; see ``pages.render``."""
        return pages.render(self._texts[chapter], self.link)

    def place(self, target: str, chapter: str = "") -> tuple[str, str] | None:
        """Return chapter and heading to which a link in ``chapter`` leads; None for elsewhere."""
        name, _, anchor = target.partition("#")
        name = name.removesuffix(".md") or chapter
        there = {section.anchor for section in self.sections if section.chapter == name}
        return (name, anchor) if there and (not anchor or anchor in there) else None

    def link(self, words: str, target: str) -> tuple[str, str]:
        """Return words and target of a link as they are shown; no target for what is no link.

        What it names and is not there keeps its words, and is noted in ``missing``.
        """
        scheme, _, name = target.partition(":")
        known: tuple[str, str] | None = words, target
        match scheme:
            case "action":
                known = self._action(name)
            case "method":
                known = self._method_link(name)
            case "param":
                label = self._label(name)
                known = (f"**{label}**", "") if label else None
            case "count":
                number = len(self._known.methods.get(name, ()))
                known = _NUMBERS[number] if number < len(_NUMBERS) else str(number), ""
        if known is None:
            self.missing.add(target)
            return words, ""
        return known

    def _action(self, handler: str) -> tuple[str, str] | None:
        action = self._known.actions.get(handler)
        if action is None:
            return None
        keys = f" `{action.keys}`" if action.keys else ""
        return f"**{action.title.rstrip('…')}**{keys}", ""

    def _method_link(self, name: str) -> tuple[str, str] | None:
        method = self._method(name)
        if method is None:
            return None
        return method.title, f"{METHODS_IN[method.kind]}.md#{sections.anchor(method)}"

    def _method(self, name: str) -> Method | None:
        kind, _, called = name.partition("/")
        known = self._known.methods.get(kind, ())
        return next((method for method in known if method.name == called), None)

    def _label(self, name: str) -> str:
        of, _, called = name.rpartition("/")
        method = self._method(of)
        known = specs(PARAMETERS[of]) if of in PARAMETERS else method.specs if method else ()
        return next((spec.label for spec in known if spec.name == called), "")

    def _expanded(self, text: str) -> str:
        return _MADE.sub(lambda found: self._made(found[1], found[2]), text)

    def _made(self, what: str, which: str) -> str:
        match what:
            case "methods":
                return sections.every_method(self._known.methods[which])
            case "parameters":
                return sections.parameters(specs(PARAMETERS[which]))
            case "presets":
                return sections.presets()
        return self._keys()

    def _keys(self) -> str:
        """Return a table of keys for each menu."""
        made: list[str] = []
        heads = sections.row(tr("Action"), tr("Key"))
        for menu in dict.fromkeys(action.menu for action in self._known.actions.values()):
            rows = [
                f"| {action.title.rstrip('…')} | {f'`{action.keys}`' if action.keys else ''} |"
                for action in self._known.actions.values()
                if action.menu == menu
            ]
            made += [
                f"## {menu}",
                "\n".join((heads, "|---|---|", *rows)),
            ]
        return "\n\n".join(made)

    def _divided(self, chapter: str) -> list[Section]:
        heads: list[tuple[int, str, str]] = []
        held: list[list[str]] = []
        fenced = False
        for line in self._texts[chapter].splitlines():
            fenced ^= line.startswith("```")
            head = None if fenced else pages.heading(line)
            if head is not None:
                heads.append(head)
                held.append([])
            elif held:
                held[-1].append(line)
        return [
            Section(chapter, anchor, pages.plain(title), level, pages.plain("\n".join(lines)))
            for (level, title, anchor), lines in zip(heads, held, strict=True)
        ]


def _hits(sought: Sequence[str], text: str) -> int:
    patterns = [re.compile(text_search.pattern(word), re.IGNORECASE) for word in sought]
    counts = [sum(1 for _ in each.finditer(text)) for each in patterns]
    return sum(counts) if counts and all(counts) else 0


def read(chapter: str) -> str:
    """Return the text of a chapter as it is written: in the language in use, else in English.

    Raises
    ------
    ResourceError
        It is missing.
    """
    spoken = resources.root() / "manual" / language() / f"{chapter}.md"
    if spoken.is_file():  # beside the folder of the pictures, which all languages share
        return spoken.read_text("utf-8").replace("](../pictures/", "](pictures/")
    return resources.path(f"manual/{chapter}.md").read_text("utf-8")
