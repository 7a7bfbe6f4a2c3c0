resource "aws_ssm_document" "prefs" { # expect: KMS-01 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId = var.key
    }
  })
}

variable "key" {
  type = string
}
