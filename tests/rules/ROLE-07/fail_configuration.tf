# beside: network.tf, node_group.tf

resource "aws_launch_configuration" "old" {
  image_id             = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  security_groups      = [aws_security_group.node.id]
  iam_instance_profile = "example"

  metadata_options {
    http_tokens = "optional" # expect: ROLE-07 failed high
  }
}

resource "aws_autoscaling_group" "old" {
  min_size             = 0
  max_size             = 3
  vpc_zone_identifier  = [aws_subnet.node.id]
  launch_configuration = aws_launch_configuration.old.name
}
