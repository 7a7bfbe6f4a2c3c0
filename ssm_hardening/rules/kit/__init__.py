"""What rules of several families share: selectors, settings, placeholders, what a source tells of.

May import `access`, `model` and what those stand on; no family.
"""
