data "aws_partition" "current" {}

locals {
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}"

  transport_statements = [
    {
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
    {
      Sid       = "DenyOldTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    },
  ]

  # No statement asks for an encryption header: an agent that could not read the bucket's configuration sends
  # none, and default encryption covers its upload anyway.
  writer_statements = concat(
    [for arns in [var.writer_role_arns] : {
      Sid       = "NodesWriteUnderThePrefix"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["s3:PutObject", "s3:PutObjectAcl"]
      Resource  = ["${local.bucket_arn}/${var.key_prefix}/*"]
    } if length(arns) > 0],
    [for arns in [var.writer_role_arns] : {
      Sid       = "NodesCheckTheEncryption"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["s3:GetEncryptionConfiguration"]
      Resource  = [local.bucket_arn]
    } if length(arns) > 0],
  )
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logging needs a second bucket, which the caller names in access_log_bucket
  #checkov:skip=CKV_AWS_144:A copy in a second region is a decision on where recordings may lie, not a default
  #checkov:skip=CKV2_AWS_62:Nothing acts on a new recording; CloudTrail and EventBridge raise the alerts
  #checkov:skip=CKV_AWS_145:The caller chooses between a customer key and SSE-S3 with kms_key_arn
  bucket        = var.bucket_name
  force_destroy = false
  tags          = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  # S3 refuses two changes of these settings at the same moment.
  depends_on = [aws_s3_bucket_ownership_controls.this]
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # Never aws:kms:dsse: the agent takes such a bucket for an unencrypted one and refuses the session.
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
    bucket_key_enabled = var.kms_key_arn != null
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  #checkov:skip=CKV_AWS_300:Unfinished uploads are aborted under the prefix; objects outside it are not this module's
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "abort-unfinished-session-log-uploads"
    status = "Enabled"

    filter {
      prefix = "${var.key_prefix}/"
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = var.retention_days == null ? [] : [var.retention_days]

    content {
      id     = "expire-session-logs"
      status = "Enabled"

      filter {
        prefix = "${var.key_prefix}/"
      }

      expiration {
        days = rule.value
      }

      # A recording that somebody deletes or overwrites stays as long as one that nobody touched.
      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.retention_days == null || var.object_lock_days == null ? true : var.object_lock_days <= var.retention_days
      error_message = "Set object_lock_days to at most retention_days: a locked recording cannot expire."
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = var.object_lock_days == null ? toset([]) : toset(["GOVERNANCE"])

  bucket = aws_s3_bucket.this.id

  rule {
    # GOVERNANCE: a named role can still purge a secret that somebody typed by mistake.
    default_retention {
      mode = each.key
      days = var.object_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_log_bucket == null ? toset([]) : toset([var.access_log_bucket])

  bucket        = aws_s3_bucket.this.id
  target_bucket = each.value
  target_prefix = "${var.bucket_name}/"

  lifecycle {
    precondition {
      condition     = each.value != var.bucket_name
      error_message = "Name another bucket in access_log_bucket: a bucket that logs to itself fills without end."
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.transport_statements, local.writer_statements)
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
