"""The stage that learns what the writer likes, and the judge that stays apart.

Two reward models are fitted: the teacher on the records to learn from, whose evidence decides how much
taste counts in the practice; and the judge on the records kept unseen, which has no part in it and
speaks in the verdict alone. Each is measured on the other's records. With many records and a larger
base the teacher may be a LoRA (`large_teacher`); the judge is always the linear kind.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trainer.runs import workshop
from trainer.runs.desk import RunDesk
from trainer.runs.large_teacher import try_lora
from trainer.runs.material import read_records

if TYPE_CHECKING:
    from trainer.preferences.record import PreferenceRecord
    from trainer.reward_model.model import RewardModel

TEACHER, JUDGE = "reward_model", "judge"
FEWEST_FOR_A_JUDGE = 4
JUDGES = 200
"""Members of the judge's ensemble. Of twenty, the one who dissents most is more than the 2.5 % beyond a bound
of the verdict's interval, and so that one alone set the bound."""


def work(desk: RunDesk) -> dict[str, Any]:
    """Fit both, keep both, and say how good they are."""
    from trainer.reward_model.crossval import Evidence, too_few
    from trainer.reward_model.learn import learn

    for name in (TEACHER, JUDGE):  # a killed attempt may have kept a larger teacher than this one chooses
        shutil.rmtree(desk.run.root / name, ignore_errors=True)
    learned, unseen = (read_records(desk.run.data / f"{side}.jsonl") for side in ("learned", "unseen"))
    if not learned:
        return {"evidence": Evidence(0, 0, 0, sentence=too_few(0, 0)).as_json(), "likes": []}
    seed = desk.settings.seed
    teacher = learn(learned, workshop.embedder(desk), seed)
    teacher.model.save(desk.run.root / TEACHER)
    evidence = try_lora(desk, learned, teacher.evidence, desk.run.root / TEACHER)
    desk.note(evidence.sentence)
    result = {"evidence": evidence.as_json(), "likes": teacher.model.likes()}
    if len(unseen) < FEWEST_FOR_A_JUDGE:
        return result
    desk.check()
    judge = learn(unseen, workshop.embedder(desk), seed, members=JUDGES).model
    judge.save(desk.run.root / JUDGE)
    return result | {
        "accuracy_on_unseen": _accuracy(teacher.model, unseen, seed),
        "judge_accuracy": _accuracy(judge, learned, seed),
    }


def _accuracy(model: RewardModel, records: Sequence[PreferenceRecord], seed: int) -> dict[str, Any]:
    """How often `model` agrees with choices it never saw."""
    from trainer.evaluation.measuring import judge_accuracy

    decided = [record for record in records if not record.tie]
    margins, _ = model.compare(
        [record.prompt for record in decided],
        [record.chosen for record in decided],
        [record.rejected for record in decided],
    )
    return judge_accuracy(margins, [record.group for record in decided], seed).as_json()
