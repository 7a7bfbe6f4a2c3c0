resource "aws_instance" "old" {
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.this[0].id
  vpc_security_group_ids = [aws_security_group.nodes.id]
  iam_instance_profile   = aws_iam_instance_profile.node.name
}

resource "aws_security_group" "more" {
  count  = var.more ? 1 : 0
  name   = "more"
  vpc_id = aws_vpc.this.id
  ingress {
    protocol        = "tcp"
    from_port       = 8443
    to_port         = 8443
    security_groups = [aws_security_group.nodes.id]
  }
}

resource "aws_instance" "new" {
  for_each               = var.more ? { web = "t3.micro" } : {}
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = each.value
  subnet_id              = aws_subnet.this[1].id
  vpc_security_group_ids = [aws_security_group.more[0].id, aws_security_group.nodes.id]
  iam_instance_profile   = aws_iam_instance_profile.node.name
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}
