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

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table" "routed" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "routed" {
  route_table_id         = aws_route_table.routed.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id
}

resource "aws_route_table_association" "this" {
  for_each = {
    public = [aws_subnet.public.id, aws_route_table.public.id]
    routed = [aws_subnet.routed.id, aws_route_table.routed.id]
  }
  subnet_id      = each.value[0]
  route_table_id = each.value[1]
}
