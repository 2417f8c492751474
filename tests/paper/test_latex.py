"""LaTeX source, as one file, a folder or an archive: what of it is running text, and what is a block of its own."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from zips import zipped

from seedlint.paper import latex_files
from seedlint.paper.document import Document, Kind, Status
from seedlint.paper.latex import read_latex, text_of
from seedlint.paper.latex_commands import LatexTableError, latex_commands, read_latex_commands
from seedlint.paper.source import read, read_text


def blocks(source: str, kind: Kind = Kind.BODY) -> list[str]:
    return [block.text for block in read_latex("a.tex", source).blocks if block.kind is kind]


def body_of(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.kind is Kind.BODY]


def archive(files: dict[str, str], *, link: tuple[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
        if link:
            member = tarfile.TarInfo(link[0])
            member.type, member.linkname = tarfile.SYMTYPE, link[1]
            tar.addfile(member)
    return buffer.getvalue()


PAPER = r"\documentclass{article}\begin{document}%s\end{document}"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"It is $88.1 \pm 0.3$ over $5$ runs.", "It is 88.1 ± 0.3 over 5 runs."),
        (r"We use \(n=5\) seeds.", "We use n=5 seeds."),
        (r"A rate of $10^{-3}$ and $\frac{1}{2}$.", "A rate of 10^-3 and 1/2."),
        ("We train % not this\nfive models.", "We train five models."),
        (r"About 50\% of it.", "About 50% of it."),
        (r"The \textbf{best \emph{of} five} runs.", "The best of five runs."),
        (r"As shown~\cite[p.~3]{a,b}.", "As shown [1]."),
        (r"See \cref{tab:x} and Section~\ref{s}.", "See Table 1 and Section 1."),
        (r"``Quoted'' caf\'e na\"{\i}ve --- ok.", "“Quoted” café naïve — ok."),
        (r"The loss \begin{equation} x \end{equation} is small.", "The loss is small."),
        (r"The loss \[ x \] is small.", "The loss is small."),
        ("The loss $$ x $$ is small.", "The loss is small."),
        (r"It is hidden \iffalse seed \ifx a b \fi 42 \fi here.", "It is hidden here."),
        (r"It uses \verb|a%b$c| twice.", "It uses a b c twice."),
        (r"\newcommand{\ours}{SeedNet}\ours{} is ours.", "SeedNet is ours."),
        (r"\newcommand{\ours}{SeedNet\xspace}We call it \ours.", "We call it SeedNet."),
        (r"\newcommand{\swap}[2][b]{#2 and #1}We \swap[x]{y} it.", "We y and x it."),
        (r"\def\runs#1{over #1 runs}Averaged \runs{5}.", "Averaged over 5 runs."),
        (r"\def\be{\begin{equation}}\def\ee{\end{equation}}It \be x \ee goes on.", "It goes on."),
        (r"\href{http://x.y}{Our code} is \textcolor{red}{here}.", "Our code is here."),
        ("A float\n\\begin{table}\\caption{Mean.}\\end{table}\nin a sentence.", "A float in a sentence."),
        (r"\addcontentsline{toc}{chapter}{One}\vskip 0.15in Two \vskip-2pt lines.", "Two lines."),
        (r"A note\footnote{Aside.} in a sentence.", "A note in a sentence."),
    ],
)
def test_source_becomes_the_text_that_is_printed(source: str, text: str) -> None:
    assert blocks(source) == [text]


def test_a_formula_is_short_text() -> None:
    assert text_of(r"$\mu \pm 2\sigma$") == "μ ± 2σ"


def test_captions_and_footnotes_are_blocks_of_their_own() -> None:
    source = r"One.\footnote{Over $5$ runs.} \begin{figure*}[t]\caption[short]{Mean of \emph{five}.}\end{figure*} Two."
    assert blocks(source, Kind.FOOTNOTE) == ["Over 5 runs."]
    assert blocks(source, Kind.CAPTION) == ["Mean of five."]
    assert blocks(source) == ["One. Two."]


def test_the_rows_of_a_table_are_left_out_and_its_note_is_kept() -> None:
    source = r"\begin{table}\begin{tabular}{ll} seed & 42 \\ \end{tabular} The bars show standard deviations over runs.\end{table}"
    assert blocks(source, Kind.CAPTION) == ["The bars show standard deviations over runs."]


def test_code_and_references_are_left_out_and_the_appendix_is_read() -> None:
    source = (
        r"\section{Setup} One. \begin{lstlisting} seed = 42 \end{lstlisting} \begin{thebibliography}{9} \bibitem{a} Seed."
        r"\end{thebibliography} \appendix \section{Seeds} Two."
    )
    found = read_latex("a.tex", source).blocks
    assert [(b.section, b.text) for b in found if b.kind is Kind.BODY] == [("Setup", "One."), ("Seeds", "Two.")]


def test_title_and_year_come_from_the_preamble_which_is_not_read() -> None:
    source = r"\usepackage[final]{neurips_2023}\title{On \emph{Seeds}\thanks{Us.}}\author{Seed}Stray." + PAPER % "Body."
    found = read_latex("a.tex", source)
    assert (found.title, found.year, body_of(found)) == ("On Seeds", 2023, ["Body."])


def test_items_are_paragraphs() -> None:
    assert blocks(r"We have: \begin{itemize} \item one seed \item[Two] seeds \end{itemize}") == [
        "We have:",
        "one seed",
        "Two seeds",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "{" * 20_000,
        r"\footnote{" * 5_000,
        r"\frac{" * 5_000,
        r"\a[" * 5_000,
        r"\begin{figure}" * 5_000,
        r"\begin{equation}" * 5_000,
        r"\def\a{\a\a}\a",
        r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\a",
        r"\newcommand{\a}[1]{#1#1}" + r"\a{" * 2_000 + "x" + "}" * 2_000,
        r"\iffalse" * 5_000,
        "$" * 5_001,
        "\\",
    ],
)
def test_what_no_compiler_takes_still_ends(source: str) -> None:
    assert read_latex("a.tex", source).status in (Status.OK, Status.NO_TEXT)


def test_a_loop_of_macros_leaves_the_text_around_it() -> None:
    assert blocks(r"\def\a{\a\a}Before \a after.") == ["Before after."]


def test_a_folder_is_read_from_its_main_file(tmp_path: Path) -> None:
    (tmp_path / "sections").mkdir()
    (tmp_path / "paper.tex").write_text(PAPER % "\\input{sections/one}\n\n\\include{two} % \\input{three}\n")
    (tmp_path / "sections" / "one.tex").write_text("One. \\input{sections/deep}")
    (tmp_path / "sections" / "deep.tex").write_text("Deep.")
    (tmp_path / "two.tex").write_text("Two.")
    (tmp_path / "three.tex").write_text("Three.")
    assert body_of(read(tmp_path)) == ["One. Deep.", "Two."]
    assert body_of(read(tmp_path / "paper.tex")) == ["One. Deep.", "Two."]


def test_inputs_that_lead_in_a_circle_or_outside_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("Secret.")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "a.tex").write_text(PAPER % r"A. \input{b} \input{../secret} \input{/etc/passwd}")
    (folder / "b.tex").write_text(r"B. \input{a} \input{b}")
    (folder / "link.tex").symlink_to(tmp_path / "secret.tex")
    assert body_of(read(folder)) == ["A. B."]


def test_an_archive_is_read_in_memory_without_links_and_paths_outside(tmp_path: Path) -> None:
    files = {"ms.tex": PAPER % r"A. \input{b} \input{link} \input{../out}", "b.tex": "B.", "../out.tex": "Out."}
    path = tmp_path / "2103.00001.tar.gz"
    path.write_bytes(archive(files, link=("link.tex", "/etc/passwd")))
    assert body_of(read(path)) == ["A. B."]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("top", ["", "paper-main/"])
def test_a_zip_archive_is_read_in_memory_without_links_and_paths_outside(tmp_path: Path, top: str) -> None:
    files = {"ms.tex": PAPER % r"A. \input{b} \input{link} \input{../out}", "b.tex": "B.", "../../out.tex": "Out."}
    path = tmp_path / "project.zip"
    path.write_bytes(zipped({top + name: text for name, text in files.items()}, link=(f"{top}link.tex", "/etc/passwd")))
    assert body_of(read(path)) == ["A. B."]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_zip_archive_that_unpacks_to_too_much_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({f"{number}.tex": "seed" * 100 for number in range(9)}))
    with monkeypatch.context() as patch:
        patch.setattr(latex_files, "MAX_BYTES", 3_000)
        assert read(path).status is Status.TOO_LARGE
    monkeypatch.setattr(latex_files, "MAX_MEMBERS", 8)
    assert read(path).status is Status.TOO_LARGE


def test_a_zip_archive_with_a_password_is_encrypted(tmp_path: Path) -> None:
    content = bytearray(zipped({"ms.tex": PAPER % "One."}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the table of contents
    path = tmp_path / "locked.zip"
    path.write_bytes(content)
    assert (read(path).status, read(path).reason) == (Status.ENCRYPTED, "the archive needs a password")


def test_a_damaged_file_of_a_zip_archive_costs_no_other(tmp_path: Path) -> None:
    content = zipped({"ms.tex": PAPER % r"One. \input{b}", "b.tex": "seed " * 99})
    start = content.index(b"b.tex") + 5
    path = tmp_path / "project.zip"
    path.write_bytes(content[:start] + b"\xff" * 4 + content[start + 4 :])
    assert body_of(read(path)) == ["One."]
    assert (read(path).status, read(path).reason) == (Status.PARTIAL, "damaged in the archive: b.tex")


@pytest.mark.parametrize("packed", [True, False])
def test_an_archive_whose_end_is_lost_is_read_in_part(tmp_path: Path, packed: bool) -> None:
    whole = gzip.decompress(archive({"ms.tex": PAPER % r"One. \input{b}", "z.tex": "seed " * 9999}))
    cut = gzip.compress(whole)[:-40] if packed else whole[:-20_000]
    path = tmp_path / "a.tar.gz"
    path.write_bytes(cut)
    assert body_of(read(path)) == ["One."]
    assert (read(path).status, read(path).reason) == (Status.PARTIAL, "the end of the archive is damaged")


def test_a_single_gzipped_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "2103.00001.gz"
    path.write_bytes(gzip.compress((PAPER % "One.").encode()))
    assert body_of(read(path)) == ["One."]


def test_an_archive_that_unpacks_to_too_much_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latex_files, "MAX_BYTES", 1_000_000)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(bytes(2_000_000)))
    assert read(path).status is Status.TOO_LARGE


@pytest.mark.parametrize("content", [b"\x1f\x8b" + b"damaged" * 9, archive({"a.txt": "x"}), archive({})[:-8]])
def test_an_archive_without_a_paper_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    found = read(path)
    assert found.status in (Status.NOT_A_PDF, Status.NO_TEXT)
    assert found.reason


def test_a_folder_without_a_paper_says_so(tmp_path: Path) -> None:
    assert (read(tmp_path).status, read(tmp_path).reason) == (
        Status.NOT_A_PDF,
        "no LaTeX file with a \\documentclass was found",
    )


def test_text_on_standard_input_is_known_as_latex_by_its_looks() -> None:
    assert body_of(read_text(PAPER % r"\emph{One}.")) == ["One."]


def test_the_commands_that_come_along_follow_their_schema() -> None:
    assert "tabular" in latex_commands().skipped
    assert {"section", "caption", "cite", "begin"} <= latex_commands().structure


@pytest.mark.parametrize(
    ("old", "new"), [("label = 1", 'label = "1"'), ('"tabular"', '"\\\\tabular"'), ("[dropped]", "[other]")]
)
def test_a_table_that_breaks_the_schema_is_refused(tmp_path: Path, old: str, new: str) -> None:
    shipped = Path(__file__).parents[2] / "rules" / "papers" / "latex.toml"
    path = tmp_path / "latex.toml"
    path.write_text(shipped.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LatexTableError, match=r"latex\.toml"):
        read_latex_commands(path)
