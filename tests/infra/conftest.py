"""Whoever imports the CDK in a test finds Node.js."""

from infra import node

node.provide()
