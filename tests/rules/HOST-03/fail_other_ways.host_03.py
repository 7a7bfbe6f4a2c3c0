"""Administrators by a group, on a domain controller, or as soon as the agent makes the user."""

from tests.rules.builders_hosts import evidence, missing, windows, windows_identity

OPERATOR = windows_identity(groups=["Operators"])
OF_DOMAIN = ["EXAMPLE\\Domain Admins", "EXAMPLE\\ssm-user"]

ACCOUNT = evidence(
    windows(
        1,
        identities=[OPERATOR],
        administrators=["EXAMPLE\\Operators"],  # expect: HOST-03 failed high i-00000000000000001 (inside)
    ),
    windows(
        2,
        domain="controller",
        administrators=OF_DOMAIN,  # expect: HOST-03 failed high i-00000000000000002 (inside)
    ),
    windows(3, identities=[missing()]),  # expect: HOST-03 failed medium i-00000000000000003 (inside)
)
