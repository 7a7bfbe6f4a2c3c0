output "security_group_id" {
  description = "Id of the group, for the nodes; it waits for the rules that let them out."
  value       = aws_security_group.this.id

  depends_on = [
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.internet,
    aws_vpc_security_group_egress_rule.prefix_lists,
  ]
}
