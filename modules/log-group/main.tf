resource "aws_cloudwatch_log_group" "this" {
  name              = var.name
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.retention_in_days
  # prevent_destroy has no effect if this block is removed. skip_destroy then still keeps the recordings.
  skip_destroy = true
  tags         = var.tags

  lifecycle {
    prevent_destroy = true
  }
}
