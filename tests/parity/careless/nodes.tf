data "aws_partition" "this" {}

resource "aws_iam_role" "web" {
  name = "web"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["ec2.amazonaws.com", "ssm.amazonaws.com"], AWS = "*" }
      Action    = "sts:AssumeRole"
    }]
  })
  managed_policy_arns = ["arn:${data.aws_partition.this.partition}:iam::aws:policy/AdministratorAccess"]
}

resource "aws_iam_role_policy" "anything" {
  name_prefix = "anything-"
  role        = aws_iam_role.web.id
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }] })
}

resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.web.name
}

resource "aws_vpc" "this" {
  cidr_block = "10.9.0.0/16"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_subnet" "this" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = cidrsubnet(aws_vpc.this.cidr_block, 8, 1)
  map_public_ip_on_launch = true
}

resource "aws_security_group" "web" {
  name_prefix = "web-"
  vpc_id      = aws_vpc.this.id

  dynamic "ingress" {
    for_each = [22, 3389]
    content {
      protocol         = "tcp"
      from_port        = ingress.value
      to_port          = ingress.value
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
    }
  }
  ingress {
    protocol    = "icmp"
    from_port   = -1
    to_port     = -1
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_key_pair" "door" {
  key_name   = "door"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcVlOgGVUDKwhHLLJhN2sTdyBs8KG8HXxHTQ4Ja8hTS door"
}

resource "aws_instance" "web" {
  ami                    = "ami-0a1b2c3d4e5f60718"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.this.id
  vpc_security_group_ids = [aws_security_group.web.id]
  iam_instance_profile   = aws_iam_instance_profile.web.id
  key_name               = aws_key_pair.door.key_name
}

# Neither profile nor group, nor address.
resource "aws_instance" "plain" {
  ami                         = "ami-0a1b2c3d4e5f60718"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.this.id
  associate_public_ip_address = false
  metadata_options {
    http_tokens                 = "optional"
    http_put_response_hop_limit = 64
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.this.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type = "Interface"
}
