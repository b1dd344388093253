"""How the pages of the manual look: the style sheet of their document."""

from __future__ import annotations

from string import Template

from cnnviz_gui.panels import theme

_TEMPLATE = Template("""
body { color: $text1; }
h1 { font-size: ${h1}px; font-weight: 600; margin-top: 4px; margin-bottom: ${gap}px; }
h2 { font-size: ${h2}px; font-weight: 600; margin-top: ${wide}px; margin-bottom: ${small}px; }
h3 { font-size: ${h3}px; font-weight: 600; margin-top: ${wide}px; margin-bottom: ${tiny}px; }
p { margin-top: 0; margin-bottom: ${small}px; line-height: 145%; }
li { margin-bottom: ${tiny}px; line-height: 140%; }
b { font-weight: 600; }
a { color: $accent; text-decoration: none; }
code { font-family: $mono; font-size: ${code}px; background-color: $raised; color: $text1; }
p.caption { color: $text2; font-size: ${caption}px; margin-bottom: ${gap}px; }
p.picture { line-height: 100%; margin-top: ${small}px; margin-bottom: ${tiny}px; }
table.formula { background-color: $window; margin-top: ${tiny}px; margin-bottom: ${small}px;
    margin-left: 16px; }
table.formula td { font-size: ${formula}px; color: $text1; padding-right: 4px; }
table.code { background-color: $window; margin-top: ${tiny}px; margin-bottom: ${small}px; }
td.code { font-family: $mono; font-size: ${code}px; color: $text1; background-color: $window;
    line-height: 140%; }
a.copy { font-family: $family; font-size: ${caption}px; }
table.data { border-collapse: collapse; margin-top: ${tiny}px; margin-bottom: ${gap}px; }
table.data th { color: $text2; font-size: ${caption}px; font-weight: 500;
    border-bottom: 1px solid $line_strong; padding: 4px 10px 4px 2px; }
table.data td { font-size: ${table}px; border-bottom: 1px solid $line;
    padding: 5px 10px 5px 2px; }
""")


def style_sheet(zoom: float) -> str:
    """Return the style sheet in the colours in use, all type larger by ``zoom``."""
    colours = theme.current()
    size = theme.font("body").pixelSize() * zoom

    def px(share: float) -> int:
        return max(1, round(size * share))

    sizes = {
        "h1": px(1.85),
        "h2": px(1.38),
        "h3": px(1.15),
        "formula": px(1.15),
        "table": px(0.96),
        "code": px(0.93),
        "caption": px(0.92),
        "wide": px(1.5),
        "gap": px(1.0),
        "small": px(0.65),
        "tiny": px(0.3),
    }
    return _TEMPLATE.substitute(
        {name: getattr(colours, name) for name in colours.__slots__}
        | sizes
        | {"mono": f"'{theme.font('mono').family()}'", "family": f"'{theme.font().family()}'"}
    )
