mock_provider "aws" {}

variables {
  name                        = "session-nodes"
  vpc_id                      = "vpc-0123456789abcdef0"
  endpoint_security_group_ids = ["sg-0123456789abcdef0"]
}

run "out_to_the_endpoints_only" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_egress_rule.endpoints["0"].referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_egress_rule.endpoints["0"].from_port == 443 && aws_vpc_security_group_egress_rule.endpoints["0"].to_port == 443
    error_message = "Nodes reach the endpoints on 443."
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.internet) == 0 && length(aws_vpc_security_group_egress_rule.prefix_lists) == 0
    error_message = "Nodes reach nothing else."
  }
}

run "with_a_gateway" {
  command = plan
  variables {
    prefix_list_ids = ["pl-0123456789abcdef0"]
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.prefix_lists["0"].prefix_list_id == "pl-0123456789abcdef0" && aws_vpc_security_group_egress_rule.prefix_lists["0"].to_port == 443
    error_message = "Nodes reach S3 through the gateway on 443."
  }
}

run "over_the_internet_by_choice" {
  command = plan
  variables {
    endpoint_security_group_ids = []
    https_to_internet           = true
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.internet["0.0.0.0/0"].from_port == 443 && aws_vpc_security_group_egress_rule.internet["0.0.0.0/0"].ip_protocol == "tcp"
    error_message = "Only 443 leaves."
  }
}

run "cut_off" {
  command = plan
  variables {
    endpoint_security_group_ids = []
  }
  expect_failures = [aws_security_group.this]
}

run "no_ids" {
  command = plan
  variables {
    name                        = "sg-nodes"
    vpc_id                      = "main"
    endpoint_security_group_ids = ["default"]
    prefix_list_ids             = ["com.amazonaws.ap-southeast-2.s3"]
  }
  expect_failures = [var.name, var.vpc_id, var.endpoint_security_group_ids, var.prefix_list_ids]
}
