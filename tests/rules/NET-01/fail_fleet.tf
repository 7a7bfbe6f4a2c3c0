# beside: network.tf, node_group.tf

resource "aws_launch_template" "node" {
  image_id               = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.node.id, aws_security_group.open.id]
}

resource "aws_autoscaling_group" "fleet" {
  min_size            = 0
  max_size            = 3
  vpc_zone_identifier = [aws_subnet.node.id]

  launch_template {
    id      = aws_launch_template.node.id
    version = "$Latest"
  }
}

resource "aws_security_group" "open" {
  name   = "example-open"
  vpc_id = aws_vpc.main.id

  ingress { # expect: NET-01 failed critical
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}
