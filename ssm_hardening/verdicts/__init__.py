"""What an audit says, and against what: findings with rules and subjects, and the standards with their thresholds.

May import `model` and what that stands on; rules, judge and remediation share it.
"""
