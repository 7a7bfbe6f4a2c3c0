mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  bucket_name              = "session-logs-111122223333"
  abort_uploads_after_days = null
  retention_days           = null
}

run "every_statement_is_kept_and_comes_first" {
  command = plan

  variables {
    existing_policy = <<-EOT
      {
        "Version": "2008-10-17",
        "Id": "theirs",
        "Statement": [
          {"Sid": "DenyPlainHttp", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::session-logs-111122223333/*",
           "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
          {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": ["s3:ListBucket", "s3:GetObject"],
           "Resource": ["arn:aws:s3:::session-logs-111122223333", "arn:aws:s3:::session-logs-111122223333/$${aws:username}/*"]}
        ]
      }
    EOT
  }

  assert {
    condition     = slice(jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement, 0, 2) == jsondecode(var.existing_policy).Statement
    error_message = "The statements of before stand first, unchanged."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Version == "2008-10-17" && jsondecode(aws_s3_bucket_policy.this["policy"].policy).Id == "theirs"
    error_message = "Version and id stay: another version would change what the statements mean."
  }

  assert {
    condition     = [for statement in slice(jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement, 2, 4) : statement.Sid] == ["DenyPlainHttp2", "DenyOldTls"]
    error_message = "A Sid that is taken gets a number."
  }
}

run "one_statement_is_a_list_too" {
  command = plan

  variables {
    existing_policy = "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:DeleteBucket\", \"Resource\": \"*\"}}"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement[0].Action == "s3:DeleteBucket" && length(jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement) == 3
    error_message = "A single statement without a list is kept."
  }

  assert {
    condition     = !can(jsondecode(aws_s3_bucket_policy.this["policy"].policy).Version)
    error_message = "A policy without a version does not get one."
  }
}

run "what_is_there_is_not_written_twice" {
  command = plan

  variables {
    existing_policy = <<-EOT
      {
        "Version": "2012-10-17",
        "Statement": [
          {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::session-logs-111122223333/*", "arn:aws:s3:::session-logs-111122223333"],
           "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        ]
      }
    EOT
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement : statement.Sid] == ["Theirs", "DenyOldTls"]
    error_message = "A statement that says the same, in another order and under another Sid, is enough."
  }
}

run "nothing_to_say_is_no_policy_and_no_rule" {
  command = plan

  variables {
    deny_weak_transport = false
  }

  assert {
    condition     = length(aws_s3_bucket_policy.this) == 0 && length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "What the bucket has not and nobody asked for is not made."
  }
}

run "every_rule_is_kept" {
  command = plan

  variables {
    existing_lifecycle_rules = [
      {
        id                                = "everything"
        filter                            = { prefix = "" }
        abort_incomplete_multipart_upload = { days_after_initiation = 3 }
        transitions                       = [{ days = 30, storage_class = "STANDARD_IA" }, { days = 90, storage_class = "GLACIER" }]
        noncurrent_version_transitions    = [{ noncurrent_days = 30, storage_class = "STANDARD_IA" }]
        noncurrent_version_expiration     = { noncurrent_days = 400, newer_noncurrent_versions = 3 }
      },
      {
        id         = "tagged"
        status     = "Disabled"
        filter     = { and = { prefix = "tmp/", tags = { class = "scratch" }, object_size_greater_than = 1024 } }
        expiration = { days = 7 }
      },
      {
        id         = "one tag"
        filter     = { tag = { key = "class", value = "x" } }
        expiration = { date = "2031-01-01T00:00:00Z" }
      },
      {
        id         = "markers"
        prefix     = "old/"
        expiration = { expired_object_delete_marker = true }
      },
    ]
    retention_days = 400
    key_prefix     = "sessions"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this["rules"].rule : rule.id] == ["everything", "tagged", "one tag", "markers", "expire-session-logs"]
    error_message = "Each rule is there, and ours behind them."
  }

  assert {
    condition = alltrue([
      length(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[0].transition) == 2,
      one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[0].noncurrent_version_expiration).noncurrent_days == 400,
      one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[0].abort_incomplete_multipart_upload).days_after_initiation == 3,
      aws_s3_bucket_lifecycle_configuration.this["rules"].rule[1].status == "Disabled",
      one(one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[1].filter).and).tags.class == "scratch",
      one(one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[2].filter).tag).value == "x",
      one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[2].expiration).date == "2031-01-01T00:00:00Z",
      one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[3].expiration).expired_object_delete_marker,
      aws_s3_bucket_lifecycle_configuration.this["rules"].rule[3].prefix == "old/",
    ])
    error_message = "Each rule says what it said."
  }
}

run "everything_else_is_kept" {
  command = plan

  variables {
    kms_key_arn        = "aws/s3"
    bucket_key_enabled = false
    object_lock        = { mode = "COMPLIANCE", years = 7 }
    access_log_bucket  = "access-logs"
    access_log_prefix  = ""
    object_ownership   = "ObjectWriter"
    tags               = { "$${file(\"/etc/passwd\")}" = "x\"\n}" }
  }

  assert {
    condition = alltrue([
      one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms",
      one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == null,
      !one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled,
    ])
    error_message = "The key that AWS manages stays, without a bucket key."
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.this["COMPLIANCE"].rule[0].default_retention[0].years == 7
    error_message = "A lock in years stays one in years, in its mode."
  }

  assert {
    condition     = aws_s3_bucket_logging.this["access-logs"].target_prefix == ""
    error_message = "The prefix of the access logs stays, even an empty one."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "ObjectWriter"
    error_message = "Ownership stays as it is where an ACL needs it."
  }

  assert {
    condition     = aws_s3_bucket.this.tags["$${file(\"/etc/passwd\")}"] == "x\"\n}"
    error_message = "A tag arrives as the text it is."
  }
}
