terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.49, < 7.0"
    }
  }
}

provider "aws" {
  region = "ap-southeast-2"
}

module "session_keys" {
  source = "../.."

  name               = "ssm-session"
  purposes           = ["session", "bucket", "logs"]
  log_group_name     = "/aws/ssm/session-logs"
  node_role_arns     = ["arn:aws:iam::111122223333:role/web-node"]
  operator_role_arns = ["arn:aws:iam::111122223333:role/session-operator"]
  log_reader_arns    = ["arn:aws:iam::111122223333:role/auditor"]
  tags               = { Owner = "security" }
}

output "session_key_arn" {
  description = "Key for session-preferences."
  value       = module.session_keys.session_key_arn
}

output "bucket_key_arn" {
  description = "Key for log-bucket."
  value       = module.session_keys.bucket_key_arn
}

output "log_group_key_arn" {
  description = "Key for log-group."
  value       = module.session_keys.log_group_key_arn
}
