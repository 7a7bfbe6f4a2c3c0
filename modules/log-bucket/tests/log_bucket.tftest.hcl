mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws-us-gov" }
  }
}

variables {
  bucket_name = "session-logs-111122223333"
}

run "closed_and_encrypted_by_default" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four public access settings are on."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "The bucket's owner owns every recording."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versions are kept."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Without a key the bucket uses SSE-S3."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "A bucket with recordings cannot be emptied by Terraform."
  }

  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.this) == 0 && length(aws_s3_bucket_logging.this) == 0
    error_message = "Object Lock and access logging wait to be asked for."
  }
}

run "policy_demands_tls_and_no_header" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement : statement.Sid] == ["DenyPlainHttp", "DenyOldTls"]
    error_message = "Without writers the policy only denies weak transport."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Plain HTTP is denied."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement[1].Condition.NumericLessThan["s3:TlsVersion"] == "1.2"
    error_message = "TLS below 1.2 is denied."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement :
      statement.Resource == ["arn:aws-us-gov:s3:::session-logs-111122223333", "arn:aws-us-gov:s3:::session-logs-111122223333/*"]
    ])
    error_message = "The denials cover the bucket and its objects, in the account's partition."
  }

  assert {
    condition     = !strcontains(aws_s3_bucket_policy.this["policy"].policy, "s3:x-amz-server-side-encryption")
    error_message = "No statement asks for an encryption header: agents without it would be refused."
  }
}

run "writers_write_under_the_prefix_only" {
  command = plan

  variables {
    writer_role_arns = ["arn:aws-us-gov:iam::111122223333:role/node"]
    key_prefix       = "audit/sessions"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement[2].Resource == ["arn:aws-us-gov:s3:::session-logs-111122223333/audit/sessions/*"]
    error_message = "Writers reach nothing outside the prefix."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement[2].Action == ["s3:PutObject", "s3:PutObjectAcl"]
    error_message = "Writers write, and set the ACL that the agent always sends."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this["policy"].policy).Statement[3].Action == ["s3:GetEncryptionConfiguration"]
    error_message = "Writers may check the encryption, which the agent does before it opens a shell."
  }
}

run "retention_covers_the_prefix" {
  command = plan

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this["rules"].rule : one(rule.filter).prefix == "session-logs/"])
    error_message = "Every lifecycle rule is scoped to the prefix."
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[1].expiration).days == 365 && one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[1].noncurrent_version_expiration).noncurrent_days == 365
    error_message = "Recordings live a year, deleted ones as well."
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.this["rules"].rule[0].abort_incomplete_multipart_upload).days_after_initiation == 7
    error_message = "Unfinished uploads go after a week."
  }
}

run "kept_for_ever" {
  command = plan

  variables {
    retention_days = null
    object_lock    = { days = 90 }
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this["rules"].rule) == 1
    error_message = "A null retention expires nothing."
  }

  assert {
    condition = alltrue([
      for lock in aws_s3_bucket_object_lock_configuration.this :
      lock.rule[0].default_retention[0].mode == "GOVERNANCE" && lock.rule[0].default_retention[0].days == 90
    ]) && length(aws_s3_bucket_object_lock_configuration.this) == 1
    error_message = "Object Lock runs in GOVERNANCE mode for the days given."
  }
}

run "customer_key_and_access_log" {
  command = plan

  variables {
    kms_key_arn       = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    access_log_bucket = "access-logs"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "With a key the bucket uses aws:kms, which the agent accepts, and never aws:kms:dsse."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled
    error_message = "A bucket key saves KMS calls."
  }

  assert {
    condition     = aws_s3_bucket_logging.this["access-logs"].target_bucket == "access-logs"
    error_message = "Access is logged to the bucket named."
  }
}
