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

resource "aws_kms_key" "sessions" { # expect: KMS-04 undecided
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.partner}:root" }
        Action    = "kms:Decrypt"
        Resource  = "*"
      }
    ]
  })
}

data "aws_caller_identity" "current" {}

variable "partner" {
  type = string
}
