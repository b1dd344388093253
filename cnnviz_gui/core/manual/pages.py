"""Markdown to HTML: as much of it as the manual uses, for a view that knows little of HTML.

Headings, paragraphs, lists, tables, fenced code, pictures, links, bold, slanted, code. Colours and
type come from the style sheet of whoever shows it. A fence ``formula`` becomes a block of formulas;
any other code gets a link ``copy:N`` with the number of the block.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from cnnviz_gui.core.manual import formulas
from cnnviz_gui.texts import tr

Link = Callable[[str, str], tuple[str, str]]
"""From the words and the target of a link to the words and target as shown; a target that is empty
is no link."""

_HEADING = re.compile(r"(#{1,4}) (.+?)(?: \{#([\w/+-]+)\})?$")
_ITEM = re.compile(r"(\*|-|\d+\.) +(.*)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)$")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\[(?P<words>[^\]]+)\]\((?P<target>[^)]+)\)"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|\*(?P<slanted>[^*\s][^*]*?)\*"
)
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(slots=True)
class Page:
    """What a text became."""

    html: str = ""
    blocks: list[str] = field(default_factory=list)
    """What ``copy:N`` is to copy."""
    pictures: list[str] = field(default_factory=list)


def anchor(title: str) -> str:
    """Return the name of a heading in links, as other readers of Markdown make it."""
    kept = re.sub(r"[^\w\s-]", "", title.casefold())
    return re.sub(r"\s+", "-", kept.strip())


def heading(line: str) -> tuple[int, str, str] | None:
    """Return level, title and anchor of a line that is a heading."""
    found = _HEADING.match(line)
    if found is None:
        return None
    return len(found[1]), found[2], found[3] or anchor(found[2])


def render(text: str, link: Link) -> Page:
    """Return the page of a text; see the module for what it may hold."""
    page = Page()
    lines = text.splitlines()
    at = 0
    made: list[str] = []
    while at < len(lines):
        line = lines[at]
        titled = heading(line)
        if not line.strip() or line.startswith("<!--"):
            at += 1
        elif line.startswith("```"):
            at = _fence(lines, at, page, made)
        elif titled is not None:
            level, title, name = titled
            made.append(f'<h{level}><a name="{name}"></a>{_inline(title, link)}</h{level}>')
            at += 1
        elif picture := _PICTURE.match(line):
            page.pictures.append(picture[2])
            said = _inline(picture[1], link)
            made.append(f'<p class="picture"><img src="{escape(picture[2])}"></p>')
            made.append(f'<p class="caption">{said}</p>')
            at += 1
        elif line.startswith("|"):
            at = _table(lines, at, made, link)
        elif _ITEM.match(line):
            at = _list(lines, at, made, link)
        else:
            at = _paragraph(lines, at, made, link)
    page.html = "\n".join(made)
    return page


def plain(text: str) -> str:
    """Return the words of a text without its marks, for a search."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"^```.*$|^\|[-| :]+\|$", "", text, flags=re.MULTILINE)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]+\)", r"\1", text)
    return re.sub(r"\*\*|`|^#+ |\{#[^}]+\}|\|", "", text, flags=re.MULTILINE)


def _fence(lines: list[str], at: int, page: Page, made: list[str]) -> int:
    kind = lines[at][3:].strip()
    end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("```")), len(lines))
    held = lines[at + 1 : end]
    if kind == "formula":
        made.append(formulas.to_html("; ".join(held)))
    else:
        code = "<br>".join(escape(line).replace(" ", "&nbsp;") or "&nbsp;" for line in held)
        copied = f'<a class="copy" href="copy:{len(page.blocks)}">' + tr("Copy") + "</a>"
        made.append(
            '<table class="code" width="100%" cellspacing="0" cellpadding="10"><tr>'
            f'<td class="code">{code}</td>'
            f'<td class="code" width="50" align="right">{copied}</td></tr></table>'
        )
        page.blocks.append("\n".join(held))
    return end + 1


def _table(lines: list[str], at: int, made: list[str], link: Link) -> int:
    rows: list[list[str]] = []
    while at < len(lines) and lines[at].startswith("|"):
        rows.append([cell.strip() for cell in _CELL.split(lines[at].strip().strip("|"))])
        at += 1
    head, body = rows[0], rows[2:]
    cells = "".join(f'<th align="left">{_inline(cell, link)}</th>' for cell in head)
    html = f"<tr>{cells}</tr>" if any(head) else ""
    for row in body:
        html += "<tr>" + "".join(f"<td>{_inline(cell, link)}</td>" for cell in row) + "</tr>"
    made.append(f'<table class="data" width="100%" cellspacing="0" cellpadding="5">{html}</table>')
    return at


def _list(lines: list[str], at: int, made: list[str], link: Link) -> int:
    items: list[str] = []
    numbered = lines[at][0].isdigit()
    while at < len(lines) and lines[at].strip():
        found = _ITEM.match(lines[at])
        if found is not None:
            items.append(found[2])
        else:
            items[-1] += " " + lines[at].strip()
        at += 1
    tag = "ol" if numbered else "ul"
    made.append(f"<{tag}>" + "".join(f"<li>{_inline(i, link)}</li>" for i in items) + f"</{tag}>")
    return at


def _paragraph(lines: list[str], at: int, made: list[str], link: Link) -> int:
    held = []
    while at < len(lines) and lines[at].strip() and not lines[at].startswith(("```", "|", "#")):
        held.append(lines[at].strip())
        at += 1
    made.append(f"<p>{_inline(' '.join(held), link)}</p>")
    return at


def _inline(text: str, link: Link) -> str:
    made, last = "", 0
    for found in _INLINE.finditer(text):
        made += escape(text[last : found.start()].replace("\\|", "|"), quote=False)
        last = found.end()
        if found["code"] is not None:
            made += f"<code>{escape(found['code'])}</code>"
        elif found["words"] is not None:
            words, target = link(found["words"], found["target"])
            said = _inline(words, link)
            made += f'<a href="{escape(target)}">{said}</a>' if target else said
        elif found["bold"] is not None:
            made += f"<b>{_inline(found['bold'], link)}</b>"
        else:
            made += f"<i>{_inline(found['slanted'], link)}</i>"
    return made + escape(text[last:].replace("\\|", "|"), quote=False)
