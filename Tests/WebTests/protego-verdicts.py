"""Prints the verdicts of PyPI's protego on robots.txt files.

Each line of stdin is a JSON object with `text`, `agent` and `urls`. The output line has a `1` (allowed) or `0`
(disallowed) for each URL.
"""

import json
import sys

from protego import Protego

text, parser = None, None
for line in sys.stdin:
    question = json.loads(line)
    if question["text"] != text:
        text = question["text"]
        parser = Protego.parse(text)
    print("".join("1" if parser.can_fetch(url, question["agent"]) else "0" for url in question["urls"]))
