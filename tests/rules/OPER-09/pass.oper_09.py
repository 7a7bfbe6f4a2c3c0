"""Every session of a role bears a person's name: by its trust policy, by Identity Center, or by SAML."""

from tests.rules.builders import statement
from tests.rules.builders_live import OWNER
from tests.rules.builders_people import role, staffed

PROVIDER = f"arn:aws:iam::{OWNER}:saml-provider/x"
SAML = statement(actions=["sts:AssumeRoleWithSAML"], principals={"Federated": [PROVIDER]})

ACCOUNT = staffed(
    role(),  # expect: OPER-09 passed role/operators
    role(name="centre", trust=[], form="permission-set"),  # expect: OPER-09 passed role/centre
    role(name="saml", trust=[SAML]),  # expect: OPER-09 passed role/saml
)
