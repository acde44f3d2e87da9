"""Claims made ahead: where runs are quick, and given back when nobody takes them."""

from __future__ import annotations

from receivers.queueing import reserve
from receivers.queueing.claims import Claim
from receivers.queueing.reserve import Reserve


def quick(most: int = 4) -> Reserve:
    made = Reserve(most)
    for _ in range(100):
        made.note_duration(0.0001)
    return made


def test_nothing_is_claimed_ahead_before_runs_are_known_to_be_quick() -> None:
    assert Reserve(4).size == 0
    assert quick(4).size == 4


def test_slow_runs_end_it() -> None:
    made = quick()
    made.note_duration(1.0)
    assert made.size == 0


def test_claims_are_taken_in_their_order() -> None:
    made = quick()
    made.claims.extend(Claim(result_id=number, token=1) for number in (3, 1, 2))
    assert [made.take().result_id for _ in range(3)] == [3, 1, 2]


def test_claims_that_nobody_takes_are_to_be_given_back() -> None:
    made = quick()
    made.claims.append(Claim(result_id=1, token=1))
    assert not made.is_to_be_given_back(100, is_claiming=True)
    late = 100 + reserve.PATIENCE_S + 0.01
    assert made.is_to_be_given_back(late, is_claiming=True)


def test_a_claim_that_is_taken_buys_the_others_time() -> None:
    made = quick()
    made.claims.extend(Claim(result_id=number, token=1) for number in (1, 2))
    made.is_to_be_given_back(100, is_claiming=True)
    made.take()
    late = 100 + reserve.PATIENCE_S + 0.01
    assert not made.is_to_be_given_back(late, is_claiming=True)


def test_a_dispatcher_that_stops_claiming_keeps_nothing() -> None:
    made = quick()
    assert not made.is_to_be_given_back(100, is_claiming=False)
    made.claims.append(Claim(result_id=1, token=1))
    assert made.is_to_be_given_back(100, is_claiming=False)


def test_what_is_given_back_is_not_claimed_again_at_once() -> None:
    made = quick()
    claim = Claim(result_id=1, token=1)
    made.claims.append(claim)
    assert made.give_back() == [claim]
    assert (len(made.claims), made.size) == (0, 0)
