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

resource "aws_s3_bucket" "logs" { # expect: S3-06 failed
  bucket = "example-session-logs"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect       = "Deny"
        NotPrincipal = { AWS = "arn:aws:iam::111122223333:role/backup" }
        Action       = "s3:*"
        Resource     = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
        Condition    = { Bool = { "aws:SecureTransport" = "false" } }
      }
    ]
  })
}
