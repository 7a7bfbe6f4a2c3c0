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

module "node_security_group" {
  source = "../.."

  name                        = "session-nodes"
  vpc_id                      = "vpc-0123456789abcdef0"
  endpoint_security_group_ids = ["sg-0123456789abcdef0"]
  prefix_list_ids             = ["pl-0123456789abcdef0"]
  tags                        = { Owner = "security" }
}

output "security_group_id" {
  description = "Security group for the nodes."
  value       = module.node_security_group.security_group_id
}
