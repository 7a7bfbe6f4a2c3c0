"""Where facts come from: every source turns what it reads into accounts.

`graph` is what readers of code and plans yield, `facts` makes the model of it; `live`, `hosts` and `snapshot` read
the other sources. May import `model`, `iam` and what those stand on; never rules, verdicts or access.
"""
