# beside: network.tf

resource "aws_instance" "node" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.node.id
  vpc_security_group_ids      = [aws_security_group.node.id]
  associate_public_ip_address = false
}

resource "aws_security_group" "node" {
  name   = "example-node"
  vpc_id = aws_vpc.main.id
  ingress { # expect: NET-01 failed high
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/8"]
  }
}
