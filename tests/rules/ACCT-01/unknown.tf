variable "sharing" {
  type = string
}

resource "aws_ssm_service_setting" "sharing" { # expect: ACCT-01 undecided account
  setting_id    = "/ssm/documents/console/public-sharing-permission"
  setting_value = var.sharing
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = "example-session-logs", s3EncryptionEnabled = true }
  })
}
