output "topic_arn" {
  description = "ARN of the topic that receives the alerts."
  value       = aws_sns_topic.this.arn

  depends_on = [aws_sns_topic_policy.this]
}

output "topic_key_arn" {
  description = "ARN of the key that encrypts the alerts."
  value       = aws_kms_key.this.arn
}

output "event_rule_arns" {
  description = "ARNs of the event rules, by what they detect."
  value       = { for name, rule in aws_cloudwatch_event_rule.this : name => rule.arn }
}

output "service_control_policy_json" {
  description = "Service control policy for the administrators of the organization to attach. It does not affect the management account."
  value       = local.service_control_policy

  precondition {
    condition     = length(local.exempt_arns) > 0 || var.no_exemption_accepted
    error_message = "Set break_glass_role_arns and pipeline_role_arns to the principals that the policy exempts, or set no_exemption_accepted to true."
  }
}
