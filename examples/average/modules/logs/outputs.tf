output "bucket_name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.sessions.id
}

output "log_group_name" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.sessions.name
}
