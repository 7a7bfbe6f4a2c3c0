"""Conditions on the subject that leave one repository, project, workspace, or namespace."""

from tests.rules.builders_people import GITHUB, admitting, staffed

SUB, EKS, OWN = f"{GITHUB}:sub", "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE", "gitlab.example.com"
STAGE = ["repo:example/nodes:environment:prod"]
OFFICE = {"aws:SourceIp": ["198.51.100.0/24"]}

ACCOUNT = staffed(
    admitting("stage", "OIDC", GITHUB, StringEquals={SUB: STAGE}),  # expect: OPER-12 passed role/stage
    admitting(
        "request", "OIDC", GITHUB, StringEquals={SUB: ["repo:example/nodes:pull_request"]}
    ),  # expect: OPER-12 passed role/request
    admitting(
        "repository", "OIDC", GITHUB, StringLike={SUB: ["repo:example/nodes:*"]}
    ),  # expect: OPER-12 passed role/repository
    admitting(
        "each", "OIDC", GITHUB, StringLikeIfExists={SUB: ["repo:example/nodes:*"]}
    ),  # expect: OPER-12 passed role/each
    admitting("office", "OIDC", GITHUB, IpAddress=OFFICE),  # expect: OPER-12 passed role/office
    admitting(
        "project", "OIDC", "gitlab.com", StringLike={"gitlab.com:sub": ["project_path:example/nodes:ref_type:branch:*"]}
    ),  # expect: OPER-12 passed role/project
    admitting(
        "own", "OIDC", OWN, StringLike={f"{OWN}:sub": ["project_path:example/nodes:*"]}
    ),  # expect: OPER-12 passed role/own
    admitting(
        "workspace", "OIDC", "app.terraform.io", StringLike={"app.terraform.io:sub": ["organization:o:project:p:*"]}
    ),  # expect: OPER-12 passed role/workspace
    admitting(
        "namespace", "OIDC", EKS, StringLike={f"{EKS}:sub": ["system:serviceaccount:ops:*"]}
    ),  # expect: OPER-12 passed role/namespace
)
