# Available after the permissions are attached, so that a node with the role can record from its first session on.

output "role_name" {
  description = "Name of the role that has the permissions."
  value       = local.role_name

  depends_on = [aws_iam_role_policy_attachment.logging, aws_iam_role_policy_attachment.minimum]
}

output "role_arn" {
  description = "ARN of the created role. Null if role_name names an existing role."
  value       = one([for role in aws_iam_role.this : role.arn])

  depends_on = [aws_iam_role_policy_attachment.logging, aws_iam_role_policy_attachment.minimum]
}

output "instance_profile_name" {
  description = "Name of the created instance profile. Null if role_name names an existing role."
  value       = one([for profile in aws_iam_instance_profile.this : profile.name])

  depends_on = [aws_iam_role_policy_attachment.logging, aws_iam_role_policy_attachment.minimum]
}

output "minimum_policy_arn" {
  description = "ARN of the policy with the minimum permissions for sessions and the features in keep."
  value       = aws_iam_policy.minimum.arn
}

output "logging_policy_arn" {
  description = "ARN of the policy with the permissions for log stores and keys."
  value       = aws_iam_policy.logging.arn
}
