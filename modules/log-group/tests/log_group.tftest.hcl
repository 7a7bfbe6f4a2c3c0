mock_provider "aws" {}

variables {
  kms_key_arn = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/ssm/session-logs" && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The group has the common name and keeps a year."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn
    error_message = "The group is encrypted with the given key."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.skip_destroy
    error_message = "Recordings outlive the removal of the module."
  }
}

run "kept_for_ever" {
  command = plan
  variables {
    retention_in_days = 0
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 0
    error_message = "A group that never expires can be adopted without shortening it."
  }
}

run "retention_cloudwatch_refuses" {
  command = plan
  variables {
    retention_in_days = 366
  }
  expect_failures = [var.retention_in_days]
}

run "key_given_as_alias" {
  command = plan
  variables {
    kms_key_arn = "alias/ssm-session-logs"
  }
  expect_failures = [var.kms_key_arn]
}

run "hostile_name" {
  command = plan
  variables {
    name = "x\"\n}"
  }
  expect_failures = [var.name]
}

run "hostile_tag_is_text" {
  command = plan
  variables {
    tags = { "$${file(\"/etc/passwd\")}" = "x\"\n}" }
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.tags["$${file(\"/etc/passwd\")}"] == "x\"\n}"
    error_message = "A tag arrives as the text it is."
  }
}

run "adopted_without_a_key" {
  command = plan
  variables {
    kms_key_arn       = null
    retention_in_days = 3653
    tags              = { Owner = "audit" }
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == null && aws_cloudwatch_log_group.this.retention_in_days == 3653 && aws_cloudwatch_log_group.this.tags.Owner == "audit"
    error_message = "A group can be adopted as it is: without a key, with the retention and tags that it has."
  }
}
