"""Code beside the account: what is declared and deployed, declared only, deployed only, or cannot be told.

Objects are matched by identity: the kind, the account and Region, and the name that AWS knows them by. What both sides
know of a pair is compared as data; where either does not know, that key stays open.
"""

from ssm_hardening.judge.comparison.matching import compare, same_place
from ssm_hardening.judge.comparison.result import Comparison, Difference, Pair, Standing

__all__ = ["Comparison", "Difference", "Pair", "Standing", "compare", "same_place"]
