"""A real Chromium that reads the pages: driven over its pipe (Chrome DevTools Protocol), with page
scripts switched off. Whatever it asks for is answered by the local stack, so nothing leaves."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.urls import HttpAnswer

# How a call is answered: method, URL, headers, body.
Serve = Callable[[str, str, Mapping[str, str], bytes], HttpAnswer]
_PATIENCE = 60  # seconds
# Chromium reads its file descriptor 3 and writes to 4.
_AT_3_AND_4 = """
import fcntl, os, sys
# Away from 3 and 4 first: one of them may be there already.
read, write = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
for number, wanted in ((read, 3), (write, 4)):
    os.dup2(number, wanted)
    os.set_inheritable(wanted, True)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One tab at a phone's size."""

    def __init__(self, program: str, folder: Path, serve: Serve, *, width: int = 390) -> None:
        self._serve = serve
        self._number = 0
        self.asked: list[tuple[str, str]] = []
        self.complaints: list[str] = []
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _AT_3_AND_4, str(to_read), str(to_write), program),
                *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"),
            ],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._rest = b""
        self._session: str | None = None
        try:
            self._begin(width)
        except BaseException:
            self.close()
            raise

    def _begin(self, width: int) -> None:
        targets = self._call("Target.getTargets")["targetInfos"]
        tab = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setScriptExecutionDisabled", value=True)
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=844,
            deviceScaleFactor=2,
            mobile=True,
        )
        self._call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def open(self, url: str) -> None:
        """Go there, and wait until it is there."""
        self._call("Page.navigate", url=url)
        self._until("Page.loadEventFired")

    def look(self, expression: str) -> Any:
        """What our own JavaScript sees on the page; the page itself may run none."""
        found = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def tap(self, selector: str, *, loads: bool = False) -> None:
        """Press where a finger would, in the middle of what is shown there."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.look(f"{element}.scrollIntoView({{block: 'center'}})")
        x, y = self.look(
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])({element}.getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        if loads:
            self._until("Page.loadEventFired")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = self._tell(method, parameters)
        while True:
            said = self._next()
            if said.get("id") == number:
                assert "error" not in said, said
                found: dict[str, Any] = said["result"]
                return found

    def _until(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _tell(self, method: str, parameters: Mapping[str, Any]) -> int:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return self._number

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], _PATIENCE)
            assert ready, "the browser does not answer"
            read = os.read(self._from, 1 << 16)
            assert read, "the browser is gone"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(line)
        if said.get("method") == "Fetch.requestPaused":
            self._answer(said["params"])
        elif said.get("method") == "Log.entryAdded":
            self.complaints.append(said["params"]["entry"]["text"])
        return said

    def _answer(self, paused: Mapping[str, Any]) -> None:
        request = paused["request"]
        body = "".join(
            base64.b64decode(part["bytes"]).decode() for part in request.get("postDataEntries", ())
        )
        if request["url"].endswith("/favicon.ico"):
            answer = HttpAnswer(404, "", {})
        else:
            self.asked.append((request["method"], request["url"]))
            answer = self._serve(
                request["method"], request["url"], request["headers"], body.encode()
            )
        self._tell(
            "Fetch.fulfillRequest",
            {
                "requestId": paused["requestId"],
                "responseCode": answer.status,
                "responseHeaders": [{"name": k, "value": v} for k, v in answer.headers.items()],
                "body": base64.b64encode(answer.body.encode()).decode(),
            },
        )
