"""Auto Scaling: what a launch configuration leaves to the subnets, which moto takes for a refusal."""

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

_ADDRESS = "AssociatePublicIpAddress"


class AutoScaling(AutoScalingResponse):
    """moto's Auto Scaling with what it lacks."""

    def create_launch_configuration(self) -> ActionResult:
        """Keep it open whether instances get a public address, where the call does not say so."""
        answer = super().create_launch_configuration()
        if self._get_param(_ADDRESS) is None:
            made = self.autoscaling_backend.launch_configurations[self._get_param("LaunchConfigurationName")]
            made.associate_public_ip_address = None  # type: ignore[assignment]
        return answer
