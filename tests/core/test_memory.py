"""What was worked out is worked out once for each thing, and never for another one."""

from ssm_hardening.core.memory import Memory, forget


def test_a_thing_is_worked_out_once_and_an_equal_one_by_itself() -> None:
    asked: list[list[int]] = []

    def work(thing: list[int]) -> int:
        asked.append(thing)
        return len(asked)

    memory = Memory(work, most=10)
    one, same = [1], [1]
    assert [memory(one), memory(one), memory(same), memory(one)] == [1, 1, 2, 1]


def test_what_is_kept_is_bounded_and_still_right() -> None:
    memory: Memory[[tuple[int, ...]], int] = Memory(sum, most=3)
    things = [(number, number) for number in range(20)]
    assert [memory(thing) for thing in (*things, *things)] == [2 * number for number in range(20)] * 2
    assert len(memory._kept) <= 3  # noqa: SLF001 - the bound is what is tested


def test_everything_is_looked_at_again_once_it_is_forgotten() -> None:
    looked: list[object] = []
    memory: Memory[[object], None] = Memory(looked.append, most=10)
    thing = object()
    memory(thing)
    forget()
    memory(thing)
    assert looked == [thing, thing]
