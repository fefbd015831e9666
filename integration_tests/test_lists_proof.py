"""The streams beside events, issues and releases, read again and again, and killed, while the organization goes on:
what a destination holds in the end is what there is. Longer: `tools/prove lists`."""

from support.lists_proof import ListsProof
from support.moving_lists import MovingLists
from support.proof import HISTORY

KILLS = 6


def test_tables_hold_every_change_of_a_moving_organization_though_the_reads_are_killed(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 6, "--events", 60, "--issues", 40, "--releases", 40, *HISTORY)
    proof = ListsProof(connector, sandbox, seed=1)
    proof.prove(rounds=3, kills=KILLS)
    assert proof.kills == KILLS
    assert set(proof.world.done) == {change.__name__ for change in MovingLists.ANY_TIME + MovingLists.BETWEEN_RUNS}
