"""`yoin serve`: the mailbox at a local address, with controls on a live stack."""

from __future__ import annotations

import errno
import logging
from datetime import datetime

from werkzeug.serving import make_server

from local.demo.book import BEGINNING
from local.mailbox import store
from local.mailbox.engine import LIVE_TITLE, Beginning, Engine
from local.mailbox.model import Mailbox
from local.mailbox.server import HOST, Server
from local.mailbox.views import brand_view, lifecycle_views
from ops.errors import CommandError
from ops.output import Output, escaped
from shared.brands import brand_ids, load_brand


def serve_mailbox(port: int, *, fresh: bool, show: bool) -> None:
    """Serve until interrupted. Raises CommandError where the port is taken."""
    output = Output()
    engine = last_run() if not fresh else None
    if engine is None:
        if not fresh:
            output.note(
                "There is no run yet: beginning with an empty shop. (`yoin demo` fills it.)"
            )
        engine = empty_shop(BEGINNING)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Server(engine, port=port)
    try:
        server = make_server(HOST, port, application, threaded=True)
    except (OSError, SystemExit) as error:
        if isinstance(error, OSError) and error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise CommandError(
            f"port {port} is taken or not allowed; choose another with --port"
        ) from None
    engine.start()
    address = f"http://{HOST}:{port}"
    output.say(f"Mailbox: [bold]{escaped(address)}[/bold]   (only on this machine; Ctrl-C ends it)")
    if show:
        import webbrowser

        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        output.note("Leaving.")
    finally:
        server.server_close()
        engine.stop()


def last_run() -> Engine | None:
    """The last run, shown at once and played again to go on from; None where there is none."""
    try:
        run = store.load()
    except store.NoRun:
        return None
    box = run.mailbox
    stories = {(o.brand, o.order_id): o.story for o in box.orders if o.story}
    beginning = Beginning(
        scenario=run.scenario, until=run.until, title=box.title, brand=run.brand, stories=stories
    )
    return Engine(beginning, box)


def empty_shop(at: datetime) -> Engine:
    """A stack to which nothing has happened yet, at an instant."""
    shown = Mailbox(
        title=LIVE_TITLE,
        started_at=at,
        now=at,
        brands=tuple(brand_view(load_brand(brand)) for brand in brand_ids()),
        lifecycles=lifecycle_views(),
    )
    return Engine(Beginning(scenario="", until=at), shown)
