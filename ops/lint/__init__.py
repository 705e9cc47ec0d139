"""The linter of messages: every template, in every language of every brand, as it would be sent.

``rules`` is the table of what is refused and why, ``mails`` looks at one message, ``contrast`` at
its colours, ``files`` at what has to exist, ``run`` puts them together. `yoin lint` prints what
they find; app.py builds no package while they find something.
"""

from ops.lint.rules import RULES, Finding, Rule
from ops.lint.run import lint, refuse

__all__ = ["RULES", "Finding", "Rule", "lint", "refuse"]
