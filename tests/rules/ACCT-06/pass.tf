resource "aws_ssm_activation" "warehouse" { # expect: ACCT-06 passed
  name               = "warehouse"
  iam_role           = "example-hybrid"
  registration_limit = 5
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
