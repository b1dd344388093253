"""Formulas of one line of text as HTML, with raised and lowered letters and aligned at the sign."""

from __future__ import annotations

import re
import unicodedata
from html import escape

_CLAUSES = re.compile(r";\s+|,\s\s+|,\s(?=\S{1,3}(?: [+−] \S{1,3})? [=~∼] )")
"""What stands between the lines of a formula that is written in one."""
_LETTERS = re.compile(r"[^\W\d_]+")
_EQUALS = re.compile(r" (=|~|∼) ")
_UPRIGHT = frozenset("ΣΠΦ∂∇∫")
"""Letters that are operators rather than quantities."""
_WORD = re.compile(r"(?<=[^\W\d_]{2} )a(?= [a-z]{2})|(?<=[’'])s\b|U(?=\()")
"""Letters that are words, the end of one, or a distribution, where they stand."""


def clauses(formula: str) -> list[str]:
    """Return the lines that a formula is written in, of a formula that stands in one."""
    parts, begun = [], 0
    for sign in _CLAUSES.finditer(formula):
        if _closed(formula[begun : sign.start()]):  # not at a comma within brackets
            parts.append(formula[begun : sign.start()])
            begun = sign.end()
    return [part.strip() for part in (*parts, formula[begun:]) if part.strip()]


def _closed(text: str) -> bool:
    """Tell whether no bracket is open at the end."""
    return all(text.count(left) <= text.count(right) for left, right in ("()", "[]"))


def to_html(formula: str) -> str:
    """Return a table with a line for each clause; those with an equals sign are aligned at it.

    One that stands inside of brackets is none of these.
    """
    made, aligned = "", ""
    for clause in clauses(formula):
        sides = _EQUALS.split(clause, maxsplit=1)
        if len(sides) == 3 and _closed(sides[0]):
            left, sign, right = sides
            aligned += (
                f'<tr><td align="right">{_line(left)}</td>'
                f"<td>&nbsp;{sign}&nbsp;</td><td>{_line(right)}</td></tr>"
            )
        else:
            made += _block(aligned) + f"<tr><td>{_line(clause)}</td></tr>"
            aligned = ""
    made += _block(aligned)
    return f'<table class="formula" cellspacing="0" cellpadding="3">{made}</table>'


def _block(rows: str) -> str:
    """Return the aligned lines as a table within: a longer line beside them cannot stretch it."""
    if not rows:
        return ""
    return f'<tr><td><table cellspacing="0" cellpadding="3">{rows}</table></td></tr>'


def _line(text: str) -> str:
    """Return one line: letters that stand alone are slanted, words are not."""
    made, at = "", 0
    while at < len(text):
        letter = text[at]
        kind, run = _script(text, at)
        if kind:
            made += f"<{kind}>{escape(run[0])}</{kind}>"
            at = int(run[1])
            continue
        word = _LETTERS.match(text, at)
        if word is None or not letter.isalpha():
            made += escape(letter, quote=False)
            at += 1
            continue
        found = _without_scripts(word.group())
        alone = len(found) == 1 and found not in _UPRIGHT and not _WORD.match(text, at)
        at += len(found)
        while at < len(text) and unicodedata.combining(text[at]):  # a hat stays on its letter
            found += text[at]
            at += 1
        made += f"<i>{escape(found, quote=False)}</i>" if alone else escape(found, quote=False)
    return made


def _script(text: str, at: int) -> tuple[str, tuple[str, int]]:
    """Return ``sub`` or ``sup`` and what is so from ``at``, with where it ends; else nothing."""
    if text[at] == "_" and at and at + 1 < len(text) and text[at + 1].isalnum():
        found = re.compile(r"[a-z]+").match(text, at + 1)
        if found is not None:
            return "sub", (found.group(), found.end())
    kind = _kind(text[at])
    end = at
    while kind and end < len(text) and _kind(text[end]) == kind:
        end += 1
    return kind, ("".join(_plain(letter) for letter in text[at:end]), end)


def _without_scripts(word: str) -> str:
    """Return the letters up to the first that is raised or lowered."""
    for at, letter in enumerate(word):
        if _kind(letter):
            return word[:at]
    return word


def _kind(letter: str) -> str:
    decomposed = unicodedata.decomposition(letter)
    return "sub" if "<sub>" in decomposed else "sup" if "<super>" in decomposed else ""


def _plain(letter: str) -> str:
    """Return a raised or lowered letter as an ordinary one."""
    return unicodedata.normalize("NFKC", letter) if _kind(letter) else letter
