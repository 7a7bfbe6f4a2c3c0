# beside: network.tf, node_group.tf

resource "aws_launch_template" "closed" {
  name                   = "closed"
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.node.id]
}

resource "aws_launch_template" "second" {
  name                   = "second"
  update_default_version = true
  key_name               = "example" # expect: NET-01 failed low
  vpc_security_group_ids = [aws_security_group.node.id]
}

resource "aws_autoscaling_group" "mixed" { # expect: NET-01 passed
  min_size            = 0
  max_size            = 3
  vpc_zone_identifier = [aws_subnet.node.id]

  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_name = "closed"
      }
      override {
        instance_type = "t3.large"
      }
      override {
        instance_type = "t4g.large"
        launch_template_specification {
          launch_template_name = "second"
        }
      }
    }
  }
}
