# A root module that was applied in part: modules, instances by count and for_each, two Regions, values known after apply.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "first" {
  type    = bool
  default = false
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}

provider "aws" {
  alias               = "far"
  region              = "us-west-2"
  allowed_account_ids = ["123456789012"]
}
