resource "aws_ssm_document" "prefs" { # expect: KMS-01 undecided
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId = data.aws_kms_alias.sessions.target_key_arn
    }
  })
}

data "aws_kms_alias" "sessions" {
  name = var.alias
}

variable "alias" {
  type = string
}
