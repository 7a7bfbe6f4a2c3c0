module "existing_operators" {
  source = "./modules/operator-role"

  name                        = "operator"
  role_name                   = "operator"
  node_tag_values             = ["operators"]
  session_kms_key_arn         = aws_kms_key.session.arn
  enforce_guard               = var.canary_passed
  guard_exempt_principal_arns = ["arn:aws:iam::${var.account}:role/break-glass"]
  evidence_arns               = [local.stores.bucket, local.stores.group, aws_kms_key.session.arn]
}

module "new_operators" {
  source = "./modules/operator-role"

  name                   = "new-operator"
  trusted_principal_arns = ["arn:aws:iam::${var.account}:root"]
  node_tag_values        = ["operators"]
}

module "account_guardrails" {
  source = "./modules/account-guardrails"

  break_glass_role_arns = ["arn:aws:iam::${var.account}:role/break-glass"]
  log_store_arns        = [local.stores.bucket, local.stores.group, aws_kms_key.session.arn]
  subscriptions         = [{ protocol = "email", endpoint = "security@example.com" }]
}
