mock_provider "aws" {}

variables {
  bucket_name = "session-logs-111122223333"
}

run "name_with_dots" {
  command = plan
  variables {
    bucket_name = "session.logs"
  }
  expect_failures = [var.bucket_name]
}

run "hostile_name" {
  command = plan
  variables {
    bucket_name = "$${file(\"/etc/passwd\")}"
  }
  expect_failures = [var.bucket_name]
}

run "prefix_with_slashes" {
  command = plan
  variables {
    key_prefix = "/session-logs/"
  }
  expect_failures = [var.key_prefix]
}

run "no_key_and_wildcard_writer" {
  command = plan
  variables {
    kms_key_arn      = "our key"
    writer_role_arns = ["*"]
  }
  expect_failures = [var.kms_key_arn, var.writer_role_arns]
}

run "no_days" {
  command = plan
  variables {
    retention_days           = 0
    abort_uploads_after_days = 0
    object_lock              = { days = 1.5 }
  }
  expect_failures = [var.retention_days, var.abort_uploads_after_days, var.object_lock]
}

run "lock_longer_than_retention" {
  command = plan
  variables {
    retention_days = 30
    object_lock    = { days = 90 }
  }
  expect_failures = [aws_s3_bucket_lifecycle_configuration.this]
}

run "log_to_itself" {
  command = plan
  variables {
    access_log_bucket = "session-logs-111122223333"
  }
  expect_failures = [aws_s3_bucket_logging.this]
}

run "lock_by_days_and_years_in_a_mode_of_its_own" {
  command = plan
  variables {
    object_lock = { mode = "FOREVER", days = 1, years = 1 }
  }
  expect_failures = [var.object_lock]
}

run "owner_that_s3_does_not_know" {
  command = plan
  variables {
    object_ownership = "Everybody"
  }
  expect_failures = [var.object_ownership]
}

run "policy_that_is_no_policy" {
  command = plan
  variables {
    existing_policy = "x\"\n}"
  }
  expect_failures = [var.existing_policy]
}
