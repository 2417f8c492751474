"""What IPython adds to Python: magics, shell commands and help, taken out of a cell line by line, so that Python remains."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seedlint.code.readers.notebook_scripts import PLACEHOLDER, SYSTEM, Escape, Script, is_python
from seedlint.notebooks import LINE_END

_SPECIAL = re.compile(r"^[ \t]*[%!?]|\?;?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_CELL_MAGIC = re.compile(r"%%(?P<name>!|\w[\w.]*)(?P<rest>.*)")
_LINE_MAGIC = re.compile(r"(?P<indent>[ \t]*)%{1,2}(?P<name>[A-Za-z]\w*)(?P<gap>[ \t]*)(?P<rest>.*)", re.DOTALL)
_BANG = re.compile(r"(?P<indent>[ \t]*)!!?(?P<rest>.*)", re.DOTALL)
_CAPTURE = re.compile(
    r"(?P<target>[ \t]*[A-Za-z_][\w.,* \t\[\]'\"]*)=[ \t]*(?P<kind>!|%(?:sx|system)\b|%)(?P<rest>.*)", re.DOTALL
)
_HELP = re.compile(r"[ \t]*(?:\?\??[ \t]*[\w.*%]+|%{0,2}[A-Za-z_*][\w.*\[\]-]*\?\??;?)[ \t]*")
_PRINT = re.compile(r"(?P<indent>[ \t]*)print(?:[ \t]+(?![=(,.)])\S.*|[ \t]+\(.*\)[ \t]*%.*|[ \t]*>>.*)", re.DOTALL)
_AUTOMAGIC = re.compile(
    r"(?P<indent>[ \t]*)(?P<name>pip3?|conda|mamba|cd|ls|mkdir|rm|cp|mv|cat|autoreload|load_ext|matplotlib|run)"
    r"(?P<gap>[ \t]+)(?P<rest>[^\s=(),].*)",
    re.DOTALL,
)

_SPACED_JOINT = re.compile(r"\\[ \t]+$", re.MULTILINE)

SHELLS = frozenset({"bash", "sh", "shell", "zsh", "ksh", "system", "sx", "!", "shellscript", "shell-session"})
OTHERS = frozenset(
    "writefile file html javascript js latex markdown md svg perl ruby r sql bigquery cython cmd cpp cu cuda julia "
    "script false skip ai pypy python2 powershell pwsh mermaid".split()
)
"""Cell magics whose body is no Python of this notebook. Most others time, catch or record what their body does."""

TIMERS = frozenset({"time", "timeit", "prun", "memit"})
"""Line magics that run the Python statement behind them."""

_TIMER_OPTIONS = re.compile(r"(?:-[a-zA-Z][ \t]*\d*[ \t]+)*")
_RUN_OPTIONS = re.compile(r"(?:-[intdeGp]+[ \t]+|-N[ \t]*\d+[ \t]+)*")
_IDLE = frozenset(
    "pip pip3 apt apt-get conda mamba ls cd pwd mkdir rm cp mv cat head tail wget curl git unzip tar gdown nvidia-smi "
    "echo find which uname df du free chmod ln touch tree".split()
)
"""Programs that install, fetch and show; a line that starts one of them and nothing else runs no experiment."""

MAX_COMMAND = 20_000
MAX_SCRIPT = 200_000
"""Longer ones, in characters, hold data and run no experiment."""

_VALUE = re.compile(r"[ \t]*(?:\{(?P<braced>[^{}\n]+)\}|\$(?P<name>[A-Za-z_]\w*))[ \t]*")
"""A command that Python has put together and holds whole."""

_PIECE = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?|#.*|[(\[{]|[)\]}]", re.DOTALL)
_CLOSING = {quotes: re.compile(rf"(?:\\.|[^\\])*?{quotes}", re.DOTALL) for quotes in ('"""', "'''")}


