# Each waits until the guard stands, where it is enforced, so that nobody is handed the rights without the denials.

output "role_name" {
  description = "Name of the role that has the rights."
  value       = local.role_name

  depends_on = [aws_iam_role_policy_attachment.grants, aws_iam_role_policy_attachment.guard]
}

output "role_arn" {
  description = "ARN of the role that was made; null where role_name names an existing one."
  value       = one([for role in aws_iam_role.this : role.arn])

  depends_on = [aws_iam_role_policy_attachment.grants, aws_iam_role_policy_attachment.guard]
}

output "grants_policy_arn" {
  description = "ARN of the policy that grants recorded sessions."
  value       = aws_iam_policy.grants.arn
}

output "guard_policy_arns" {
  description = "ARNs of the policies that deny what goes beyond, attached or not, by what they are about."
  value       = { for name, policy in aws_iam_policy.guard : name => policy.arn }
}
