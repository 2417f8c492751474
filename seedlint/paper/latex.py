r"""LaTeX source as a document: running text, \caption and \footnote as blocks of their own, formulas in short, tables left out.

A tokenizer of our own, since converters either load a paper into a tree by recursion, which nested braces overflow, or know
nothing of what a block is for.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from seedlint.paper.document import Document, Kind
from seedlint.paper.latex_commands import latex_commands
from seedlint.paper.latex_tokens import Stream, Token, tokenize
from seedlint.paper.textblocks import Blocks, clean, year_in

_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307"}
_LETTER_ACCENTS = {
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
}
_DASHES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"))
_STYLE = re.compile(
    r"\\(?:documentclass|usepackage|RequirePackage)\s{0,9}(?:\[[^\]\n]{0,400}\])?\s{0,9}\{([^}\n]{0,200})\}"
)
_END = Token("command", "end")
_LENGTH = re.compile(r"\s{0,9}=?\s{0,9}-?\d{0,9}\.?\d{1,9}\s{0,9}(?:in|cm|mm|pt|em|ex|pc|bp|sp)")
_WORDS_OF_A_NOTE = 4
_DATE = re.compile(r"\\date\s{0,9}\{([^}\n]{0,200})\}")

MAX_DEPTH = 40
"""Arguments within arguments that are read; deeper ones are left out."""

_BEFORE_PUNCTUATION = re.compile(r"\s+(?=[,;:)]|\.(?!\.))")


def read_latex(path: str, source: str) -> Document:
    """Read the source of a paper whose files are already put together; never raises, whatever the source is."""
    blocks = Blocks()
    reader = _Reader(Stream(tokenize(source)), blocks, whole=r"\begin{document}" not in source)
    reader.read()
    return blocks.document(path, reader.title, _year(source))


def text_of(source: str) -> str:
    r"""The text of a short piece of LaTeX, such as a formula: `$88.1 \pm 0.3$` is "88.1 ± 0.3"."""
    return clean(_Reader(Stream(tokenize(source)), Blocks(), depth=1).text())


def _year(source: str) -> int | None:
    r"""The year of \date, or that in the name of a conference's style, such as `neurips_2023`."""
    preamble = source.partition(r"\begin{document}")[0][:200_000]
    texts = (found[1] for pattern in (_DATE, _STYLE) for found in pattern.finditer(preamble))
    return next((year for year in map(year_in, texts) if year), None)


