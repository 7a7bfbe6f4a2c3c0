"""AWS's errors, as our extensions raise them."""

from moto.core.exceptions import ServiceException


class Refusal(ServiceException):
    """An error with AWS's code and message.

    moto looks an error's model up by the module of its class, and finds none for its own base class; for a class of
    ours it takes the model of the service that was called.
    """
