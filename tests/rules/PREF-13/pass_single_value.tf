resource "aws_ssm_document" "prefs" { # expect: PREF-13 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    parameters = {
      user = { type = "String", default = "operator", allowedValues = ["operator"] }
    }
    inputs = {
      runAsEnabled     = true
      runAsDefaultUser = "{{ user }}"
    }
  })
}
