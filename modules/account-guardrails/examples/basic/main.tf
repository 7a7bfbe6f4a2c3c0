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

module "account_guardrails" {
  source = "../.."

  break_glass_role_arns = ["arn:aws:iam::*:role/break-glass"]
  pipeline_role_arns    = ["arn:aws:iam::111122223333:role/terraform"]
  log_store_arns        = ["arn:aws:s3:::session-logs-111122223333-ap-southeast-2"]
  subscriptions         = [{ protocol = "email", endpoint = "security@example.com" }]
  tags                  = { Owner = "security" }
}

output "service_control_policy_json" {
  description = "Service control policy for the administrators of the organization."
  value       = module.account_guardrails.service_control_policy_json
}
