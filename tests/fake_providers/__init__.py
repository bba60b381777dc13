"""A server that speaks as Pixverse, fal and ComfyUI do, and misbehaves on request. For tests, and for people without a key.

`python -m tests.fake_providers --port 8899` starts it by hand (`make fake-providers`); the fixture `fake_providers` starts it for a test.

**Ledger.** Every accepted create, charge and refund is one line of a file, written and fsynced before the answer leaves: a dropped answer is still a
charge. `ledger == our database` is what a test may ask.

**Faults** are words in the prompt, `[fake:NAME:ARGUMENTS]`, as many as wanted, or set from outside (`POST /_control/faults`):

    latency:SEC                 answer that much later (of the create)
    drop_before                 hang up before anything was accepted
    drop_after_accept           accept, then hang up
    reset_mid_body              accept, then hang up in the middle of the answer
    http_500_after_accept       accept, then answer 500
    errcode:N[:TIMES]           refuse with that code (Pixverse), as 422 (fal) or 400 (ComfyUI); for ever, or TIMES times for this body
    errcode_after_accept:N      accept, and answer with the error code all the same
    429:RETRY_AFTER[:TIMES]     refuse with HTTP 429; once for this body unless told
    fail, moderate              the job ends so; credits are given back
    stuck                       the job never ends; its slot is free after 10 minutes, its credits come back after 2 hours
    status_seq:10,9,5,7         what each poll answers, the last one for ever (Pixverse numbers)
    poll_500:N                  the first N polls answer 500
    early_url                   the status shows an address long before there is a file
    url_404_for:N               the first N fetches of the finished file answer 404
    truncated_video[:N]         the file is cut in half (always, or for the first N fetches)
    wrong_dims                  the finished job says 0×0 pixels
    no_url                      the finished job has no address
    wrong_type                  the file is served as text/html
    odd_codec                   the file is MPEG-4 part 2, which no browser plays
    redirect_metadata           the file answers with a redirect to a cloud's metadata address
    endless                     the file is a chunked stream without end
    slow_loris                  the file comes at a byte per second
    webhook_before_answer       the webhook arrives before the create is answered
    webhook_dup:N               every webhook is sent N times
    webhook_forged              webhooks are signed with another key
    echo_key                    the answer repeats the caller's key in an error message

The first six ways to lose an answer happen once for each trace id (fal has none: each time).

**Trace ids** (Pixverse, `POST /_control/config {"replay": "A"}`): what a create with a known trace id does is not documented, so there are three:
A answers the same job, B makes (and charges) a job that never ends, C refuses with 400017.

**Clock.** `POST /_control/advance {"seconds": 7200}`; jobs age by this clock, latencies by the real one.

All paths of `/_control/` are in `control.py`.
"""

from .runner import FakeProviders

__all__ = ["FakeProviders"]
