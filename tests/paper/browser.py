"""A page as a headless browser draws it: what a script finds out when it is asked from within."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

PROBE = """
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const over = (top, below) => {
  const [r, g, b, a = 1] = top;
  return [r, g, b].map((part, index) => a * part + (1 - a) * below[index]);
};
const light = colour => {
  const [r, g, b] = colour.map(part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const canvas = document.createElement("i");
canvas.style.background = "Canvas";
document.body.append(canvas);
const bottom = numbers(getComputedStyle(canvas).backgroundColor);
canvas.remove();
const ground = element => {
  const own = numbers(getComputedStyle(element).backgroundColor);
  return over(own.length ? own : [0, 0, 0, 0], element.parentElement ? ground(element.parentElement) : bottom);
};
const contrast = element => {
  const below = ground(element);
  const [one, other] = [light(over(numbers(getComputedStyle(element).color), below)), light(below)].sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
};
const written = [...document.body.querySelectorAll("*")].filter(
  element => element.tagName !== "SCRIPT" && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
const target = document.querySelector(":target");
document.title = JSON.stringify({
  width: document.documentElement.scrollWidth, window: window.innerWidth,
  headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(heading => Number(heading.tagName[1])),
  dangling: [...document.querySelectorAll("a")].filter(link => !document.querySelector(link.getAttribute("href")))
    .map(link => link.getAttribute("href")),
  loaded: performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:")),
  contrast: Math.min(...written.map(contrast)), dark: light(bottom) < 0.2, articles: document.querySelectorAll("article").length,
  target: target ? target.checkVisibility({contentVisibilityAuto: true}) : null,
  broken: [...document.querySelectorAll("th, td.share")].filter(cell => cell.scrollWidth > cell.clientWidth + 1).length,
});
"""


@dataclass(frozen=True)
class Drawn:
    """What the browser says of a page: widths in pixels, `contrast` the least of any text, as WCAG 2 counts it.

    `target`: whether what the address leads to can be seen; None where it leads to nothing. `console`: what was logged.
    """

    width: int
    window: int
    headings: list[int]
    dangling: list[str]
    loaded: list[str]
    contrast: float
    dark: bool
    articles: int
    target: bool | None
    broken: int
    console: list[str]


def draw(page: str, folder: Path, *, width: int = 1200, dark: bool = False, anchor: str = "") -> Drawn:
    """Draw a page in a window `width` pixels wide, and ask it. An address ends in `anchor`."""
    file = folder / "page.html"
    probe = f"<script>addEventListener('load', () => setTimeout(() => {{ {PROBE} }}, 100))</script>"
    file.write_text(page.replace("</body>", f"{probe}</body>"), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--virtual-time-budget=3000"),
            f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--window-size={width},900",
            "--dump-dom",
            file.as_uri() + (f"#{anchor}" if anchor else ""),
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    (title,) = re.findall(r"<title>(.*?)</title>", done.stdout, re.DOTALL)[:1]
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return Drawn(**json.loads(html.unescape(title)), console=console)
