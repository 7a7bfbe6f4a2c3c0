mock_provider "aws" {}

variables {
  log_group_name = "/aws/ssm/session-logs"
}

run "no_destination" {
  command = plan
  variables {
    log_group_name = null
  }
  expect_failures = [aws_ssm_document.this]
}

run "privileged_user" {
  command = plan
  variables {
    run_as_default_user = "EC2-user"
  }
  expect_failures = [var.run_as_default_user]
}

run "user_that_is_a_command" {
  command = plan
  variables {
    run_as_default_user = "x; id"
  }
  expect_failures = [var.run_as_default_user]
}

run "user_with_a_second_line" {
  command = plan
  variables {
    run_as_default_user = "operator\nroot"
  }
  expect_failures = [var.run_as_default_user]
}

run "limits_out_of_range" {
  command = plan
  variables {
    idle_session_timeout_minutes = 61
    max_session_duration_minutes = 1441
  }
  expect_failures = [var.idle_session_timeout_minutes, var.max_session_duration_minutes]
}

run "broken_minutes" {
  command = plan
  variables {
    idle_session_timeout_minutes = 7.5
  }
  expect_failures = [var.idle_session_timeout_minutes]
}

run "duration_the_service_refuses" {
  command = plan
  variables {
    max_session_duration_minutes = 1045
  }
  expect_failures = [var.max_session_duration_minutes]
}

run "a_whole_day" {
  command = plan
  variables {
    max_session_duration_minutes = 1440
  }
  assert {
    condition     = jsondecode(aws_ssm_document.this.content).inputs.maxSessionDuration == "1440"
    error_message = "1440 minutes is the most that the service takes."
  }
}

run "reserved_name" {
  command = plan
  variables {
    document_name = "AWS-StartSession"
  }
  expect_failures = [var.document_name]
}

run "hostile_bucket_and_key" {
  command = plan
  variables {
    s3_bucket_name = "$${file(\"/etc/passwd\")}"
    s3_key_prefix  = "logs\nmore"
    kms_key_arn    = "x\"\n}"
  }
  expect_failures = [var.s3_bucket_name, var.s3_key_prefix, var.kms_key_arn]
}
