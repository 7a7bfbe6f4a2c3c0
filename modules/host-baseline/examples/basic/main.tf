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

module "host_baseline" {
  source = "../.."

  targets           = [{ key = "tag:SessionAccess", values = ["operators"] }]
  run_as_user       = "session-operator"
  remove_privileges = false
  agent_settings    = { session_logs_retention_hours = 24 }
  tags              = { Owner = "security" }
}

output "rollback_document_names" {
  description = "Rollback documents, by platform."
  value       = module.host_baseline.rollback_document_names
}
