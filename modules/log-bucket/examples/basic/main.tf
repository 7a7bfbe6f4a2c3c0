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

module "log_bucket" {
  source = "../.."

  bucket_name       = "session-logs-111122223333-ap-southeast-2"
  key_prefix        = "session-logs"
  kms_key_arn       = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  writer_role_arns  = ["arn:aws:iam::111122223333:role/web-node"]
  retention_days    = 365
  access_log_bucket = "access-logs-111122223333-ap-southeast-2"
  tags              = { Owner = "security" }
}

output "bucket_name" {
  description = "Bucket for session-preferences."
  value       = module.log_bucket.bucket_name
}
