resource "aws_ssm_document" "prefs" { # expect: RUNAS-02 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      runAsEnabled     = true
      runAsDefaultUser = "j.doe@example.com"
    }
  })
}
