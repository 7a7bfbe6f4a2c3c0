resource "aws_kms_key" "sessions" {
  enable_key_rotation = true
}

resource "aws_kms_key" "far" {
  count    = var.first ? 0 : 1
  provider = aws.far
}

module "store" {
  source   = "./store"
  for_each = toset(["audit", "spare"])
  name     = "grown-${each.key}"
  key      = aws_kms_key.sessions.arn
}

module "far" {
  source    = "./store"
  count     = var.first ? 0 : 1
  providers = { aws = aws.far }
  name      = "grown-far"
  key       = aws_kms_key.far[0].arn
}
