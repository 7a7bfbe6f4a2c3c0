output "session_key_arn" {
  description = "ARN of the key for the session channel, or null where purposes leaves it out."
  value       = contains(var.purposes, "session") ? aws_kms_key.this["session"].arn : null
}

output "bucket_key_arn" {
  description = "ARN of the key for the log bucket, or null where purposes leaves it out."
  value       = contains(var.purposes, "bucket") ? aws_kms_key.this["bucket"].arn : null
}

output "log_group_key_arn" {
  description = "ARN of the key for the log group, or null where purposes leaves it out."
  value       = contains(var.purposes, "logs") ? aws_kms_key.this["logs"].arn : null
}
