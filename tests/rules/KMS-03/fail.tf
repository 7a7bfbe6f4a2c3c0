resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId = aws_kms_key.sessions.arn
    }
  })
}

resource "aws_kms_key" "sessions" { # expect: KMS-03 failed medium
  description = "Sessions"
}
