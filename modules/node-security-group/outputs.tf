output "security_group_id" {
  description = "ID of the security group for the nodes, available after its outbound rules are created."
  value       = aws_security_group.this.id

  depends_on = [
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.internet,
    aws_vpc_security_group_egress_rule.prefix_lists,
  ]
}
