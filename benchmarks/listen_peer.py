"""A webhook receiver as one writes it by hand, for listen_bench.py: FastAPI, the signature over the raw body, and the
body appended to the file RECEIVED, which is synced before the answer. Many syncs at a time, in threads."""

import hashlib
import hmac
import os

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

SECRET = os.environ["SENTRY_CLIENT_SECRET"].encode()
FILE = os.open(os.environ["RECEIVED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

app = FastAPI()


def keep(body):
    os.write(FILE, body + b"\n")
    os.fsync(FILE)


@app.post("/")
async def receive(request: Request):
    body = await request.body()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("Sentry-Hook-Signature", "")):
        return Response(status_code=401)
    await run_in_threadpool(keep, body)
    return Response()
