# Available after the guard is attached, if it is enforced, so that nobody gets the permissions without the denials.

output "role_name" {
  description = "Name of the role that has the permissions."
  value       = local.role_name

  depends_on = [aws_iam_role_policy_attachment.grants, aws_iam_role_policy_attachment.guard]
}

output "role_arn" {
  description = "ARN of the created role. Null if role_name names an existing role."
  value       = one([for role in aws_iam_role.this : role.arn])

  depends_on = [aws_iam_role_policy_attachment.grants, aws_iam_role_policy_attachment.guard]
}

output "grants_policy_arn" {
  description = "ARN of the policy that allows recorded sessions."
  value       = aws_iam_policy.grants.arn
}

output "guard_policy_arns" {
  description = "ARNs of the guard policies, attached or not, by what they deny."
  value       = { for name, policy in aws_iam_policy.guard : name => policy.arn }
}
