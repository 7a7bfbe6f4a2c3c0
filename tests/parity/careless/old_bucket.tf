resource "aws_s3_bucket" "old" {
  bucket_prefix = "old-session-logs-"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "old" {
  bucket = aws_s3_bucket.old.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms:dsse"
    }
  }
}

resource "aws_s3_bucket_versioning" "old" {
  bucket = aws_s3_bucket.old.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_public_access_block" "old" {
  bucket            = aws_s3_bucket.old.id
  block_public_acls = true
}

resource "aws_s3_bucket_ownership_controls" "old" {
  bucket = aws_s3_bucket.old.id
  rule {
    object_ownership = "ObjectWriter"
  }
}
