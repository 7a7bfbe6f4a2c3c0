output "session_key_arn" {
  description = "ARN of the key for session encryption. Null if purposes does not contain session."
  value       = contains(var.purposes, "session") ? aws_kms_key.this["session"].arn : null
}

output "bucket_key_arn" {
  description = "ARN of the key for the log bucket. Null if purposes does not contain bucket."
  value       = contains(var.purposes, "bucket") ? aws_kms_key.this["bucket"].arn : null
}

output "log_group_key_arn" {
  description = "ARN of the key for the log group. Null if purposes does not contain logs."
  value       = contains(var.purposes, "logs") ? aws_kms_key.this["logs"].arn : null
}
