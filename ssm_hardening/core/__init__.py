"""What everything stands on: values and their three states, origins, errors, limits, and what no output may show.

Imports nothing of the package but itself.
"""
