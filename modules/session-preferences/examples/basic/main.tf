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

module "session_preferences" {
  source = "../.."

  s3_bucket_name               = "session-logs-111122223333-ap-southeast-2"
  s3_key_prefix                = "session-logs"
  log_group_name               = "/aws/ssm/session-logs"
  kms_key_arn                  = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  run_as_default_user          = "operator"
  idle_session_timeout_minutes = 15
  max_session_duration_minutes = 60
  tags                         = { Owner = "security" }
}

output "document_arn" {
  description = "ARN of the document, for use in operator policies."
  value       = module.session_preferences.document_arn
}
