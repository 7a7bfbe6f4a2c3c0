resource "aws_ssm_document" "prefs" { # expect: PREF-10 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  permissions = {
    type        = "Share"
    account_ids = var.accounts
  }

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-session-logs"
    }
  })
}

variable "accounts" {
  type = string
}
