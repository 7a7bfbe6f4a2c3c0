resource "aws_ssm_document" "prefs" { # expect: KMS-01 failed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId = "aws/ssm"
    }
  })
}
