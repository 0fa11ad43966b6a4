"""A web server on the loopback interface with the faults of real ones."""

from __future__ import annotations

import http.server
import threading
from itertools import repeat

ENDLESS = 64 << 20  # bytes


class Mirror(http.server.ThreadingHTTPServer):
    """Serves one file, with the faults that the test asks for.

    content : the file; cuts : how many bytes each reply sends before it hangs up, then no more
        faults
    resumes : whether Range is obeyed; status : an error to answer with instead
    endless : replies have no announced size, and go on with zeros after the file, for ENDLESS bytes
    hold : replies never end until `released`; `holding` is set as soon as one is under way
    """

    def __init__(self, content, cuts=(), resumes=True, status=None, hold=False, endless=False):
        super().__init__(("127.0.0.1", 0), Reply)
        self.content, self.cuts, self.resumes, self.status, self.hold = (
            content,
            list(cuts),
            resumes,
            status,
            hold,
        )
        self.endless = endless
        self.ranges: list[str | None] = []  # of each request
        self.holding, self.released = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/cifar-10-python.tar.gz"

    def handle_error(self, request, client_address):
        """A client that was killed in the middle is part of the tests."""


class Reply(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        mirror = self.server
        wanted = self.headers.get("Range")
        mirror.ranges.append(wanted)
        start = int(wanted[len("bytes=") : -1]) if wanted and mirror.resumes else 0
        if mirror.status or (start and start >= len(mirror.content)):
            self.send_error(mirror.status or 416)
            return
        body = mirror.content[start:]
        self.send_response(206 if start else 200)
        if start:
            size = len(mirror.content) + (ENDLESS if mirror.endless else 0)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if not mirror.endless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: mirror.cuts.pop(0)] if mirror.cuts else body)
        if mirror.endless:
            self.wfile.writelines(repeat(bytes(1 << 20), ENDLESS >> 20))
        if mirror.hold:
            mirror.holding.set()
            mirror.released.wait(60)

    def log_message(self, *args):
        pass
