module "existing_nodes" {
  source = "./modules/instance-role"

  name                = "node"
  role_name           = "node"
  s3_bucket_arn       = local.stores.bucket
  log_group_arn       = local.stores.group
  session_kms_key_arn = aws_kms_key.session.arn
  keep                = ["patching"]
  replaced_policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
  canary_passed       = var.canary_passed
}

import {
  to = module.existing_nodes.aws_iam_role_policy_attachment.minimum
  id = "node/arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

module "new_nodes" {
  source = "./modules/instance-role"

  name                = "new-node"
  s3_bucket_arn       = local.stores.bucket
  session_kms_key_arn = aws_kms_key.session.arn
}
