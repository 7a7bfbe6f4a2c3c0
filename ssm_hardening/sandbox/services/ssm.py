"""Systems Manager as a whole."""

from ssm_hardening.sandbox.services.commands import Commands
from ssm_hardening.sandbox.services.documents import Documents
from ssm_hardening.sandbox.services.fleet import Fleet
from ssm_hardening.sandbox.services.registration import Registration
from ssm_hardening.sandbox.services.sessions import Sessions
from ssm_hardening.sandbox.services.settings import Settings
from ssm_hardening.sandbox.services.tags import Tags


class SystemsManager(Commands, Tags, Documents, Fleet, Sessions, Settings, Registration):
    """moto's Systems Manager with what it lacks."""
