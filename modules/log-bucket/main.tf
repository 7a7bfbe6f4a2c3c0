data "aws_partition" "current" {}

locals {
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}"

  # Each with the paths in the bucket that it applies to.
  transport_statements = [
    {
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
      paths     = ["", "/*"]
    },
    {
      Sid       = "DenyOldTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:*"]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      paths     = ["", "/*"]
    },
  ]

  # No statement requires an encryption header: an agent that could not read the bucket configuration sends
  # none, and the default encryption applies to its upload.
  writer_statements = concat(
    [for arns in [var.writer_role_arns] : {
      Sid       = "NodesWriteUnderThePrefix"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["s3:PutObject", "s3:PutObjectAcl"]
      paths     = ["/${var.key_prefix}/*"]
    } if length(arns) > 0],
    [for arns in [var.writer_role_arns] : {
      Sid       = "NodesCheckTheEncryption"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["s3:GetEncryptionConfiguration"]
      paths     = [""]
    } if length(arns) > 0],
  )
  own_statements = concat(
    [for statement in local.transport_statements : statement if var.deny_weak_transport],
    local.writer_statements,
  )

  # An existing bucket policy is kept: its statements come first, and its version and ID do not change.
  # Statements of this module that it already contains are not added twice. A number is appended to a Sid in use.
  existing_policy     = jsondecode(coalesce(var.existing_policy, "{\"Version\":\"2012-10-17\"}"))
  existing_statements = flatten([try(local.existing_policy.Statement, [])])
  existing_sids       = [for statement in local.existing_statements : try(statement.Sid, "")]

  # The content of a statement, regardless of its Sid, the order of its lists and the partition.
  existing_forms = [for statement in local.existing_statements : jsonencode(merge(
    { for name, value in statement : name => value if !contains(["Sid", "Action", "Resource"], name) },
    { for name, value in statement : name => sort(flatten([value])) if name == "Action" },
    { for name, value in statement : name => sort([for arn in flatten([value]) : replace(arn, "/^arn:[a-z-]+/", "")]) if name == "Resource" },
  ))]
  own_forms = [for statement in local.own_statements : jsonencode(merge(
    { for name, value in statement : name => value if !contains(["Sid", "Action", "paths"], name) },
    {
      Action   = sort(statement.Action)
      Resource = sort([for path in statement.paths : ":s3:::${var.bucket_name}${path}"])
    },
  ))]
  new_statements = [
    for number, statement in local.own_statements : merge({ for name, value in statement : name => value if name != "paths" }, {
      Resource = [for path in statement.paths : "${local.bucket_arn}${path}"]
      Sid = [
        for sid in concat([statement.Sid], [for suffix in range(2, 100) : "${statement.Sid}${suffix}"]) :
        sid if !contains(local.existing_sids, sid)
      ][0]
    })
    if !contains(local.existing_forms, local.own_forms[number])
  ]
  statements = concat(local.existing_statements, local.new_statements)

  own_rules = concat(
    [for days in [var.abort_uploads_after_days] : "abort" if days != null],
    [for days in [var.retention_days] : "expire" if days != null],
  )
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logging needs a second bucket, which the caller sets in access_log_bucket
  #checkov:skip=CKV_AWS_144:The caller decides whether recordings may be copied to a second Region
  #checkov:skip=CKV2_AWS_62:Nothing processes new recordings; CloudTrail and EventBridge raise the alerts
  #checkov:skip=CKV_AWS_145:The caller chooses between a customer managed key and SSE-S3 with kms_key_arn
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
    object_ownership = var.object_ownership
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  # S3 rejects two changes to these settings at the same time.
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
    # Never aws:kms:dsse: the agent treats such a bucket as unencrypted and refuses the session.
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn == "aws/s3" ? null : var.kms_key_arn
    }
    bucket_key_enabled = var.bucket_key_enabled == null ? var.kms_key_arn != null : var.bucket_key_enabled
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  #checkov:skip=CKV_AWS_300:Incomplete uploads are aborted under the prefix; this module does not manage other objects
  for_each = length(local.own_rules) + length(var.existing_lifecycle_rules) == 0 ? toset([]) : toset(["rules"])

  bucket = aws_s3_bucket.this.id

  dynamic "rule" {
    for_each = var.existing_lifecycle_rules

    content {
      id     = rule.value.id
      prefix = rule.value.prefix
      status = rule.value.status

      dynamic "filter" {
        for_each = rule.value.filter[*]

        content {
          prefix                   = filter.value.prefix
          object_size_greater_than = filter.value.object_size_greater_than
          object_size_less_than    = filter.value.object_size_less_than

          dynamic "tag" {
            for_each = filter.value.tag[*]

            content {
              key   = tag.value.key
              value = tag.value.value
            }
          }

          dynamic "and" {
            for_each = filter.value.and[*]

            content {
              prefix                   = and.value.prefix
              object_size_greater_than = and.value.object_size_greater_than
              object_size_less_than    = and.value.object_size_less_than
              tags                     = and.value.tags
            }
          }
        }
      }

      dynamic "abort_incomplete_multipart_upload" {
        for_each = rule.value.abort_incomplete_multipart_upload[*]

        content {
          days_after_initiation = abort_incomplete_multipart_upload.value.days_after_initiation
        }
      }

      dynamic "expiration" {
        for_each = rule.value.expiration[*]

        content {
          date                         = expiration.value.date
          days                         = expiration.value.days
          expired_object_delete_marker = expiration.value.expired_object_delete_marker
        }
      }

      dynamic "noncurrent_version_expiration" {
        for_each = rule.value.noncurrent_version_expiration[*]

        content {
          newer_noncurrent_versions = noncurrent_version_expiration.value.newer_noncurrent_versions
          noncurrent_days           = noncurrent_version_expiration.value.noncurrent_days
        }
      }

      dynamic "transition" {
        for_each = rule.value.transitions

        content {
          date          = transition.value.date
          days          = transition.value.days
          storage_class = transition.value.storage_class
        }
      }

      dynamic "noncurrent_version_transition" {
        for_each = rule.value.noncurrent_version_transitions

        content {
          newer_noncurrent_versions = noncurrent_version_transition.value.newer_noncurrent_versions
          noncurrent_days           = noncurrent_version_transition.value.noncurrent_days
          storage_class             = noncurrent_version_transition.value.storage_class
        }
      }
    }
  }

  dynamic "rule" {
    for_each = var.abort_uploads_after_days[*]

    content {
      id     = "abort-unfinished-session-log-uploads"
      status = "Enabled"

      filter {
        prefix = "${var.key_prefix}/"
      }

      abort_incomplete_multipart_upload {
        days_after_initiation = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = var.retention_days[*]

    content {
      id     = "expire-session-logs"
      status = "Enabled"

      filter {
        prefix = "${var.key_prefix}/"
      }

      expiration {
        days = rule.value
      }

      # A deleted or overwritten recording is kept as long as any other.
      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.retention_days == null || try(var.object_lock.days, null) == null ? true : var.object_lock.days <= var.retention_days
      error_message = "The days of object_lock must not exceed retention_days, because a locked recording cannot expire."
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# Before buckets could be imported, these two resources had no instance key.
moved {
  from = aws_s3_bucket_lifecycle_configuration.this
  to   = aws_s3_bucket_lifecycle_configuration.this["rules"]
}

moved {
  from = aws_s3_bucket_policy.this
  to   = aws_s3_bucket_policy.this["policy"]
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = toset(var.object_lock[*].mode)

  bucket = aws_s3_bucket.this.id

  rule {
    # GOVERNANCE by default: a named role can still purge a secret that someone typed by mistake.
    default_retention {
      mode  = each.key
      days  = var.object_lock.days
      years = var.object_lock.years
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_log_bucket == null ? toset([]) : toset([var.access_log_bucket])

  bucket        = aws_s3_bucket.this.id
  target_bucket = each.value
  target_prefix = var.access_log_prefix == null ? "${var.bucket_name}/" : var.access_log_prefix

  lifecycle {
    precondition {
      condition     = each.value != var.bucket_name
      error_message = "access_log_bucket must be a different bucket: a bucket that logs to itself grows without limit."
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = length(local.statements) == 0 ? toset([]) : toset(["policy"])

  bucket = aws_s3_bucket.this.id
  policy = jsonencode(merge(local.existing_policy, { Statement = local.statements }))

  depends_on = [aws_s3_bucket_public_access_block.this]
}
