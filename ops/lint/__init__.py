"""The linter of messages: every template, in every language of every brand, as it would be sent.

``rules`` is the table of what is refused and why, ``mails`` looks at one message, ``contrast`` at
its colours, ``files`` at what has to exist, ``run`` puts them together. `yoin lint`
(``command``) prints what they find; app.py (``build``) builds nothing while they find something.
"""
