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

module "auditor_role" {
  source = "../.."

  trusted_principal_arns = ["arn:aws:iam::111122223333:role/security-audit"]
  external_id            = "ssm-harden-2f6c"
  tags                   = { Owner = "security" }
}

output "arn" {
  description = "Role for --role-arn."
  value       = module.auditor_role.arn
}
