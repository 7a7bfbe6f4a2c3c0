# Available after the bucket is private and encrypted, so that the preferences name a store that is ready.

output "bucket_name" {
  description = "Name of the bucket, for the preferences document."
  value       = aws_s3_bucket.this.bucket

  depends_on = [
    aws_s3_bucket_lifecycle_configuration.this,
    aws_s3_bucket_logging.this,
    aws_s3_bucket_object_lock_configuration.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
  ]
}

output "bucket_arn" {
  description = "ARN of the bucket, for use in the policies of node roles."
  value       = aws_s3_bucket.this.arn

  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
  ]
}

output "key_prefix" {
  description = "Key prefix, for the preferences document."
  value       = var.key_prefix
}
