output "arn" {
  description = "ARN of the role, for --role-arn."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "Name of the role, for --role-name."
  value       = aws_iam_role.this.name
}
