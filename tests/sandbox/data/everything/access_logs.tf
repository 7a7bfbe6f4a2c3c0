resource "aws_s3_bucket" "access" { bucket = "access-logs-of-everything" }
resource "aws_s3_bucket_logging" "logs" {
  bucket        = aws_s3_bucket.logs.id
  target_bucket = aws_s3_bucket.access.id
  target_prefix = "log/"
  depends_on    = [aws_s3_bucket_policy.access]
}
resource "aws_s3_bucket_policy" "access" {
  bucket = aws_s3_bucket.access.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject", Resource = "${aws_s3_bucket.access.arn}/*" }] })
}
resource "aws_s3_account_public_access_block" "a" {
  block_public_acls = true
}
