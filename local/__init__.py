"""The deployed stack on one machine: the synthesized template, run on moto under a virtual clock.

``LocalStack`` (``local.runtime``) is the door. The tables, queues, rules, schedules, the
state-machine interpreter, SES and SNS are moto's; each module here supplies one thing that moto
leaves out, and ``tests/local/test_seams.py`` fails when moto changes under it.
"""
