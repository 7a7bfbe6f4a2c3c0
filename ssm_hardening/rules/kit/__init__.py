"""What rules of several families share: selectors, checks, what is in force, what a source tells of.

May import `access`, `model` and what those stand on; no family.
"""
