resource "aws_ssm_document" "prefs" { # expect: S3-01 passed
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = var.bucket
    }
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = var.bucket
}

variable "bucket" {
  type = string
}
