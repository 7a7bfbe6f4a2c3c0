# beside: network.tf, node_group.tf

resource "aws_launch_configuration" "old" {
  image_id                    = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  security_groups             = [aws_security_group.node.id]
  associate_public_ip_address = false
}

resource "aws_autoscaling_group" "old" { # expect: NET-03 failed high
  min_size             = 0
  max_size             = 3
  launch_configuration = aws_launch_configuration.old.name
  vpc_zone_identifier  = [aws_subnet.routed.id, aws_subnet.node.id]
}

resource "aws_subnet" "routed" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.2.0/24"
  map_public_ip_on_launch = false
}

resource "aws_route_table" "routed" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = "nat-0123456789abcdef0"
  }
}

resource "aws_route_table_association" "routed" {
  subnet_id      = aws_subnet.routed.id
  route_table_id = aws_route_table.routed.id
}
