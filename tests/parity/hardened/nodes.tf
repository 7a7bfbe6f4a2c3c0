resource "aws_instance" "linux" {
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  subnet_id              = module.network.private_subnet
  vpc_security_group_ids = [module.network.node_group]
  iam_instance_profile   = aws_iam_instance_profile.node.name

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  tags = { Name = "linux" }
}

resource "aws_launch_template" "windows" {
  name                   = "windows"
  image_id               = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [module.network.node_group]
  iam_instance_profile {
    name = aws_iam_instance_profile.node.name
  }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

resource "aws_instance" "windows" {
  subnet_id = module.network.routed_subnet
  launch_template {
    id      = aws_launch_template.windows.id
    version = aws_launch_template.windows.latest_version
  }
  tags = { Name = "windows" }
}
