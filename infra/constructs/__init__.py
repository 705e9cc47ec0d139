"""One place each that makes a function, a workflow, a queue, an alarm, the dashboard."""
