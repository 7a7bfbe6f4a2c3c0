resource "aws_ssm_document" "prefs" { # expect: PREF-13 failed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    parameters = {
      stored = { type = "String" }
    }
    inputs = {
      cloudWatchLogGroupName      = "/example/sessions"
      cloudWatchEncryptionEnabled = "{{ stored }}"
    }
  })
}
