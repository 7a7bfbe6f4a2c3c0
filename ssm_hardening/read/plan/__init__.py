"""Reads plans and states as `terraform show -json` prints them, into the same resources that code is read into."""
