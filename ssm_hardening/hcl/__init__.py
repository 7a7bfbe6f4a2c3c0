"""The language itself: reading HCL into a syntax tree, and writing values as HCL text."""
