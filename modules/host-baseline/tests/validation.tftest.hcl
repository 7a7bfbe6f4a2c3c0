mock_provider "aws" {}

variables {
  targets = [{ key = "InstanceIds", values = ["i-0123456789abcdef0"] }]
}

run "every_node_by_accident" {
  command = plan
  variables {
    targets = [{ key = "InstanceIds", values = ["*"] }]
  }
  expect_failures = [aws_ssm_association.this]
}

run "no_target" {
  command = plan
  variables {
    targets = []
  }
  expect_failures = [var.targets]
}

run "target_of_another_kind" {
  command = plan
  variables {
    targets = [{ key = "ParameterValues", values = ["x"] }]
  }
  expect_failures = [var.targets]
}

run "privileged_user" {
  command = plan
  variables {
    run_as_user = "root"
  }
  expect_failures = [var.run_as_user]
}

run "user_that_is_a_command" {
  command = plan
  variables {
    run_as_user = "x'; id; '"
  }
  expect_failures = [var.run_as_user]
}

run "user_with_a_second_line" {
  command = plan
  variables {
    run_as_user = "operator\nroot"
  }
  expect_failures = [var.run_as_user]
}

run "user_too_long" {
  command = plan
  variables {
    run_as_user = "abcdefghijklmnopqrstuvwxyzabcdefg"
  }
  expect_failures = [var.run_as_user]
}

run "cleanup_that_is_a_command" {
  command = plan
  variables {
    agent_settings = { plugin_output_cleanup = "'; id; '" }
  }
  expect_failures = [var.agent_settings]
}

run "retention_the_agent_refuses" {
  command = plan
  variables {
    agent_settings = { session_logs_retention_hours = 4 }
  }
  expect_failures = [var.agent_settings]
}

run "schedule_of_another_form" {
  command = plan
  variables {
    schedule_expression = "daily"
  }
  expect_failures = [var.schedule_expression]
}

run "reserved_name" {
  command = plan
  variables {
    name = "aws-baseline"
  }
  expect_failures = [var.name]
}

run "unknown_severity" {
  command = plan
  variables {
    compliance_severity = "high"
  }
  expect_failures = [var.compliance_severity]
}

run "no_concurrency" {
  command = plan
  variables {
    max_concurrency = "0%"
  }
  expect_failures = [var.max_concurrency]
}
