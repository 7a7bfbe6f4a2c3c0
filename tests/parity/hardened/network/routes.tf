resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table" "routed" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "routed" {
  route_table_id         = aws_route_table.routed.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id
}

resource "aws_route_table_association" "this" {
  for_each = {
    public = [aws_subnet.public.id, aws_route_table.public.id]
    routed = [aws_subnet.routed.id, aws_route_table.routed.id]
  }
  subnet_id      = each.value[0]
  route_table_id = each.value[1]
}
