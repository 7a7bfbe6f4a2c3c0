# beside: network.tf, node_group.tf

resource "aws_instance" "node" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.node.id
  vpc_security_group_ids      = [aws_security_group.node.id]
  associate_public_ip_address = false
  iam_instance_profile        = "example"

  metadata_options {
    http_endpoint = "disabled" # expect: ROLE-07 passed
    http_tokens   = "optional"
  }
}
