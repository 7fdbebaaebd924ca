"""A run ends early for a reason it can say, and never for one odd step."""

from __future__ import annotations

from trainer.policy.guards import LOOK_BACK, Guards
from trainer.policy.settings import PolicySettings

SETTINGS = PolicySettings(kl_budget=0.5, entropy_floor=0.3, repetition_ceiling=0.5)
FINE = {"step": 1, "kl": 0.1, "entropy": 2.0, "repetition": 0.05, "total": 0.2}


def test_a_good_run_is_left_alone() -> None:
    guards = Guards(SETTINGS)
    assert [guards.look(FINE) for _ in range(10)] == [None] * 10


def test_one_odd_step_ends_nothing() -> None:
    guards = Guards(SETTINGS)
    for event in (FINE, FINE, FINE | {"kl": 0.9}, FINE, FINE):
        assert guards.look(event) is None


def test_drift_sameness_and_repetition_each_say_why() -> None:
    for change, said in (
        ({"kl": 0.8}, "too far from the model"),
        ({"entropy": 0.1}, "the same way every time"),
        ({"repetition": 0.7}, "repeat themselves"),
    ):
        guards = Guards(SETTINGS)
        sentences = [guards.look(FINE | change) for _ in range(LOOK_BACK)]
        assert sentences[:-1] == [None] * (LOOK_BACK - 1)
        assert said in (sentences[-1] or "")


def test_what_was_not_measured_is_not_judged() -> None:
    guards = Guards(SETTINGS)
    nothing = {"step": 1, "kl": None, "entropy": None, "repetition": None, "total": None}
    assert [guards.look(nothing) for _ in range(6)] == [None] * 6


def test_a_guard_that_is_switched_off_is_silent() -> None:
    guards = Guards(SETTINGS.model_copy(update={"kl_budget": None}))
    assert [guards.look(FINE | {"kl": 9.0}) for _ in range(5)] == [None] * 5


def judged(guards: Guards, total: float, judge: float) -> str | None:
    guards.look(FINE | {"total": total})
    return guards.hear(judge)


def test_rewards_up_and_the_judge_down_twice_ends_the_run() -> None:
    guards = Guards(SETTINGS)
    assert judged(guards, 0.1, 1.0) is None
    assert judged(guards, 0.2, 0.8) is None
    assert "judge" in (judged(guards, 0.3, 0.6) or "")


def test_a_judge_that_recovers_starts_the_count_anew() -> None:
    guards = Guards(SETTINGS)
    falls = [judged(guards, 0.1 * n, judge) for n, judge in enumerate((1.0, 0.8, 0.9, 0.7, 0.8))]
    assert falls == [None] * 5


def test_what_an_earlier_process_saw_counts_after_a_resume() -> None:
    far = FINE | {"kl": 0.8}
    guards = Guards(SETTINGS)
    assert guards.recall([far] * (LOOK_BACK - 1)) is None
    assert "too far from the model" in (guards.look(far) or "")


def test_a_guard_that_stopped_an_earlier_process_stops_the_next_at_once() -> None:
    assert "repeat themselves" in (Guards(SETTINGS).recall([FINE | {"repetition": 0.7}] * LOOK_BACK) or "")
    liked_less = [FINE | {"total": n / 10, "judged": -float(n)} for n in range(3)]
    assert "judge" in (Guards(SETTINGS).recall(liked_less) or "")
    assert Guards(SETTINGS).recall([FINE] * 9) is None


def test_it_says_which_step_was_the_last_that_it_had_nothing_against() -> None:
    for change in ({"kl": 0.8}, {"entropy": 0.1}, {"repetition": 0.7}):
        guards = Guards(SETTINGS)
        steps = [FINE | {"step": n} | (change if n > 4 else {}) for n in range(1, 10)]
        for event in steps:
            if guards.look(event):
                break
        assert guards.sound == 4


def test_a_step_that_was_not_measured_is_no_proof_that_all_was_well() -> None:
    guards = Guards(SETTINGS)
    distances = {1: 0.0, 6: 0.2, 11: 0.4, 16: 0.6, 21: 0.9}
    said = [guards.look(FINE | {"step": n, "kl": distances.get(n)}) for n in range(1, 22)]
    assert said[:-1] == [None] * 20
    assert said[-1]
    assert guards.sound == 11


def test_what_the_judge_liked_last_is_sound() -> None:
    guards = Guards(SETTINGS)
    for step, (total, liked) in {10: (0.1, 0.5), 20: (0.2, 1.0), 30: (0.3, 0.8), 40: (0.4, 0.6)}.items():
        guards.look(FINE | {"step": step, "total": total})
        said = guards.hear(liked)
    assert said
    assert guards.sound == 20
