"""The Train page's routes: what a training can learn, following its log, its verdict and its model."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.api.run_views import MOST_POINTS
from engine.backends import adapters
from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from engine.store.schema import Project
from tests.adapters import put_adapter
from tests.browser.runs import judged, practise, practising
from tests.trainer.runs.choices import add_choices


def outlook(client: TestClient, **wanted: object) -> dict[str, object]:
    told: dict[str, object] = client.post("/api/training/outlook", json=wanted).json()
    return told


def test_the_page_begins_with_models_and_nothing_known(client: TestClient, book: Project) -> None:
    told = client.get("/api/training").json()
    assert [model["embedded"] for model in told["models"]] == [True]
    assert (told["taste"], told["measured"], told["runs"], told["tuned"]) == (None, None, [], [])
    assert told["projects"] == [{"id": book.id, "title": "The Well"}]
    assert told["free_bytes"] > 0


def test_what_cannot_begin_is_one_sentence_without_commands(client: TestClient, library: Library) -> None:
    told = outlook(client)
    assert str(told["refusal"]).startswith("There are no choices to learn from yet.")
    assert "longwright" not in str(told["refusal"])
    assert outlook(client, records="none")["refusal"] == ""
    assert "Steps of practice" in str(outlook(client, records="none", steps=0)["refusal"])
    add_choices(library, 24, 8)
    told = outlook(client)
    assert (told["refusal"], told["records"], told["prompts"]) == ("", 24, 8)
    assert client.post("/api/training", json={"records": "project"}).status_code == 400


def test_a_page_follows_the_log_from_where_it_was(client: TestClient, home: Home) -> None:
    run = practising(home, 3)
    whole = client.get(f"/api/training/{run.id}").json()
    assert whole["stage"] == "Practising"
    assert [step for step, _ in whole["curves"]["length"]] == [1, 2, 3]
    assert set(whole["curves"]) == {"length", "writing", "form", "distance", "words", "repetition", "loss"}
    assert len({sample["key"] for sample in whole["samples"]}) == 4
    practise(run, 4)
    fresh = client.get(f"/api/training/{run.id}", params={"offset": whole["offset"]}).json()
    assert [step for step, _ in fresh["curves"]["length"]] == [4]
    assert (fresh["samples"], fresh["notes"], fresh["stage"]) == ([], [], None)
    nothing = client.get(f"/api/training/{run.id}", params={"offset": fresh["offset"]}).json()
    assert nothing["curves"] == {}


def test_a_long_curve_is_thinned_and_keeps_its_last_point(client: TestClient, home: Home) -> None:
    run = practising(home, 0, of=2000)
    for step in range(1, 1001):
        practise(run, step)
    points = client.get(f"/api/training/{run.id}").json()["curves"]["length"]
    assert len(points) <= MOST_POINTS
    assert points[-1][0] == 1000


def test_a_training_without_its_process_is_cut_off_and_stops_at_once(client: TestClient, home: Home) -> None:
    run = practising(home, 2)
    told = client.get(f"/api/training/{run.id}").json()
    assert (told["state"], told["busy"]) == ("interrupted", False)
    assert told["words"] == "Cut off; what was saved is kept"
    assert client.post(f"/api/training/{run.id}/stop", json={}).status_code == 200
    assert client.get("/api/training").json()["runs"][0]["state"] == "stopped"


@pytest.mark.parametrize(("better", "label"), [(True, "better"), (False, "unclear")])
def test_the_verdict_comes_with_every_measure_in_words(
    client: TestClient, home: Home, better: bool, label: str
) -> None:
    put_adapter(home, "mine", base_hash="abc")
    run = practising(home, 6)
    judged(run, "mine", better)
    told = client.get(f"/api/training/{run.id}/outcome").json()
    assert told["verdict"]["label"] == label
    words = [row["words"] for row in told["verdict"]["measures"]]
    assert words[0] == "liked better, judged by your choices"
    assert words[1:] == ["keeping to the length asked for", "well-formed texts"]
    assert told["taste"]["evidence_weight"] == 0.35
    assert (told["tuned"]["name"], told["tuned"]["in_use"]) == ("mine", False)


def test_the_tuned_model_is_used_kept_aside_and_may_be_gone(client: TestClient, home: Home) -> None:
    put_adapter(home, "mine", base_hash="abc")
    run = practising(home, 6)
    judged(run, "mine")
    assert client.post(f"/api/training/{run.id}/use", json={"on": True}).json()["tuned"]["in_use"] is True
    assert adapters.in_use(home, "abc") == adapters.InUse("mine", 1.0)
    assert client.post(f"/api/training/{run.id}/use", json={"on": False}).json()["tuned"]["in_use"] is False
    adapters.remove(home, "mine")
    assert client.get(f"/api/training/{run.id}/outcome").json()["tuned"] is None
    assert client.post(f"/api/training/{run.id}/use", json={"on": True}).status_code == 404


def test_the_blind_comparison_tells_nothing_and_counts(
    client: TestClient, home: Home, library: Library
) -> None:
    run = practising(home, 6)
    judged(run, "mine")
    pairs = client.get(f"/api/training/{run.id}/blind").json()["pairs"]
    assert [set(pair) for pair in pairs] == [{"id", "title", "prompt", "choice", "left", "right"}] * 2
    told = client.post(f"/api/training/{run.id}/blind", json={"key": pairs[0]["id"], "choice": "left"}).json()
    assert (told["asked"], told["answered"]) == (2, 1)
    assert feedback.count(library, kind="ab") == 1
    assert client.get(f"/api/training/{run.id}/outcome").json()["blind"]["answered"] == 1


def test_an_unknown_training_is_404(client: TestClient) -> None:
    assert client.get("/api/training/nothing").status_code == 404
