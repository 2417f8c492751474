"""What holds of every format."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from odd_reports import EMPTY, FULL, REPORTS

from seedlint.report import FORMATS, View, render


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_rendered_the_same_way_twice_and_ends_its_last_line(format, name):
    text = render(REPORTS[name], format, view=View())
    assert text == render(REPORTS[name], format, view=View())
    assert text == "" or text.endswith("\n")
    assert not text.endswith("\n\n")


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown format 'yaml'; choose one of text, json, sarif"):
        render(EMPTY, "yaml", view=View())


@pytest.mark.parametrize("format", FORMATS)
def test_no_format_hides_an_acknowledged_finding(format):
    assert "4,000 GPU hours" in render(FULL, format, view=View()).replace("%2C", ",")


def test_the_text_format_loads_no_other_renderer_and_no_parser():
    program = (
        "import sys; from seedlint.report import View, render; from seedlint.uses import Report; "
        "render(Report(), 'text', view=View()); import json; print(json.dumps(sorted(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(run.stdout))
    assert "seedlint.report.as_text" in loaded
    assert not {name for name in loaded if name.startswith("seedlint.report.as_")} - {"seedlint.report.as_text"}
    assert not loaded & {"libcst", "xml", "jsonschema", "hashlib", "seedlint.rulebook", "click"}