@dataclass(frozen=True)
class Masked:
    """A cell as plain Python, line for line, and what it hands to a shell; placeholders stand on the escapes' lines."""

    text: str
    escapes: tuple[Escape, ...] = ()


def masked(source: str, *, relaxed: bool = False) -> Masked:
    """The cell without IPython's syntax. `relaxed` also takes out what is wrong in usual ways: magics without
    their `%`, `print` statements, and blanks behind the backslash that ends a line."""
    lines = LINE_END.split(_SPACED_JOINT.sub("\\\\", source) if relaxed else source)
    if not relaxed and not _SPECIAL.search(source):
        return Masked("\n".join(_dedented(lines)))
    first = next((number for number, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#"), 0)
    magic = _CELL_MAGIC.match(lines[first])
    while magic is not None:
        name = _interpreter(magic)
        if name in SHELLS or name in OTHERS:
            return _foreign(lines, first, is_shell=name in SHELLS)
        lines[first] = ""
        first += 1
        magic = _CELL_MAGIC.match(lines[first]) if first < len(lines) else None
    if re.match(r"%sh\b", lines[first] if first < len(lines) else ""):  # Databricks: a cell in another language
        lines[first] = lines[first].replace("%sh", "   ", 1)
        return _foreign(lines, first - 1, is_shell=True)
    return _line_by_line(_dedented(lines), relaxed)


def shell_cell(source: str) -> Masked:
    """A cell that an editor notes as one shell script."""
    return _foreign(LINE_END.split(source), -1, is_shell=True)


def _interpreter(magic: re.Match[str]) -> str:
    """What runs the body of a cell magic: its name, or the program that `%%script` names."""
    name = magic["name"].lower()
    words = magic["rest"].split()
    if name == "script" and words:
        program = words[0].rpartition("/")[2].lower()
        return program if program in SHELLS or program.startswith("python3") or program == "python" else "script"
    return name


def _foreign(lines: list[str], magic: int, *, is_shell: bool) -> Masked:
    """A cell whose body is no Python: blank, but for the placeholder of a script."""
    body = "\n".join(lines[magic + 1 :])
    if not is_shell or not body.strip() or len(body) > MAX_SCRIPT:
        return Masked("\n" * (len(lines) - 1))
    at = max(magic, 0)
    script = "\n" * (magic + 1 - at) + body
    blank = [f"{PLACEHOLDER}()" if number == at else "" for number in range(len(lines))]
    return Masked("\n".join(blank), (Escape(at + 1, script, own_names=True),))


def _dedented(lines: list[str]) -> list[str]:
    """The lines without the indentation of the first one, as IPython runs them."""
    indent = next((re.match(r"[ \t]*", line)[0] for line in lines if line.strip()), "")  # type: ignore[index]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _line_by_line(lines: list[str], relaxed: bool) -> Masked:
    escapes: list[Escape] = []
    result: list[str] = []
    closing, depth, continued = "", 0, False
    number = 0
    while number < len(lines):
        line = lines[number]
        if not closing and not depth and not continued:
            span = _extent(lines, number)
            found = _statement("\n".join(lines[number : number + span]), number + 1, relaxed)
            if found is not None:
                result += [found.text, *[""] * (span - 1)]
                escapes += found.escapes
                number += span
                continue
        closing, depth = _after(line, closing, depth)
        continued = not closing and line.endswith("\\")
        result.append(line)
        number += 1
    return Masked("\n".join(result), tuple(escapes))


def _extent(lines: list[str], number: int) -> int:
    """How many lines a line is with those that backslashes join to it."""
    span = 1
    while lines[number + span - 1].endswith("\\") and number + span < len(lines):
        span += 1
    return span


def _after(line: str, closing: str, depth: int) -> tuple[str, int]:
    """The quotes that end the string, and the number of open brackets, in which the next line begins."""
    position = 0
    while position < len(line):
        piece = (_CLOSING[closing] if closing else _PIECE).search(line, position)
        if piece is None:
            break
        if closing:
            closing = ""
        elif piece[0] in _CLOSING:
            closing = piece[0]
        else:
            depth = max(0, depth + (piece[0] in "([{") - (piece[0] in ")]}"))
        position = piece.end()
    return closing, depth


def _statement(text: str, number: int, relaxed: bool) -> Masked | None:
    """A line of IPython's as Python; None where it is Python already."""
    if not relaxed and not _SPECIAL.search(text):
        return None
    if bang := _BANG.fullmatch(text):
        return _shell_line(text, bang.start("rest"), bang["indent"], number)
    if magic := _LINE_MAGIC.fullmatch(text):
        return _line_magic(text, magic, number)
    if _HELP.fullmatch(text):
        return Masked(_indent(text) + "pass")
    if capture := _CAPTURE.fullmatch(text):
        return _captured(text, capture, number)
    if relaxed and (magic := _AUTOMAGIC.fullmatch(text)):
        return _line_magic(text, magic, number)
    if relaxed and (old := _PRINT.fullmatch(text)):
        return Masked(old["indent"] + "pass")
    return None


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]


def _shell_line(text: str, start: int, indent: str, number: int) -> Masked:
    """What stands from `start` on, handed to a shell."""
    words = text[start:].split(None, 1)
    if not words or len(text) > MAX_COMMAND or (words[0] in _IDLE and not re.search(r"[;&|`]|\$\(", text)):
        return Masked(indent + "pass")
    built = _VALUE.fullmatch(text, start)
    if built and is_python(built["braced"] or built["name"]):
        return Masked(f"{indent}{SYSTEM}({built['braced'] or built['name']})")
    return _handed_over(Script(text, start), f"{indent}{{}}", number)


def _line_magic(text: str, magic: re.Match[str], number: int) -> Masked:
    """A line magic: a statement that is timed, a script that is run, a command, or nothing of interest."""
    name, indent, start = magic["name"], magic["indent"], magic.start("rest")
    if name in TIMERS:
        return _timed(text, magic, number)
    if name == "run" and magic["rest"]:
        options = _RUN_OPTIONS.match(text, start)
        return _handed_over(Script(text, options.end() if options else start, "python "), f"{indent}{{}}", number)
    if name == "cd" and magic["rest"]:
        return _handed_over(Script(text, magic.start("name")), f"{indent}{{}}", number)
    if name in SHELLS:
        return _shell_line(text, start, indent, number)
    return Masked(indent + "pass")


def _timed(text: str, magic: re.Match[str], number: int) -> Masked:
    """The statement behind a timer, in its place on the line."""
    options = _TIMER_OPTIONS.match(text, magic.start("rest"))
    start = options.end() if options else magic.start("rest")
    indent, statement = magic["indent"], text[start:]
    if statement.startswith("!"):
        return _shell_line(text, start + 1, indent, number)
    if not is_python(statement):
        return Masked(indent + "pass")
    one_line = statement.replace("\\\n", "  ")
    return Masked(f"{indent}0;{' ' * (start - len(indent) - 2)}{one_line}")


def _captured(text: str, capture: re.Match[str], number: int) -> Masked | None:
    """`x = !command`, and `x = %magic`, of which only the name is kept."""
    target = capture["target"]
    if not is_python(f"{target.strip()} = 0"):
        return None
    if capture["kind"] == "%" or not capture["rest"].strip():
        return Masked(f"{target}= {PLACEHOLDER}()")
    return _handed_over(Script(text, capture.start("rest"), "captured=$(", ")"), f"{target}= {{}}", number)


def _handed_over(script: Script, statement: str, number: int) -> Masked:
    """A statement whose gap a placeholder fills."""
    call = f"{PLACEHOLDER}({', '.join(script.values)})"
    escape = Escape(number, script.text, tuple(script.moved), captured=script.captured)
    return Masked(statement.replace("{}", call), (escape,))
