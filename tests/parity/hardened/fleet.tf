# One node in either subnet, by the default version of its template.
resource "aws_launch_template" "fleet" {
  name                   = "fleet"
  update_default_version = true
  image_id               = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [module.network.node_group]
  iam_instance_profile {
    arn = aws_iam_instance_profile.node.arn
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "of-template", Team = "a" }
  }
}

resource "aws_autoscaling_group" "fleet" {
  name                = "fleet"
  min_size            = 0
  max_size            = 2
  desired_capacity    = 0
  vpc_zone_identifier = [module.network.private_subnet, module.network.routed_subnet]
  launch_template {
    id = aws_launch_template.fleet.id
  }
  tag {
    key                 = "Name"
    value               = "fleet"
    propagate_at_launch = true
  }
}
