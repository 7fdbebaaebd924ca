from __future__ import annotations

from engine.drafting.length_control import Decision, LengthController, WordPot, is_finished


def wound_up(target: int, *, carried: int = 0, tight: int | None = None) -> LengthController:
    controller = LengthController(target)
    controller.set_aim(carried, tight)
    return controller


def test_a_section_goes_on_until_its_wind_up() -> None:
    controller = LengthController(1000)
    assert controller.decide(controller.winds_up_at() - 1) is Decision.CONTINUE
    assert controller.decide(controller.winds_up_at()) is Decision.WIND_UP


def test_a_short_section_still_gets_forty_words_to_wind_up() -> None:
    assert LengthController(100).winds_up_at() == 60


def test_a_sentence_end_on_the_aim_stops_at_once() -> None:
    controller = wound_up(400)
    controller.ended(2000, 399)
    assert controller.decide(400) is Decision.STOP


def test_the_nearer_of_two_sentence_ends_is_chosen() -> None:
    controller = wound_up(400)
    controller.ended(1900, 385)
    assert controller.decide(399) is Decision.CONTINUE
    controller.ended(2100, 407)
    assert controller.decide(408) is Decision.STOP
    best = controller.best()
    assert best is not None
    assert best.words == 407


def test_a_running_sentence_that_can_only_be_worse_is_given_up() -> None:
    controller = wound_up(400)
    controller.ended(1900, 390)
    assert controller.decide(410) is Decision.CONTINUE
    assert controller.decide(411) is Decision.STOP


def test_a_sentence_that_overruns_everything_is_corrected() -> None:
    controller = wound_up(400)
    controller.ended(1500, 320)
    assert controller.decide(432) is Decision.CONTINUE
    assert controller.decide(433) is Decision.CORRECT
    base = controller.last_below()
    assert base is not None
    assert base.words == 320


def test_the_last_section_is_held_to_a_narrower_limit() -> None:
    controller = wound_up(400, tight=5)
    controller.ended(1900, 390)
    assert controller.decide(406) is Decision.CORRECT


def test_a_carried_remainder_never_moves_the_limit_past_ten_percent() -> None:
    for target in (50, 120, 400, 2000):
        for carried in (-WordPot(-(10**6)).take(target), WordPot(10**6).take(target)):
            controller = wound_up(target, carried=carried)
            assert abs(controller.aim - target) + controller.limit <= max(0.1 * target, 2)


def test_cutting_back_forgets_later_sentence_ends() -> None:
    controller = wound_up(400)
    controller.ended(1900, 390)
    controller.ended(2000, 410)
    controller.cut_back(1950)
    best = controller.best()
    assert best is not None
    assert best.words == 390


def test_what_one_section_owes_the_next_one_takes_over() -> None:
    pot = WordPot()
    pot.settle(aim=500, words=485)
    assert pot.take(400) == 15
    assert pot.words == 0


def test_no_section_takes_over_more_than_its_share() -> None:
    pot = WordPot(-200)
    assert pot.take(500) == -30
    assert pot.words == -170


def test_the_pot_balances_whatever_the_order_of_finishing() -> None:
    pot = WordPot()
    first = 400 + pot.take(400)
    second = 400 + pot.take(400)
    pot.settle(second, 391)
    pot.settle(first, 412)
    assert pot.words == 800 - 391 - 412


def test_finished_means_within_ten_percent_of_the_own_target() -> None:
    assert is_finished(90, 100)
    assert is_finished(110, 100)
    assert not is_finished(89, 100)
    assert not is_finished(111, 100)
