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

module "instance_role" {
  source = "../.."

  name                = "web-node"
  s3_bucket_arn       = "arn:aws:s3:::session-logs-111122223333-ap-southeast-2"
  s3_key_prefix       = "session-logs"
  bucket_kms_key_arn  = "arn:aws:kms:ap-southeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  log_group_arn       = "arn:aws:logs:ap-southeast-2:111122223333:log-group:/aws/ssm/session-logs"
  session_kms_key_arn = "arn:aws:kms:ap-southeast-2:111122223333:key/2345abcd-12ab-34cd-56ef-1234567890ab"
  keep                = ["associations", "inventory", "patching"]
  tags                = { Owner = "security" }
}

output "instance_profile_name" {
  description = "Instance profile for the nodes."
  value       = module.instance_role.instance_profile_name
}
