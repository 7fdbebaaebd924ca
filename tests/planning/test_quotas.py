from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.planning.outline_text import OutlineItem, leaves, parse_outline
from engine.planning.parts import _rows, _stretch
from engine.planning.quotas import LEAST_SECTION, SectionLimits, assign, retarget, spread

WIDE = SectionLimits(least=80, most=1_000_000)


def targets(items: list[OutlineItem]) -> list[int | None]:
    return [leaf.target for leaf in leaves(items)]


def test_shares_follow_the_weights_and_the_largest_remainder() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(10, [1, 2, 3]) == [2, 3, 5]
    assert spread(10, [0, 0, 0]) == [4, 3, 3]
    assert spread(100, [1, 2, 3], {1: 50}) == [13, 50, 37]


@given(
    st.integers(0, 300_000),
    st.lists(st.floats(0, 1000), min_size=1, max_size=30),
    st.dictionaries(st.integers(0, 29), st.integers(0, 5000), max_size=5),
)
def test_shares_always_sum_to_the_goal(goal: int, weights: list[float], fixed: dict[int, int]) -> None:
    fixed = {index: words for index, words in fixed.items() if index < len(weights) - 1}
    if sum(fixed.values()) > goal:
        with pytest.raises(BadInput):
            spread(goal, weights, fixed)
        return
    shares = spread(goal, weights, fixed)
    assert sum(shares) == goal
    assert all(share >= 0 for share in shares)
    assert all(shares[index] == words for index, words in fixed.items())


def test_fixed_shares_that_miss_the_goal_are_refused() -> None:
    with pytest.raises(BadInput, match="more than the goal of 100"):
        spread(100, [1, 1], {0: 101})
    with pytest.raises(BadInput, match="add up to 90 words, and the goal is 100"):
        spread(100, [1, 1], {0: 40, 1: 50})


def test_leaves_share_the_goal_by_their_number() -> None:
    items = parse_outline("# A\n# B\n## C\n## D\n## E")
    assert targets(assign(items, 1000, WIDE)) == [250, 250, 250, 250]


def test_stated_lengths_are_kept_where_they_fit() -> None:
    items = parse_outline("# A (700 words)\n# B\n## C (100 words)\n## D\n# E")
    assert targets(assign(items, 2000, WIDE)) == [700, 100, 767, 433]


def test_stated_lengths_are_scaled_where_they_do_not_fit() -> None:
    assert targets(assign(parse_outline("# A (600 words)\n# B (1800 words)"), 1200, WIDE)) == [300, 900]
    assert targets(assign(parse_outline("# A (600 words)\n# B (1800 words)"), 4800, WIDE)) == [1200, 3600]
    shared = targets(assign(parse_outline("# A (900 words)\n# B (900 words)\n# C"), 900, WIDE))
    assert shared == [300, 300, 300]


def test_the_length_of_a_chapter_is_shared_by_its_sections() -> None:
    items = assign(parse_outline("# A (900 words)\n## B\n## C\n# D"), 2000, WIDE)
    assert targets(items) == [450, 450, 1100]
    assert items[0].target is None


def test_locked_sections_keep_their_length_when_the_others_are_scaled() -> None:
    items = parse_outline("# A (900 words, locked)\n# B (900 words)\n# C (900 words)")
    assert targets(assign(items, 1200, WIDE)) == [900, 150, 150]


def test_locked_sections_that_leave_nothing_are_refused() -> None:
    with pytest.raises(BadInput, match="“B” and its neighbours too few words"):
        assign(parse_outline("# A (900 words, locked)\n# B"), 910, WIDE)
    with pytest.raises(BadInput, match="Unlock one"):
        assign(parse_outline("# A (900 words, locked)"), 1000, WIDE)


def test_a_goal_too_small_for_the_sections_is_refused_with_the_least_that_works() -> None:
    items = parse_outline("# A\n" * 40)
    with pytest.raises(BadInput, match=r"1,000 words are too few for 40 sections\. Ask for at least 1,600"):
        assign(items, 1000, SectionLimits())
    assert sum(filter(None, targets(assign(items, 1600, SectionLimits())))) == 1600