class _Reader:
    """Reads a stream into blocks. Floats and footnotes in a paragraph wait for its end, so that its sentences stay whole."""

    def __init__(self, stream: Stream, blocks: Blocks, *, depth: int = 0, whole: bool = True) -> None:
        self.title = ""
        self._stream = stream
        self._blocks = blocks
        self._depth = depth
        self._reads = whole
        self._in_math = False
        self._text: list[str] = []
        self._waiting: list[tuple[Kind, str]] = []
        self._around_floats: list[tuple[str, list[str]]] = []

    def read(self) -> None:
        """Read to the end of the document."""
        while (token := self._stream.take()) is not None:
            if token == _END:
                name = self._name()
                if name == "document":
                    break
                self._leave(name)
            else:
                self._meet(token)
        while self._around_floats:
            self._leave(self._around_floats[-1][0])
        self._end_paragraph()

    def text(self) -> str:
        """The text of a stream that is an argument; captions and footnotes in it are kept in the blocks."""
        while (token := self._stream.take()) is not None:
            self._meet(token)
        self._end_paragraph()
        return "".join(self._text)

    def _meet(self, token: Token) -> None:
        if token.kind == "command":
            self._command(token.value)
        elif token.kind == "break":
            self._end_paragraph()
        elif token.kind == "escaped":
            self._escaped(token.value)
        elif token.kind == "mark":
            self._mark(token.value)
        else:
            self._text.append(token.value if self._in_math else _typeset(token.value))

    def _mark(self, mark: str) -> None:
        if mark == "$":
            self._in_math = not self._in_math
        elif mark == "$$":
            self._skip_to(Token("mark", "$$"))
        elif mark in "~&":
            self._text.append(" ")
        elif mark in "[]" or (mark in "^_" and self._in_math):
            self._text.append(mark)

    def _escaped(self, sign: str) -> None:
        if sign in _ACCENTS and not self._in_math:
            self._accent(_ACCENTS[sign])
        elif sign in "()":
            self._in_math = sign == "("
        elif sign == "[":
            self._skip_to(Token("escaped", "]"))
        elif sign == "\\":
            self._stream.option()
            self._text.append(" ")
        elif sign in "%&#$_{}":
            self._text.append(sign)
        elif sign.isspace() or sign in ",;:":
            self._text.append(" ")

    def _command(self, name: str) -> None:
        known = latex_commands()
        if name == "begin":
            self._enter(self._name())
        elif name == "end":
            self._leave(self._name())
        elif name in known.headings:
            self._heading()
        elif name in known.captions:
            self._set_apart(Kind.CAPTION, ignored=int(name == "captionof"))
        elif name in known.footnotes:
            self._set_apart(Kind.FOOTNOTE)
        elif name in known.titles:
            self._stream.option()
            self.title = self._argument()
        elif name in known.dropped:
            self._drop(known.dropped[name])
        elif name in known.replaced:
            self._refer(known.replaced[name])
        elif name in ("item", "par"):
            self._end_paragraph()
            self._text.append(self._read(self._stream.option() or []) + " " if name == "item" else "")
        elif name in ("frac", "nicefrac", "tfrac", "dfrac"):
            self._text.append(f"{self._argument()}/{self._argument()}")
        elif name in _LETTER_ACCENTS and not self._in_math:
            self._accent(_LETTER_ACCENTS[name])
        elif name in known.lengths:
            self._pass_length()
        elif name in known.signs:
            self._text.append(known.signs[name])
        elif not self._in_math:
            self._stream.option()

    def _accent(self, mark: str) -> None:
        letters = self._argument().translate({0x131: "i", 0x237: "j"})
        self._text.append(normalize("NFC", letters[:1] + mark + letters[1:]) if letters else "")

    def _refer(self, text: str) -> None:
        """Put what stands for a citation or a reference."""
        while self._stream.option() is not None:
            pass
        label = "".join(token.value for token in self._stream.argument())
        before = "".join(self._text[-1:])[-1:]
        part = latex_commands().parts.get(label.partition(":")[0], "Section")
        self._text.append((" " if before.isalnum() else "") + text.format(part=part))

    def _heading(self) -> None:
        self._end_paragraph()
        self._stream.option()
        heading = self._argument()
        if self._reads and not self._depth:
            self._blocks.heading(heading)

    def _set_apart(self, kind: Kind, ignored: int = 0) -> None:
        self._drop(ignored)
        self._stream.option()
        self._waiting.append((kind, self._argument()))

    def _pass_length(self) -> None:
        """Pass over a length such as 0.2in or =3pt, where one follows."""
        token = self._stream.raw()
        if token is not None and token.kind == "text" and (length := _LENGTH.match(token.value)):
            token = Token("text", token.value[length.end() :])
        self._stream.back(token)

    def _drop(self, arguments: int) -> None:
        while arguments and self._stream.option() is not None:
            pass
        for _ in range(arguments):
            self._stream.argument()

    def _argument(self) -> str:
        return self._read(self._stream.argument())

    def _read(self, tokens: list[Token]) -> str:
        """The text of an argument, one level deeper."""
        if self._depth >= MAX_DEPTH:
            return ""
        inner = _Reader(self._stream.within(tokens), self._blocks, depth=self._depth + 1)
        inner._in_math = self._in_math
        text = inner.text().strip()
        self._waiting.extend(inner._waiting)
        return text

    def _name(self) -> str:
        return "".join(token.value for token in self._stream.argument()).strip().rstrip("*")

    def _enter(self, name: str) -> None:
        known = latex_commands()
        if name in known.skipped:
            self._skip_environment(name)
            return
        if name == "document":
            self._text.clear()
            self._waiting.clear()
            self._reads = True
            return
        if name in known.floats:
            self._around_floats.append((name, self._text))
            self._text = []
        else:
            self._end_paragraph()
        self._drop(known.opened.get(name, 0))
        self._stream.option()
        if name in ("abstract", "appendices") and self._reads and not self._depth:
            self._blocks.heading("Abstract" if name == "abstract" else "Appendix")

    def _leave(self, name: str) -> None:
        self._end_paragraph()
        if self._around_floats and self._around_floats[-1][0] == name:
            self._text = self._around_floats.pop()[1]

    def _skip_environment(self, name: str) -> None:
        """Pass over an environment and those of the same name within it. It leaves a blank: a sentence may go on after it."""
        depth = 1
        while depth and (token := self._stream.take()) is not None:
            if token.kind == "command" and token.value in ("begin", "end") and self._name() == name:
                depth += 1 if token.value == "begin" else -1
        self._text.append(" ")

    def _skip_to(self, closing: Token) -> None:
        """Pass over a display formula, at most to the end of the paragraph."""
        while (token := self._stream.take()) is not None and token != closing:
            if token.kind == "break":
                self._stream.back(token)
                break
        self._text.append(" ")

    def _end_paragraph(self) -> None:
        """Hand on the paragraph and what waited for its end; in a float the text is set apart, in an argument it goes on."""
        self._in_math = False
        if self._around_floats:
            text = clean("".join(self._text))
            self._text.clear()
            if text.count(" ") >= _WORDS_OF_A_NOTE:
                self._waiting.append((Kind.CAPTION, text))
        elif self._depth:
            self._text.append(" ")
        else:
            found = [(Kind.BODY, "".join(self._text)), *self._waiting]
            self._text.clear()
            self._waiting.clear()
            for kind, text in found if self._reads else ():
                self._blocks.add(kind, _BEFORE_PUNCTUATION.sub("", clean(text)))


def _typeset(text: str) -> str:
    for written, printed in _DASHES:
        text = text.replace(written, printed)
    return text
