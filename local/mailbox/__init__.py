"""What a run left behind, to be looked at: messages, orders, decisions, as pages and as data.

``model`` is the plain data, ``collect`` reads it from a local stack, ``site`` writes the pages
that open without a server, ``server`` serves them with controls on a live stack.
"""
