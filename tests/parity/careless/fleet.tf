resource "aws_launch_configuration" "old" {
  name                        = "old"
  image_id                    = "ami-12c6146b"
  instance_type               = "t3.micro"
  key_name                    = aws_key_pair.door.key_name
  security_groups             = [aws_security_group.web.id]
  iam_instance_profile        = aws_iam_instance_profile.web.name
  associate_public_ip_address = true
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }
}

resource "aws_autoscaling_group" "old" {
  name                 = "old"
  min_size             = 0
  max_size             = 1
  launch_configuration = aws_launch_configuration.old.name
  vpc_zone_identifier  = [aws_subnet.this.id]
}
