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

module "log_group" {
  source = "../.."

  name              = "/aws/ssm/session-logs"
  kms_key_arn       = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  retention_in_days = 365
  tags              = { Owner = "security" }
}

output "name" {
  description = "Log group for session-preferences."
  value       = module.log_group.name
}
