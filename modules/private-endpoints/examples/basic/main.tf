terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

provider "aws" {
  region = "ap-southeast-2"
}

module "private_endpoints" {
  source = "../.."

  vpc_id                      = "vpc-0123456789abcdef0"
  subnet_ids                  = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  services                    = ["ssm", "ssmmessages", "kms", "logs"]
  route_table_ids             = ["rtb-0123456789abcdef0"]
  node_security_group_ids     = ["sg-0123456789abcdef0"]
  shared_private_dns_accepted = ["kms", "logs"]
  recording_bucket_arns       = ["arn:aws:s3:::session-logs-111122223333-ap-southeast-2"]
  tags                        = { Owner = "security" }
}

output "security_group_id" {
  description = "Security group of the endpoints, for node-security-group."
  value       = module.private_endpoints.security_group_id
}
