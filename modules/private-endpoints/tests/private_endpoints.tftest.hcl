mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "ap-southeast-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
}

variables {
  vpc_id                  = "vpc-0123456789abcdef0"
  subnet_ids              = ["subnet-0123456789abcdef0"]
  node_security_group_ids = ["sg-0123456789abcdef0"]
}

run "what_sessions_always_need" {
  command = plan

  assert {
    condition     = { for service, endpoint in aws_vpc_endpoint.interface : service => [endpoint.service_name, endpoint.private_dns_enabled] } == { ssm = ["com.amazonaws.ap-southeast-2.ssm", true], ssmmessages = ["com.amazonaws.ap-southeast-2.ssmmessages", true] }
    error_message = "Two endpoints, with private DNS."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.nodes["0"].referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_ingress_rule.nodes["0"].from_port == 443 && aws_vpc_security_group_ingress_rule.nodes["0"].to_port == 443
    error_message = "The nodes' group is admitted on 443."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.ranges) == 0 && length(aws_vpc_endpoint.gateway) == 0 && output.s3_gateway_id == null && output.s3_prefix_list_id == null
    error_message = "Nothing else is made."
  }

  assert {
    condition = jsondecode(aws_vpc_endpoint.interface["ssm"].policy).Statement == [{
      Sid       = "OwnPrincipals", Effect = "Allow", Principal = "*", Action = ["ssm:*"], Resource = ["*"]
      Condition = { StringEquals = { "aws:PrincipalAccount" = ["111122223333"] } }
    }]
    error_message = "Only principals of the account use the endpoint."
  }
}

run "s3_by_its_gateway" {
  command = plan

  variables {
    services              = ["ssm", "ssmmessages", "s3"]
    route_table_ids       = ["rtb-0123456789abcdef0"]
    recording_bucket_arns = ["arn:aws:s3:::logs-of-the-security-account"]
    readable_bucket_arns  = ["arn:aws:s3:::al2023-repos-ap-southeast-2-de612dc2"]
    organization_id       = "o-0123456789"
  }

  assert {
    condition     = aws_vpc_endpoint.gateway["s3"].vpc_endpoint_type == "Gateway" && toset(aws_vpc_endpoint.gateway["s3"].route_table_ids) == toset(["rtb-0123456789abcdef0"]) && !contains(keys(aws_vpc_endpoint.interface), "s3")
    error_message = "The gateway takes the place of an interface endpoint."
  }

  assert {
    condition = length(setsubtract(
      [
        "arn:aws:s3:::aws-ssm-ap-southeast-2/*", "arn:aws:s3:::amazon-ssm-packages-ap-southeast-2/*",
        "arn:aws:s3:::patch-baseline-snapshot-ap-southeast-2/*", "arn:aws:s3:::al2023-repos-ap-southeast-2-de612dc2/*",
      ],
      [for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : statement.Resource if statement.Sid == "BucketsOfSystemsManager"][0],
    )) == 0
    error_message = "Updates, packages and patch snapshots stay reachable."
  }

  assert {
    condition = [for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : statement.Condition if statement.Sid == "OwnBuckets"] == [
      { StringEquals = { "aws:PrincipalOrgID" = ["o-0123456789"], "aws:ResourceOrgID" = ["o-0123456789"] } }
    ]
    error_message = "The organization's principals reach the organization's buckets."
  }

  assert {
    condition     = [for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : statement.Resource if statement.Sid == "RecordingsElsewhere"] == [["arn:aws:s3:::logs-of-the-security-account", "arn:aws:s3:::logs-of-the-security-account/*"]]
    error_message = "Recordings go to the other account's bucket."
  }
}

run "names_that_everybody_uses_are_a_choice" {
  command = plan

  variables {
    services = ["ssm", "ssmmessages", "kms"]
  }

  expect_failures = [aws_vpc_endpoint.interface["kms"]]
}

run "the_choice_made" {
  command = plan

  variables {
    services                    = ["ssm", "ssmmessages", "kms", "logs", "s3"]
    shared_private_dns_accepted = ["kms", "s3"]
    without_private_dns         = ["logs", "ssm"]
  }

  assert {
    condition     = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.private_dns_enabled } == { kms = true, logs = false, s3 = true, ssm = false, ssmmessages = true }
    error_message = "Private DNS is on where that was accepted, and off where names are resolved elsewhere."
  }

  assert {
    condition     = !one(aws_vpc_endpoint.interface["s3"].dns_options).private_dns_only_for_inbound_resolver_endpoint
    error_message = "S3 answers without a gateway beside it."
  }
}

run "nodes_by_range" {
  command = plan

  variables {
    node_security_group_ids = []
    node_cidrs              = ["10.20.0.0/16"]
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.ranges["10.20.0.0/16"].from_port == 443
    error_message = "The range is admitted on 443."
  }
}
