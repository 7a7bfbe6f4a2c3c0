"""What is wrong in a document is mended, and what is right beside it stays; what no code declares is not edited."""

import re
from pathlib import Path

import pytest

from ssm_hardening.remediation.changes import Plain, SetContent
from ssm_hardening.remediation.edits import Editor
from ssm_hardening.remediation.objects import NotEditableError
from ssm_hardening.remediation.wiring import Wiring
from tests.remediation.loop import remedied
from tests.rules.builders_live import live_preferences

DOCUMENT = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3EncryptionEnabled = "true"
      idleSessionTimeout  = "MINUTES"
    }
  })
}
"""


@pytest.mark.parametrize(("written", "mended"), [("1", "1"), ("14", "14"), ("15", "15"), ("60", "15"), ("0", "15")])
def test_a_duration_that_is_allowed_stays_while_the_rest_is_mended(written: str, mended: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DOCUMENT.replace("MINUTES", written))
    edited = next(edit.after for edit in remedied(tmp_path, into=True).plan.edits if edit.file.endswith("main.tf"))
    assert re.search(rf'idleSessionTimeout += "{mended}"$', edited, re.MULTILINE)
    assert re.search(r"s3EncryptionEnabled += true$", edited, re.MULTILINE)


def test_what_no_code_declares_is_not_edited() -> None:
    editor = Editor(lambda path: path, [])
    live = live_preferences()
    change = SetContent(fact=live, path=("inputs", "s3EncryptionEnabled"), value=Plain(True), read_at=live.origin)
    with pytest.raises(NotEditableError, match="is not declared in code"):
        editor.add([change], "PREF-05", Wiring(".", into=False, find_call=lambda fact: fact.address))
