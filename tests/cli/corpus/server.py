#!/usr/bin/env python3
"""Serve a folder on a free port of 127.0.0.1, as badly as asked; writes the port to the file "port".

    server.py FOLDER [break=N] [norange]

break=N: the first N answers with a .bz2 stop in the middle. norange: ranges are not known. Each
request for a .bz2 is noted in the file "requests": the range asked for, or "whole".
"""
import http.server
import os
import sys

folder, options = sys.argv[1], sys.argv[2:]
breaks = sum(int(o[6:]) for o in options if o.startswith("break="))


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args):
        super().__init__(*args, directory=folder)

    def do_GET(self):
        global breaks
        path = self.translate_path(self.path)
        if not path.endswith(".bz2") or not os.path.exists(path):
            super().do_GET()
            return
        data = open(path, "rb").read()
        asked = self.headers.get("Range")
        with open("requests", "a") as log:
            print(asked or "whole", file=log)
        first = 0 if asked is None or "norange" in options else int(asked.split("=")[1].split("-")[0])
        if first >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (first, len(data) - 1, len(data)))
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        stop = len(data)
        if breaks:
            breaks -= 1
            stop = (first + len(data)) // 2
        self.wfile.write(data[first:stop])

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open("port.tmp", "w") as f:
    print(server.server_port, file=f)
os.rename("port.tmp", "port")
server.serve_forever()
