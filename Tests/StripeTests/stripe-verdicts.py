"""Mutates Stripe-Signature headers and prints the verdict of PyPI's stripe on each.

Prints 10,000 lines of JSON with `header`, `body`, `secret`, `now` and `verdict`. The verdict is `accepted`, `rejected`,
or `failed` if stripe raises an exception other than SignatureVerificationError.
"""

import json
import random
import types

import stripe
from stripe import _webhook

SECRET = "whsec_test_secret"
BODIES = ['{"id":"evt_test"}', "", '{"name":"Zoë"}', "a.b"]
# Text that mutations insert: delimiters, whitespace, digits of other scripts, and characters that resemble ASCII.
INSERTIONS = [
    ",", "=", " ", "t", "v1", "v0", "t=", "v1=", ",t=1", ",v1=", ",,", "_", "+", "-", "0", "1", ".", "e", "x", "A",
    "\t", "\n", "\r\n", "\x00", "\x0b", "\x1c", "\x1f", "\x7f", "\xa0", "\x85", "é", "١", "９", "\u2003",
    "\u200b", "𝟙", "e\u0301",
]


def mutate(header, rng):
    kind = rng.randrange(8)
    at = rng.randrange(len(header) + 1)
    other = rng.randrange(len(header) + 1)
    low, high = min(at, other), max(at, other)
    if kind == 0:
        return header[:at] + rng.choice(INSERTIONS) + header[at:]
    if kind == 1:
        return header[:at] + header[at + 1:]
    if kind == 2:
        return header[:at] + rng.choice(INSERTIONS) + header[at + 1:]
    if kind == 3:
        return header[:low] + header[high:]
    items = header.split(",")
    if kind == 4:
        rng.shuffle(items)
    elif kind == 5:
        items.insert(rng.randrange(len(items) + 1), rng.choice(items))
    elif kind == 6:
        spot = rng.randrange(len(items))
        items[spot] = items[spot].swapcase()
    else:
        # Parsers are most likely to differ at the start and the end of a key or a value.
        spot = rng.randrange(len(items))
        key, sign, value = items[spot].partition("=")
        insertion = rng.choice(INSERTIONS)
        items[spot] = rng.choice([
            insertion + key + sign + value, key + insertion + sign + value, key + sign + insertion + value,
            key + sign + value + insertion, key + sign + value[:5] + insertion + value[5:], key,
        ])
    return ",".join(items)


def make(rng):
    body = rng.choice(BODIES)
    # Signed timestamps near the tolerance and far from it.
    signed = 1_700_000_000 + rng.choice([0, 0, 0, 0, 0, 0, -299, -300, -301, 299, 300, 301, -10**9, 10**12, -3 * 10**9])
    signature = stripe.WebhookSignature._compute_signature(f"{signed}.{body}", SECRET)
    items = [f"t={signed}", f"v1={signature}"]
    if rng.random() < 0.3:
        items.insert(rng.randrange(3), "v1=" + "0" * 64)
    if rng.random() < 0.2:
        items.append("v0=" + signature)
    header = ",".join(items)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        header = mutate(header, rng)
    return header, body


def verdict(header, body, secret):
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, 300)
        return "accepted"
    except stripe.SignatureVerificationError:
        return "rejected"
    except Exception:
        return "failed"


rng = random.Random(20250331)
_webhook.time = types.SimpleNamespace(time=lambda: 1_700_000_000)
for _ in range(10_000):
    header, body = make(rng)
    secret = rng.choice([SECRET] * 20 + ["", " ", "\t\n", "whsec_other"])
    result = verdict(header, body, secret)
    print(json.dumps({"header": header, "body": body, "secret": secret, "now": 1_700_000_000, "verdict": result}))