def test_a_single_section_may_be_as_short_as_the_goal() -> None:
    assert targets(assign([OutlineItem("A")], 50, SectionLimits())) == [50]


def test_a_chapter_above_the_limit_gets_sections_and_keeps_its_title() -> None:
    (chapter,) = assign([OutlineItem("The storm", "It begins. It rages. It ends.")], 2500, SectionLimits())
    assert chapter.title == "The storm"
    assert chapter.children == (
        OutlineItem("The storm, part one", "It begins.", 834),
        OutlineItem("The storm, part two", "It rages.", 833),
        OutlineItem("The storm, part three", "It ends.", 833),
    )


def test_a_section_above_the_limit_becomes_several_beside_each_other() -> None:
    (chapter,) = assign(parse_outline("# A\n## B\n## C (300 words)"), 1900, SectionLimits())
    assert [(leaf.title, leaf.target) for leaf in chapter.children] == [
        ("B, part one", 800),
        ("B, part two", 800),
        ("C", 300),
    ]
    beats = [leaf.beat for leaf in chapter.children]
    assert beats == ["This part tells how it begins.", "This part tells how it ends.", ""]


def test_chinese_titles_are_split_in_chinese() -> None:
    (chapter,) = assign([OutlineItem("风暴", "船没有回来。")], 11_000, SectionLimits())
    assert chapter.children[0] == OutlineItem("风暴（一）", "船没有回来。 （本节写开头。）", 847)
    assert chapter.children[12].title == "风暴（十三）"


@pytest.mark.parametrize(
    ("language", "title", "second", "stretch"),
    [
        ("de", "Der Sturm", "Der Sturm, Teil 2", "Dieser Teil erzählt das Ende."),
        ("de-AT", "Der Sturm", "Der Sturm, Teil 2", "Dieser Teil erzählt das Ende."),
        ("fr", "La tempête", "La tempête, partie 2", "Cette partie raconte la fin."),
        ("es", "La tormenta", "La tormenta, parte 2", "Esta parte cuenta cómo termina."),
        ("it", "La tempesta", "La tempesta, parte 2", "Questa parte racconta la fine."),
        ("pt-BR", "A tempestade", "A tempestade, parte 2", "Esta parte conta como termina."),
        ("nl", "De storm", "De storm, deel 2", "Dit deel vertelt hoe het afloopt."),
        ("pl", "Burza", "Burza, część 2", "Ta część opowiada o zakończeniu."),
        ("uk", "Буря", "Буря, частина 2", "Ця частина розповідає про кінець."),
        ("ru", "Буря", "Буря, часть 2", "Эта часть рассказывает о конце."),
        ("zh-Hant", "風暴", "風暴（二）", "（本節寫結尾。）"),
        ("ja", "嵐", "嵐（二）", "（この部分では終わりを書く。）"),
        ("ko", "폭풍", "폭풍, 2부", "이 부분은 끝을 이야기한다."),
        ("en", "风暴", "风暴（二）", "（本节写结尾。）"),
        ("sv", "Stormen", "Stormen (2)", "This part tells how it ends."),
    ],
)
def test_parts_are_called_in_the_language_of_the_text(
    language: str, title: str, second: str, stretch: str
) -> None:
    (chapter,) = assign([OutlineItem(title)], 1200, SectionLimits(), language)
    assert chapter.children[1] == OutlineItem(second, stretch, 600)


def test_every_language_has_every_sentence_about_a_part() -> None:
    for row in _rows().values():
        assert row.keys() == _rows()["en"].keys()
        for number in range(3):
            assert "{" not in _stretch(number, 4, row)


def test_a_locked_section_is_never_split() -> None:
    items = [OutlineItem("A", target=2000, locked=True), OutlineItem("B")]
    assert assign(items, 2500, SectionLimits())[0] == items[0]


