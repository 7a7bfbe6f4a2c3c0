mock_provider "aws" {}

variables {
  vpc_id                  = "vpc-0123456789abcdef0"
  subnet_ids              = ["subnet-0123456789abcdef0"]
  node_security_group_ids = ["sg-0123456789abcdef0"]
}

run "no_ids" {
  command = plan
  variables {
    vpc_id                  = "main"
    subnet_ids              = []
    route_table_ids         = ["main"]
    node_security_group_ids = ["default"]
  }
  expect_failures = [var.vpc_id, var.subnet_ids, var.route_table_ids, var.node_security_group_ids]
}

run "the_world_admitted" {
  command = plan
  variables {
    node_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.node_cidrs]
}

run "nobody_admitted" {
  command = plan
  variables {
    node_security_group_ids = []
  }
  expect_failures = [aws_security_group.this]
}

run "services_that_are_none" {
  command = plan
  variables {
    services                    = ["everything"]
    shared_private_dns_accepted = ["ec2"]
    without_private_dns         = ["ec2"]
  }
  expect_failures = [var.services, var.shared_private_dns_accepted, var.without_private_dns]
}

run "buckets_without_bounds" {
  command = plan
  variables {
    recording_bucket_arns = ["arn:aws:s3:::*"]
    readable_bucket_arns  = ["*"]
    organization_id       = "*"
    name                  = "sg-endpoints"
  }
  expect_failures = [var.recording_bucket_arns, var.readable_bucket_arns, var.organization_id, var.name]
}
