resource "aws_vpc" "far" {
  provider   = aws.far
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "far" {
  provider   = aws.far
  vpc_id     = aws_vpc.far.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_security_group" "far" {
  provider = aws.far
  name     = "far"
  vpc_id   = aws_vpc.far.id
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}
