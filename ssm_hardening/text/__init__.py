"""JSON and YAML texts: read member by member, each with its place, holes included; written as Terraform does.

May import `core`.
"""
