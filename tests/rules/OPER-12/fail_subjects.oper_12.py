"""Conditions on the subject that leave out nobody, or only other organizations."""

from tests.rules.builders_people import GITHUB, admitting, staffed

SUB, OWNER = f"{GITHUB}:sub", f"{GITHUB}:repository_owner"
GITLAB, TERRAFORM = "gitlab.com", "app.terraform.io"
PROJECTS, RUNS = f"{GITLAB}:sub", f"{TERRAFORM}:sub"
BITBUCKET = "api.bitbucket.org/2.0/workspaces/example/pipelines-config/identity/oidc"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
PODS = f"{EKS}:sub"

ACCOUNT = staffed(
    admitting(
        "stage", "OIDC", GITHUB, StringLike={SUB: ["repo:*:environment:prod"]}
    ),  # expect: OPER-12 failed critical role/stage
    admitting("owner", "OIDC", GITHUB, StringEquals={OWNER: ["example"]}),  # expect: OPER-12 failed low role/owner
    admitting("slug", "OIDC", f"{GITHUB}/example"),  # expect: OPER-12 failed low role/slug
    admitting(
        "project", "OIDC", GITLAB, StringLike={PROJECTS: ["project_path:*:ref:main"]}
    ),  # expect: OPER-12 failed critical role/project
    admitting(
        "group", "OIDC", GITLAB, StringLike={PROJECTS: ["project_path:example/*"]}
    ),  # expect: OPER-12 failed low role/group
    admitting(
        "audience", "OIDC", TERRAFORM, StringEquals={f"{TERRAFORM}:aud": ["aws"]}
    ),  # expect: OPER-12 failed critical role/audience
    admitting(
        "run", "OIDC", TERRAFORM, StringLike={RUNS: ["organization:*:run_phase:apply"]}
    ),  # expect: OPER-12 failed critical role/run
    admitting(
        "runs", "OIDC", TERRAFORM, StringLike={RUNS: ["organization:o:project:*:run_phase:*"]}
    ),  # expect: OPER-12 failed low role/runs
    admitting("workspace", "OIDC", BITBUCKET),  # expect: OPER-12 failed low role/workspace
    admitting(
        "pods", "OIDC", EKS, StringEquals={f"{EKS}:aud": ["sts.amazonaws.com"]}
    ),  # expect: OPER-12 failed high role/pods
    admitting(
        "spaces", "OIDC", EKS, StringLike={PODS: ["system:serviceaccount:*:operator"]}
    ),  # expect: OPER-12 failed high role/spaces
)
