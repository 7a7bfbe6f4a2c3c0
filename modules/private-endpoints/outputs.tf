output "endpoint_ids" {
  description = "Ids of the interface endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "s3_gateway_id" {
  description = "Id of the gateway endpoint for S3; null where there is none."
  value       = one([for endpoint in aws_vpc_endpoint.gateway : endpoint.id])
}

output "s3_prefix_list_id" {
  description = "Prefix list of the gateway endpoint for S3, for the nodes' egress; null where there is none."
  value       = one([for endpoint in aws_vpc_endpoint.gateway : endpoint.prefix_list_id])
}

output "security_group_id" {
  description = "Security group of the interface endpoints, for the nodes' egress."
  value       = aws_security_group.this.id
}
