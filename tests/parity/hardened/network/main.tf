variable "region" {
  type = string
}

output "private_subnet" {
  value = aws_subnet.private.id
}

output "routed_subnet" {
  value = aws_subnet.routed.id
}

output "node_group" {
  value = aws_security_group.nodes.id
}

resource "aws_vpc" "this" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
}

# No way out, by the VPC's own main table.
resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_subnet" "routed" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.2.0/24"
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.0.3.0/24"
  map_public_ip_on_launch = true
}
