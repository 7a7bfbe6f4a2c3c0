resource "aws_ssm_document" "prefs" { # expect: KMS-01 failed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = aws_s3_bucket.logs.id
      kmsKeyId     = var.key
    }
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = "example-session-logs"
}

variable "key" {
  type    = string
  default = ""
}
