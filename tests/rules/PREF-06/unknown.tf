resource "aws_ssm_document" "prefs" { # expect: PREF-06 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = "/example/sessions"
      cloudWatchEncryptionEnabled = var.encrypt
    }
  })
}

variable "encrypt" {
  type = bool
}
