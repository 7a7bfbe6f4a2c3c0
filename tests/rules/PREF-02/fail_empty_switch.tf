resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      runAsEnabled     = "" # expect: PREF-02 failed low
      runAsDefaultUser = "sessions"
    }
  })
}
