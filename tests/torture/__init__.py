"""Kills everything at random while jobs run over every fault of the fake providers, and compares their ledger with our database at the end.

    make torture-generation N=120 KILLS=200 SEED=1 REPLAY=A    (on PostgreSQL with DATABASE_URL; connections are killed there too)

Workers and web process are forked from one that has imported everything, so that one is back in milliseconds after its SIGKILL. Time runs sixty
times as fast for them and for the providers, so leases and patience end within seconds. The one who orders sends his orders over HTTP with an
Idempotency-Key until each was answered. At the end a person looks into each provider's console and settles what nobody else can know. Then:

    every order has exactly one job, and it has ended       no job is lost
    no trace id was charged twice, and what a provider      none is paid twice
    kept of each submission is what ours says it cost
    no reservation and no slot is left, the books balance   no money is lost
    every completed job has its asset, and no other is there
"""
