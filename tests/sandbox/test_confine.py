"""The filter of system calls gives each call the answer of the tables, as the kernel reads it."""

import struct

import pytest

from grader.sandbox.inside import confine

PID = 4242
MACHINES = ("x86_64", "aarch64")
LARGE = 1 << 32  # the filter compares all 64 bits of an argument


@pytest.fixture(params=MACHINES)
def machine(request, monkeypatch):
    monkeypatch.setattr(confine, "_arch", lambda: confine._ARCHES[request.param])
    confine._program.cache_clear()
    yield MACHINES.index(request.param)
    confine._program.cache_clear()


def answer(number: int, *args: int, arch: int | None = None) -> int:
    """What the program returns for a call, by the rules of the kernel's BPF."""
    here = confine._arch()[1] if arch is None else arch
    call = struct.pack("<IIQ6Q", number, here, 0, *args, *[0] * (6 - len(args)))
    program = [*struct.iter_unpack("<HBBI", confine.filter_program(PID))]
    at, loaded = 0, 0
    while True:
        code, jump_true, jump_false, k = program[at]
        at += 1
        match code:
            case confine._LOAD:
                (loaded,) = struct.unpack_from("<I", call, k)
            case confine._EQUAL:
                at += jump_true if loaded == k else jump_false
            case confine._AT_LEAST:
                at += jump_true if loaded >= k else jump_false
            case confine._RETURN:
                return k


ALLOW, REFUSE, KILL = confine._RET_ALLOW, confine._RET_ERRNO | 1, confine._RET_KILL


def test_of_calls_without_conditions_those_of_the_list_are_allowed_and_no_others(machine):
    listed = {both[machine] for both in confine.ALLOWED.values()} - {None}
    conditional = {both[machine] for both, _, _ in confine.ALLOWED_WITH.values()}
    conditional |= {both[machine] for both in confine.ALLOWED_SELF.values()}
    found = {number for number in range(1_000) if answer(number) == ALLOW}
    assert found - conditional == listed
    assert {answer(number) for number in range(1_000)} == {ALLOW, REFUSE}
    assert answer(confine._X32_BIT - 1) == REFUSE


def test_a_call_with_a_condition_on_an_argument_is_allowed_with_its_values_only(machine):
    for both, argument, values in confine.ALLOWED_WITH.values():
        for value in (*values, max(values) + 7, values[0] + LARGE):
            args = [3, 3]
            args[argument] = value
            assert answer(both[machine], *args) == (ALLOW if value in values else REFUSE)


def test_signals_go_to_the_process_itself_only(machine):
    for both in confine.ALLOWED_SELF.values():
        for pid in (PID, PID + 1, 0, LARGE - 1, LARGE + PID, confine._ITSELF):
            assert answer(both[machine], pid, 9) == (ALLOW if pid == PID else REFUSE)


def test_calls_of_another_architecture_end_the_process(machine):
    assert answer(0, arch=confine._arch()[1] ^ 1) == KILL
    assert {answer(confine._X32_BIT), answer(confine._X32_BIT + 39)} == {KILL}


def test_the_program_holds_the_stand_in_for_the_pid_where_the_pid_belongs(machine):
    assert confine._program().count(struct.pack("<I", confine._ITSELF)) == len(confine.ALLOWED_SELF)
    assert all(
        number < confine._ITSELF for both in confine.ALLOWED.values() for number in both if number
    )
