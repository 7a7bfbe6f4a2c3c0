resource "aws_vpc_endpoint" "ssm" {
  for_each            = toset(["ssm", "ssmmessages", "kms", "logs"])
  vpc_id              = aws_vpc.v.id
  service_name        = "com.amazonaws.${data.aws_region.this.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.s.id]
  security_group_ids  = [aws_security_group.new.id]
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.v.id
  service_name    = "com.amazonaws.${data.aws_region.this.name}.s3"
  route_table_ids = [aws_route_table.r.id]
  policy          = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }] })
}
resource "aws_vpc_endpoint" "nogroup" {
  vpc_id            = aws_vpc.v.id
  service_name      = "com.amazonaws.${data.aws_region.this.name}.ec2messages"
  vpc_endpoint_type = "Interface"
}
resource "aws_instance" "i" {
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.s.id
  vpc_security_group_ids = [aws_security_group.old.id]
  iam_instance_profile   = aws_iam_instance_profile.i.name
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  tags = { Name = "node" }
}
