"""Serves PyPI's fakellm on a free port of loopback.

usage: fakellm-server.py RULES

Prints its port in one line, and exits when its parent process exits.
"""
import os
import socket
import sys
import threading
import time

os.environ["FAKELLM_CONFIG"] = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def watch(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()

import uvicorn

uvicorn.Server(uvicorn.Config("fakellm.server:app", log_level="warning")).run(sockets=[listener])
