resource "aws_vpc" "near" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "near" {
  vpc_id     = aws_vpc.near.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_security_group" "near" {
  name   = "near"
  vpc_id = aws_vpc.near.id
}

resource "aws_instance" "near" {
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.near.id
  vpc_security_group_ids = [aws_security_group.near.id]
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_launch_configuration" "near" {
  name          = "near"
  image_id      = "ami-04681a1dbd79675a5"
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "near" {
  name                      = "near"
  min_size                  = 0
  max_size                  = 1
  vpc_zone_identifier       = [aws_subnet.near.id]
  launch_configuration      = aws_launch_configuration.near.name
  wait_for_capacity_timeout = "0"
}
