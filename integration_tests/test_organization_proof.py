"""A small organization read in full and incrementally, killed at random moments, while it goes on. The same at the
size of 200 projects and a million events: benchmarks/organization_proof.py."""

from support.moving_world import MovingWorld
from support.proof import HISTORY, Proof

KILLS = 5


def test_every_change_of_a_moving_organization_arrives_though_the_reads_are_killed(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 6, "--events", 2000, "--event-size", "small", "--issues", 300, "--releases",
                            100, *HISTORY)
    proof = Proof(connector, sandbox, seed=1)
    ledger = proof.prove(KILLS)
    assert ledger.kills == KILLS
    happened = set(proof.world.done)
    assert happened == {change.__name__ for change in MovingWorld.ANY_TIME + MovingWorld.BETWEEN_RUNS}
