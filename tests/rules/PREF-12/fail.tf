resource "aws_ssm_document" "prefs" { # expect: PREF-12 failed medium
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      shellProfile = {
        linux = "unset HISTFILE"
      }
    }
  })
}
