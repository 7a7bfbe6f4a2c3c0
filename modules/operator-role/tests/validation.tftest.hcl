mock_provider "aws" {}

variables {
  name                   = "session-operator"
  trusted_principal_arns = ["arn:aws:iam::111122223333:role/engineers"]
  node_tag_values        = ["operators"]
}

run "everybody_trusted" {
  command = plan
  variables {
    trusted_principal_arns = ["*"]
  }
  expect_failures = [var.trusted_principal_arns]
}

run "nobody_trusted" {
  command = plan
  variables {
    trusted_principal_arns = []
  }
  expect_failures = [aws_iam_role.this["session-operator"]]
}

run "every_node" {
  command = plan
  variables {
    node_tag_values = ["*"]
  }
  expect_failures = [var.node_tag_values]
}

run "no_node" {
  command = plan
  variables {
    node_tag_key    = "aws:cloudformation:stack-name"
    node_tag_values = []
  }
  expect_failures = [var.node_tag_key, var.node_tag_values]
}

run "every_document" {
  command = plan
  variables {
    document_arns        = ["arn:aws:ssm:*:111122223333:document/*"]
    tunnel_document_arns = ["AWS-StartSSHSession"]
  }
  expect_failures = [var.document_arns, var.tunnel_document_arns]
}

run "names_durations_and_keys" {
  command = plan
  variables {
    name                 = "a b"
    role_name            = "path/role"
    max_session_duration = 60
    session_kms_key_arn  = "alias/session"
  }
  expect_failures = [var.name, var.role_name, var.max_session_duration, var.session_kms_key_arn]
}

run "everybody_exempt" {
  command = plan
  variables {
    guard_exempt_principal_arns = ["arn:aws:iam::111122223333:role/*"]
    evidence_arns               = []
  }
  expect_failures = [var.guard_exempt_principal_arns, var.evidence_arns]
}
