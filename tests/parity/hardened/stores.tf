resource "aws_s3_bucket" "logs" {
  bucket              = "session-logs-${local.account}"
  object_lock_enabled = true

  # Within the bucket: the provider watches rules in a resource of their own for a minute.
  lifecycle_rule {
    id      = "sessions"
    enabled = true
    prefix  = "sessions/"
    expiration {
      days = 400
    }
  }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    default_retention {
      mode  = "GOVERNANCE"
      years = 1
    }
  }
  depends_on = [aws_s3_bucket_versioning.logs]
}