LEAVES = st.builds(
    OutlineItem, st.just("A"), st.just(""), st.none() | st.integers(20, 5000), st.booleans(), st.just(())
)
TREES = st.lists(
    LEAVES
    | st.builds(OutlineItem, st.just("B"), children=st.lists(LEAVES, min_size=1, max_size=4).map(tuple)),
    min_size=1,
    max_size=6,
)


@given(TREES, st.integers(50, 300_000), st.sampled_from([450, 900]))
def test_an_assigned_outline_sums_to_the_goal_and_holds_no_section_above_the_limit(
    items: list[OutlineItem], goal: int, most: int
) -> None:
    try:
        planned = assign(items, goal, SectionLimits(most=most))
    except BadInput:
        return
    found = list(leaves(planned))
    assert sum(leaf.target or 0 for leaf in found) == goal
    assert all((leaf.target or 0) > 0 for leaf in found)
    assert all(leaf.locked or (leaf.target or 0) <= most for leaf in found)
    assert [leaf for leaf in found if leaf.locked and leaf.target] == [
        leaf for leaf in leaves(planned) if leaf.locked
    ]


@given(st.lists(st.none() | st.integers(20, 5000), min_size=1, max_size=12), st.integers(1000, 300_000))
def test_an_outline_without_locks_can_always_be_assigned(lengths: list[int | None], goal: int) -> None:
    items = [OutlineItem("A", target=length) for length in lengths]
    assert sum(leaf.target or 0 for leaf in leaves(assign(items, goal, SectionLimits()))) == goal


def test_a_new_target_rebalances_the_unlocked_rest() -> None:
    assert retarget([100, 200, 300], [False, True, False], 0, 250, 600) == [250, 200, 150]
    assert retarget([300, 300, 600], [False] * 3, 2, 300, 1200) == [450, 450, 300]


@pytest.mark.parametrize(
    ("locked", "index", "words", "sentence"),
    [
        ([True, False, False], 0, 300, "This section is locked"),
        ([False, False, False], 0, 5, "needs 20 words or more"),
        ([False, True, True], 0, 150, "All other sections are locked"),
        ([False, False, False], 0, 590, "can have up to 560"),
        ([False, True, False], 0, 500, "can have up to 380"),
    ],
)
def test_a_target_that_the_rest_cannot_make_up_for_is_refused(
    locked: list[bool], index: int, words: int, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        retarget([200, 200, 200], locked, index, words, 600)


@given(st.lists(st.integers(20, 3000), min_size=2, max_size=20), st.integers(20, 3000), st.data())
def test_retargeting_keeps_the_sum_the_locked_and_a_floor(
    targets: list[int], words: int, data: st.DataObject
) -> None:
    locked = data.draw(st.lists(st.booleans(), min_size=len(targets), max_size=len(targets)))
    index = data.draw(st.integers(0, len(targets) - 1))
    goal = sum(targets)
    try:
        found = retarget(targets, locked, index, words, goal)
    except BadInput:
        return
    assert sum(found) == goal
    assert found[index] == words
    assert all(found[i] == targets[i] for i in range(len(targets)) if locked[i] and i != index)
    assert min(found) >= LEAST_SECTION


@pytest.mark.parametrize(
    ("context", "limits"), [(8192, (80, 900)), (2048, (80, 477)), (512, (39, 119)), (131_072, (80, 900))]
)
def test_the_limits_follow_the_context(context: int, limits: tuple[int, int]) -> None:
    found = SectionLimits.for_context(context)
    assert (found.least, found.most) == limits


@pytest.mark.parametrize(
    ("parameters", "most"), [(135_000_000, 450), (499_999_999, 450), (500_000_000, 900), (None, 900)]
)
def test_a_small_model_gets_shorter_sections(parameters: int | None, most: int) -> None:
    assert SectionLimits.for_context(8192, parameters).most == most
    assert SectionLimits.for_context(1024, parameters).most == 238
