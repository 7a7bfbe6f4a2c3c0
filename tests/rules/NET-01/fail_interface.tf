# beside: network.tf, node_group.tf

resource "aws_instance" "node" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  network_interface {
    network_interface_id = aws_network_interface.node[0].id
    device_index         = 0
  }
}

resource "aws_network_interface" "node" {
  count           = 1
  subnet_id       = aws_subnet.node.id
  security_groups = [aws_security_group.node.id]
}

resource "aws_network_interface_sg_attachment" "more" {
  network_interface_id = aws_network_interface.node[0].id
  security_group_id    = aws_security_group.open.id
}

resource "aws_security_group" "open" {
  name   = "example-open"
  vpc_id = aws_vpc.main.id

  ingress { # expect: NET-01 failed critical
    protocol    = "tcp"
    from_port   = 3389
    to_port     = 3389
    cidr_blocks = ["0.0.0.0/0"]
  }
}
