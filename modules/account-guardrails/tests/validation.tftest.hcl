mock_provider "aws" {}

variables {
  break_glass_role_arns = ["arn:aws:iam::111122223333:role/break-glass"]
}

run "everybody_exempt" {
  command = plan
  variables {
    break_glass_role_arns = ["*"]
    pipeline_role_arns    = ["arn:aws:iam::111122223333:role/*"]
  }
  expect_failures = [var.break_glass_role_arns, var.pipeline_role_arns]
}

run "alerts_in_the_clear" {
  command = plan
  variables {
    subscriptions = [{ protocol = "http", endpoint = "http://example.com" }]
  }
  expect_failures = [var.subscriptions]
}

run "names_and_stores_that_are_none" {
  command = plan
  variables {
    name                         = "a b"
    default_host_management_role = "arn:aws:iam::111122223333:role/host"
    guarded_document_names       = ["*"]
    log_store_arns               = ["*"]
  }
  expect_failures = [var.name, var.default_host_management_role, var.guarded_document_names, var.log_store_arns]
}

run "an_identity_center_role_in_every_account" {
  command = plan
  variables {
    break_glass_role_arns = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_BreakGlass_*"]
  }

  assert {
    condition     = length(local.exempt_arns) == 1
    error_message = "The suffix that Identity Center makes up may be open."
  }
}
