# One account with every kind of fact that code can express, hardened as we advise.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "ap-southeast-2"
  allowed_account_ids = ["123456789012"]
}

data "aws_caller_identity" "me" {}

locals {
  account = data.aws_caller_identity.me.account_id
  region  = "ap-southeast-2"
}
