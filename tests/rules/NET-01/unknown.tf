# beside: network.tf, node_group.tf

resource "aws_instance" "node" { # expect: NET-01 undecided
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.node.id
  vpc_security_group_ids      = var.groups
  associate_public_ip_address = false
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.node.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = "nat-0123456789abcdef0"
}

variable "groups" {
  type = list(string)
}
