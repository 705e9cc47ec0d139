"""Acknowledging what cdk-nag finds: on the one construct, with the reason why it is safe."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, findings: tuple[str, ...], reason: str) -> None:
    """Acknowledge findings on a construct.

    Args:
        construct: what causes the findings; never a stack.
        findings: ids as cdk-nag prints them, with the finding in brackets where there is one.
        reason: one sentence that says why it is safe.
    """
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=finding, reason=reason) for finding in findings)
    )
