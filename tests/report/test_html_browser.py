"""The HTML report in a real browser: its policy lets its own script run, and the filters count the findings."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ssm_hardening.verdicts.findings import Audit
from tests.report import samples
from tests.report.consumers import hostile, many, render


@pytest.mark.parametrize(("audit", "findings"), [(samples.audit(), 9), (hostile(), 72), (many(300), 300)])
def test_the_filters_work(audit: Audit, findings: int, tmp_path: Path) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not on PATH")
    page = tmp_path / "report.html"
    page.write_text(render("html", audit, plan=samples.plan()), encoding="ascii")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    ran = subprocess.run(["chromium", *options, page.as_uri()], capture_output=True, text=True, check=True)
    assert f"All {findings} findings are shown." in ran.stdout
    assert not re.search(r'<form id="filters"[^>]* hidden', ran.stdout)
