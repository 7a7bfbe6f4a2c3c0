# expect: PREF-01 not_applicable account
resource "aws_s3_bucket" "assets" {
  bucket = "example-assets"
}
