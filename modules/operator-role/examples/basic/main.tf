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

module "operator_role" {
  source = "../.."

  name                        = "session-operator"
  trusted_principal_arns      = ["arn:aws:iam::111122223333:role/engineers"]
  node_tag_key                = "SessionAccess"
  node_tag_values             = ["operators"]
  session_kms_key_arn         = "arn:aws:kms:ap-southeast-2:111122223333:key/2345abcd-12ab-34cd-56ef-1234567890ab"
  guard_exempt_principal_arns = ["arn:aws:iam::111122223333:role/break-glass"]
  tags                        = { Owner = "security" }
}

output "role_arn" {
  description = "Role that operators assume."
  value       = module.operator_role.role_arn
}
