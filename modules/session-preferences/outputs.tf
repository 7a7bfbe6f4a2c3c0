output "document_name" {
  description = "Name of the preferences document."
  value       = aws_ssm_document.this.name
}

output "document_arn" {
  description = "ARN of the preferences document, for use in operator policies."
  value       = aws_ssm_document.this.arn
}
