"""10,000 mutated Stripe-Signature headers and what PyPI's stripe says of each: a line of JSON with `header`, `body`, `secret`,
`now` and `verdict`, which is `accepted`, `rejected`, or `failed` where stripe raises something that is no rejection."""

import json
import random
import types

import stripe
from stripe import _webhook

SECRET = "whsec_test_secret"
BODIES = ['{"id":"evt_test"}', "", '{"name":"Zoë"}', "a.b"]
# What a mutation puts in: the grammar's own signs, blanks, digits of other scripts, and what only looks like ASCII.
PIECES = [",", "=", " ", "t", "v1", "v0", "t=", "v1=", ",t=1", ",v1=", ",,", "_", "+", "-", "0", "1", ".", "e", "x", "A", "\t", "\n", "\r\n",
          "\x00", "\x0b", "\x1c", "\x1f", "\x7f", "\xa0", "\x85", "é", "١", "９", "\u2003", "\u200b", "𝟙", "e\u0301"]


def mutate(header, pick):
    kind = pick.randrange(8)
    at = pick.randrange(len(header) + 1)
    other = pick.randrange(len(header) + 1)
    low, high = min(at, other), max(at, other)
    if kind == 0:
        return header[:at] + pick.choice(PIECES) + header[at:]
    if kind == 1:
        return header[:at] + header[at + 1:]
    if kind == 2:
        return header[:at] + pick.choice(PIECES) + header[at + 1:]
    if kind == 3:
        return header[:low] + header[high:]
    items = header.split(",")
    if kind == 4:
        pick.shuffle(items)
    elif kind == 5:
        items.insert(pick.randrange(len(items) + 1), pick.choice(items))
    elif kind == 6:
        spot = pick.randrange(len(items))
        items[spot] = items[spot].swapcase()
    else:
        # Where the key or the value begins and ends is where reading differs.
        spot = pick.randrange(len(items))
        key, sign, value = items[spot].partition("=")
        piece = pick.choice(PIECES)
        items[spot] = pick.choice([piece + key + sign + value, key + piece + sign + value, key + sign + piece + value, key + sign + value + piece,
                                   key + sign + value[:5] + piece + value[5:], key])
    return ",".join(items)


def make(pick):
    body = pick.choice(BODIES)
    # Signed ages around the tolerance and far off.
    signed = 1_700_000_000 + pick.choice([0, 0, 0, 0, 0, 0, -299, -300, -301, 299, 300, 301, -10**9, 10**12, -3 * 10**9])
    code = stripe.WebhookSignature._compute_signature(f"{signed}.{body}", SECRET)
    items = [f"t={signed}", f"v1={code}"]
    if pick.random() < 0.3:
        items.insert(pick.randrange(3), "v1=" + "0" * 64)
    if pick.random() < 0.2:
        items.append("v0=" + code)
    header = ",".join(items)
    for _ in range(pick.choice([0, 1, 1, 1, 2, 3])):
        header = mutate(header, pick)
    return header, body


def verdict(header, body, secret):
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, 300)
        return "accepted"
    except stripe.SignatureVerificationError:
        return "rejected"
    except Exception:
        return "failed"


pick = random.Random(20250331)
_webhook.time = types.SimpleNamespace(time=lambda: 1_700_000_000)
for _ in range(10_000):
    header, body = make(pick)
    secret = pick.choice([SECRET] * 20 + ["", " ", "\t\n", "whsec_other"])
    print(json.dumps({"header": header, "body": body, "secret": secret, "now": 1_700_000_000, "verdict": verdict(header, body, secret)}))
