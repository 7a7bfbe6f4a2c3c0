"""A statement of the role allows everything, under conditions that nobody may read: an administrator's, perhaps."""

from tests.rules.builders_people import allow, good, role, staffed, trust, withheld

EVERYTHING = allow(["*"], conditions=withheld())

ACCOUNT = staffed(
    role(*good(), EVERYTHING),  # expect: OPER-09 undecided role/operators
    role(*good(), EVERYTHING, name="any", trust=[trust(conditions=None)]),  # expect: OPER-09 undecided role/any
)
