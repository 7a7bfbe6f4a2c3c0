resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = aws_s3_bucket.logs.id }
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = "example-session-logs"
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    id     = "tidy"
    status = "Enabled"
    noncurrent_version_expiration {
      noncurrent_days = 1 # expect: S3-04 failed medium
    }
  }
}
