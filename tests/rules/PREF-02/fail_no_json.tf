resource "aws_ssm_document" "prefs" { # expect: PREF-02 failed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "schemaVersion: [1.0"
}
