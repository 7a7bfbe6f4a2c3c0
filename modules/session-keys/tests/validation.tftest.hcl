mock_provider "aws" {}

run "unknown_purpose" {
  command = plan
  variables {
    purposes = ["session", "backup"]
  }
  expect_failures = [var.purposes]
}

run "no_purpose" {
  command = plan
  variables {
    purposes = []
  }
  expect_failures = [var.purposes]
}

run "wildcards_and_account_roots" {
  command = plan
  variables {
    node_role_arns     = ["arn:aws:iam::111122223333:role/*"]
    operator_role_arns = ["*"]
    log_reader_arns    = ["arn:aws:iam::111122223333:root"]
    log_group_name     = "*"

    further_log_group_names = ["/fine", "*"]
  }
  expect_failures = [var.node_role_arns, var.operator_role_arns, var.log_reader_arns, var.log_group_name, var.further_log_group_names]
}

run "hurried_deletion_and_slow_rotation" {
  command = plan
  variables {
    deletion_window_in_days = 7
    rotation_period_in_days = 3000
  }
  expect_failures = [var.deletion_window_in_days, var.rotation_period_in_days]
}

run "hostile_name" {
  command = plan
  variables {
    name = "x\"\n}"
  }
  expect_failures = [var.name]
}
