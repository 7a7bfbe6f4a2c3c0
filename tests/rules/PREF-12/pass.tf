resource "aws_ssm_document" "prefs" { # expect: PREF-12 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      shellProfile = {
        linux = "cd ~ && echo This session is recorded."
      }
    }
  })
}
