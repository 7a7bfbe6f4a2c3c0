resource "aws_ssm_document" "prefs" { # expect: KMS-01 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId = "1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  })
}
