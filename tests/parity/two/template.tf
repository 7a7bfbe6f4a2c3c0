resource "aws_key_pair" "far" {
  provider   = aws.far
  key_name   = "far"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfFjGmS1xFmXvBIZRZqSRSyJbYYQxM0tJ2u3aNn3fC far"
}

resource "aws_launch_template" "far" {
  provider               = aws.far
  name                   = "far"
  image_id               = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.far.key_name
  vpc_security_group_ids = [aws_security_group.far.id]
  iam_instance_profile {
    name = "node"
  }
  metadata_options {
    http_tokens = "optional"
  }
}

resource "aws_autoscaling_group" "far" {
  provider                  = aws.far
  name                      = "far"
  min_size                  = 1
  max_size                  = 1
  wait_for_capacity_timeout = "0"
  vpc_zone_identifier       = [aws_subnet.far.id]
  launch_template {
    id      = aws_launch_template.far.id
    version = "$Latest"
  }
}
