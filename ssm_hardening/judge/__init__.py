"""From accounts to an audit: the engine that runs rules, waivers, and code compared with what is deployed.

May import `rules` and `verdicts`, never `read`: one set of rules serves every source.
"""
