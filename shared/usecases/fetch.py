"""What a thin event leaves out is asked for, and the whole event goes on its way to ingest.

The queue is where it is parked: a task that fails comes again, until the vendor answers or it
joins the dead letters, from where it can be redriven.
"""

from __future__ import annotations

from shared.domain.deliveries import Fetch, FetchTask
from shared.domain.errors import Rejected
from shared.ports import Arrivals, VendorApis


def fetch(apis: VendorApis, arrivals: Arrivals, task: FetchTask) -> None:
    """Fetch what ``task`` names and put the whole event on the bus. Idempotent.

    Raises RetryableError where it shall be tried again, Rejected where it never can succeed.
    """
    wanted = (task.fetch, *task.fetch.also)
    answers = [_answer(apis, task, one) for one in wanted]
    arrivals.put([task.arrived(task.fetch.together(answers))])


def _answer(apis: VendorApis, task: FetchTask, wanted: Fetch) -> str:
    try:
        return apis.get(task.source, task.brand, wanted)
    except Rejected as error:
        if wanted.optional and error.code == "INCOMPLETE":
            return "null"
        raise
