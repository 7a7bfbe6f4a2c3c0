"""Ways to a shell that Session Manager does not record: EC2 Instance Connect, ECS Exec, sessions on tasks."""

from tests.rules.builders_people import allow, good, role, staffed

OTHER_SHELLS = allow(["ec2-instance-connect:SendSSHPublicKey", "ecs:ExecuteCommand"])
ON_TASKS = allow(["ssm:StartSession"], ["arn:aws:ecs:*:*:task/*"])

ACCOUNT = staffed(
    role(*good(), OTHER_SHELLS),  # expect: OPER-10 failed medium role/operators
    role(ON_TASKS, name="containers", kind="other"),  # expect: OPER-10 failed medium role/containers
)
