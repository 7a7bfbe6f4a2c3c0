"""The simulated AWS account: an HTTP endpoint on loopback, in a process of its own, built on moto's server.

`server` starts it and speaks to it, without moto. `application` is what the process serves: moto, behind a layer that
notes every call and injects faults. `services` gives moto the operations it lacks and AWS's own answers where it is
too loose; `seeds` puts accounts into it. It proves Terraform's mechanics and our audit, not IAM's enforcement: every
caller may do everything, unless a fault says otherwise.
"""
