output "endpoint_ids" {
  description = "IDs of the interface endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "s3_gateway_id" {
  description = "ID of the S3 gateway endpoint. Null if there is none."
  value       = one([for endpoint in aws_vpc_endpoint.gateway : endpoint.id])
}

output "s3_prefix_list_id" {
  description = "ID of the prefix list of the S3 gateway endpoint, for outbound rules of the nodes. Null if there is none."
  value       = one([for endpoint in aws_vpc_endpoint.gateway : endpoint.prefix_list_id])
}

output "security_group_id" {
  description = "ID of the security group of the interface endpoints, for outbound rules of the nodes."
  value       = aws_security_group.this.id
}
