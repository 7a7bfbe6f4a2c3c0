# beside: network.tf, node_group.tf

resource "aws_instance" "node" { # expect: ROLE-07 passed
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.node.id
  vpc_security_group_ids      = [aws_security_group.node.id]
  associate_public_ip_address = false
  iam_instance_profile        = "example"

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.node.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = "nat-0123456789abcdef0"
}
