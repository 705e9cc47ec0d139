"""Yoin's own pages: the function's URL, what it may do, its alarm."""

from __future__ import annotations

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.function import Function
from infra.constructs.secrets import secret_arn


class Pages(Construct):
    """What stands around the function of the preference centre.

    The caller grants the table and PutEvents, as to every function that takes facts in.

    Attributes:
        url: where the pages are; it ends with a slash.
    """

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, function: Function, alarms: Alarms
    ) -> None:
        """
        Args:
            scope: the stack.
            id: of the construct.
            stage: the settings.
            function: the one that serves the pages.
            alarms: who is told.
        """
        super().__init__(scope, id)
        self._stage = stage
        # People and mail programs come without any account: the signed link is what they have.
        self.url = function.add_function_url(
            auth_type=lambda_.FunctionUrlAuthType.NONE,
            invoke_mode=lambda_.InvokeMode.BUFFERED,
        ).url
        CfnOutput(
            self,
            "Url",
            description="Where the preference centre is (docs/preferences.md)",
            value=self.url,
        )
        self.let_read_key(function)
        alarms.add_url_errors(
            self,
            "preferences-5xx",
            function.function_name,
            says="People cannot unsubscribe or set their preferences.",
        )

    def let_read_key(self, function: Function) -> None:
        """Whoever makes links or opens them has the key that signs them, and no other secret."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue"],
                resources=[secret_arn(self, self._stage, "links")],
            )
        )
