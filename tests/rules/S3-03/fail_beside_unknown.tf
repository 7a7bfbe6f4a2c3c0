resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = aws_s3_bucket.logs.id
    }
  })
}

resource "aws_s3_bucket" "logs" { # expect: S3-03 failed critical
  bucket = "example-session-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = var.strict
  block_public_policy     = true
  ignore_public_acls      = false
  restrict_public_buckets = true
}

variable "strict" {
  type = bool
}
