"""The frame of our HTML pages: one file that needs nothing beside it, for screens of any width, dark ones, and paper."""

from __future__ import annotations

from collections.abc import Iterable

STYLE = """
:root { color-scheme: light dark; --line: #8886; --quote: #8881; --risky: #a3231b; --safe: #1b6e3c; --other: #5f6368; }
@media (prefers-color-scheme: dark) { :root { --risky: #ff8a80; --safe: #81c995; --other: #bdc1c6; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
body.wide { max-width: 64rem; }
h1, h2, h3 { line-height: 1.25; break-after: avoid; }
h2 { margin: 2.5rem 0 .5rem; } h3 { margin: 1.5rem 0 .25rem; font-size: 1.1rem; }
p { margin: .4rem 0; } small, .context { color: var(--other); } small { font-weight: normal; }
article { margin: .75rem 0 1.25rem; } article > .context { font-size: .9rem; break-after: avoid; }
blockquote { margin: .25rem 0; padding: .5rem 1rem; border-left: .25rem solid var(--line); background: var(--quote); }
blockquote { break-inside: avoid; }
mark { background: none; color: inherit; font-weight: 600; }
.risky blockquote { border-color: var(--risky); } .safe blockquote { border-color: var(--safe); }
:is(h2, h3, td, strong).risky { color: var(--risky); } :is(h2, h3, td, strong).safe { color: var(--safe); }
summary { cursor: pointer; margin: .75rem 0; } summary > h3 { display: inline; } details { break-inside: auto; }
details:has(:target)::details-content { content-visibility: visible; block-size: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; overflow-wrap: break-word; }
caption > span { display: inline-block; max-width: calc(100vw - 2rem); }
caption { text-align: left; color: var(--other); padding: .25rem 0; }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
:is(td, th).number { text-align: right; font-variant-numeric: tabular-nums; } td.share { white-space: nowrap; }
td.file { overflow-wrap: anywhere; min-width: 8rem; }
:target { outline: .15rem solid; outline-offset: .25rem; } img { max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { img { background: white; } }
@media print {
  body, body.wide { max-width: none; margin: 0; font-size: 10pt; } a { color: inherit; text-decoration: none; }
  details::details-content { content-visibility: visible; block-size: auto; } :target { outline: none; }
  .scroll { overflow: visible; }
}
"""
"""A link into what is folded opens it, and paper shows all of it: with `::details-content`, where a browser knows that."""


def page(title: str, parts: Iterable[str], *, wide: bool = False) -> str:
    """Return a whole page; `title` is text, and `parts` are HTML."""
    body, shape = "\n".join(parts), ' class="wide"' if wide else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body{shape}>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
