# beside: network.tf, node_group.tf

resource "aws_launch_template" "node" {
  image_id               = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.node.id]

  iam_instance_profile {
    name = "example"
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_autoscaling_group" "fleet" { # expect: ROLE-07 undecided
  min_size            = 0
  max_size            = 3
  vpc_zone_identifier = [aws_subnet.node.id]

  launch_template {
    id = aws_launch_template.node.id
  }
}
