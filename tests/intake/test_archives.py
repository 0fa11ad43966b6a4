"""Tars: what any tool makes is read, and nothing that hostile bytes can do gets further. Zips:
test_submission.py.
"""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.exercises import ASSIGNMENT
from cs231n_utils.hand_in import rules
from cs231n_utils.hand_in.rules import MAX_FILE, MAX_TOTAL
from grader.intake import archives
from grader.intake.submission import (
    MAX_FILES,
    MAX_NOTES,
    MODEL_FILE,
    STUDENT_MODULES,
    Submission,
    read,
)
from tests.support.tars import END, long_name, member, members, pax

COMPLETE = {name: f"# {name}\n".encode() for name in sorted(STUDENT_MODULES)}
GOOD = members(COMPLETE)
NAME = "cs231n_utils/mine.py"
AGAIN = f"Pack the folder {ASSIGNMENT} again as .zip or .tar.gz, and hand it in."


@pytest.fixture
def take(tmp_path):
    """Reads these bytes as an archive of that name."""

    def of(data: bytes, name: str = "bob.tar") -> Submission:
        path = tmp_path / name
        path.write_bytes(data)
        return read(path)

    return of


def written(
    files: dict[str, bytes], prefix: str = "", mode: str = "w", format_: int = tarfile.PAX_FORMAT
) -> bytes:
    """A tar as Python writes it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=format_) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


# --- what students hand in ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, mode",
    [
        ("bob.tar", "w"),
        ("bob.tar.gz", "w:gz"),
        ("bob.tgz", "w:gz"),
        ("bob.TAR.GZ", "w:gz"),
        ("bob.tar", "w:gz"),
        ("bob.tar.gz", "w"),
    ],
)
def test_a_tar_is_read_packed_or_not_whatever_its_name_says(take, name, mode):
    handed_in = {**COMPLETE, MODEL_FILE: b"model", "1_gradient_check.ipynb": b"{}"}
    assert take(written(handed_in, mode=mode), name) == Submission(
        "bob", {**COMPLETE, MODEL_FILE: b"model"}
    )


@pytest.mark.parametrize(
    "format_",
    [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT],
    ids=["ustar", "GNU", "pax"],
)
@pytest.mark.parametrize(
    "prefix",
    ["", "./", f"{ASSIGNMENT}/", "Meine Lösung (2)/", f"{'d' * 90}/", "../../", "/", "loss\\"],
)
def test_a_tar_is_read_whatever_folder_the_kit_is_in(take, prefix, format_):
    assert take(written(COMPLETE, prefix, format_=format_)) == Submission("bob", COMPLETE)


@pytest.mark.parametrize("format_", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["GNU", "pax"])
def test_folders_may_have_long_names(take, format_):
    assert take(written(COMPLETE, f"{'d' * 200}/" * 5, format_=format_)) == Submission(
        "bob", COMPLETE
    )


def test_a_whole_folder_is_read_as_it_is_packed(take, tmp_path):
    for name, content in COMPLETE.items():
        (tmp_path / "kit" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "kit" / name).write_bytes(content)
    # What a Mac puts beside each file.
    (tmp_path / "kit" / "cs231n_utils" / "._softmax.py").write_bytes(b"\0")
    with tarfile.open(tmp_path / "kit.tar", "w") as archive:
        archive.add(tmp_path / "kit", ".")
    assert take((tmp_path / "kit.tar").read_bytes()) == Submission("bob", COMPLETE)


def test_extra_headers_that_say_nothing_new_are_passed_over(take):
    more = (
        member("for all", b"20 path=of nothing\n\n", b"g")
        + member("link", b"x" * 600, b"K")
        + pax(mtime="1.5", size="6")
    )
    assert take(GOOD + more + member(NAME, b"x = 1\n") + END).files == {
        **COMPLETE,
        NAME: b"x = 1\n",
    }


def test_of_a_file_that_is_there_twice_the_last_counts_as_when_it_is_unpacked(take):
    taken = take(member("cs231n_utils/softmax.py", b"old") + GOOD + END)
    assert taken.files == COMPLETE
    assert taken.notes == (
        "cs231n_utils/softmax.py was handed in more than once: the last one counts.",
    )


# --- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no tar",
        b"no tar" * 200,
        gzip.compress(b"", mtime=0),
        b"\x1f\x8b",
        b"\x1f\x8bno gzip",
        GOOD[:100],
        b"PK\x03\x04" + bytes(600),
    ],
)
def test_what_is_no_tar_is_said(take, data):
    taken = take(data)
    assert (
        taken.files == {}
        and taken.notes[0].startswith("bob.tar cannot be read (")
        and taken.notes[0].endswith(AGAIN)
    )


@pytest.mark.parametrize("name", ["bob.tar.bz2", "bob.tar.xz", "bob.7z", "bob.rar"])
def test_other_archives_are_not_accepted_and_the_student_is_told(take, name):
    pack = {"bob.tar.bz2": bz2.compress, "bob.tar.xz": lzma.compress}.get(name, bytes)
    taken = take(pack(GOOD + END), name)
    suffix = name.removeprefix("bob")
    assert taken.student == "bob" and taken.files == {}
    assert (
        taken.notes[0]
        == f"{name} cannot be read ({suffix} is not a kind of archive that is accepted). {AGAIN}"
    )


@pytest.mark.parametrize("left", range(512, len(GOOD) + 1, 512))
def test_of_a_tar_that_is_cut_off_what_is_there_counts(take, left):
    whole = take(GOOD[:left])
    assert whole.files == dict(list(COMPLETE.items())[: left // 1024])
    assert "bob.tar cannot be read" in whole.notes[0] and "(its end is missing)" in whole.notes[0]
    assert take(gzip.compress(GOOD[:left])) == whole


@pytest.mark.parametrize("lost", [1, 4, 8, 9, 50])
def test_a_gzip_file_that_is_cut_off_is_said(take, lost):
    assert "(its end is missing)" in take(gzip.compress(GOOD + END)[:-lost]).notes[0]


def test_a_gzip_file_with_a_wrong_checksum_is_said(take):
    data = bytearray(gzip.compress(GOOD + END))
    data[-5] ^= 1
    assert (
        "cannot be read (Error -3 while decompressing data: incorrect data check)"
        in take(bytes(data)).notes[0]
    )


@pytest.mark.parametrize(
    "bad",
    [
        member(NAME, b"x", size=1 << 32),
        *(
            member(NAME, b"x", fields={124: size})
            for size in (
                b"\xff" * 12,
                b"\x80" + b"\xff" * 11,
                b"-0000000001\0",
                b"+0000000001\0",
                b"0x1\0",
                b"1_0\0",
                b"1 0\0",
            )
        ),
        member(NAME, size=1 << 40, kind=b"x"),
        member(NAME, size=1 << 32, kind=b"L"),
        member(NAME, size=1 << 32, kind=b"S"),
        pax(size="1") + member(NAME, b"xx"),
        pax(size="-1") + member(NAME, b"xx"),
        pax(size="9" * 5000) + member(NAME, b"xx"),
        member("extra", b"99 path=short\n", b"x"),
        member("extra", b"0 path=short\n", b"x"),
        member("extra", b"7 path=short\n", b"x"),
        member("extra", b"-9 path=short\n", b"x"),
        member("extra", b"9" * 600, b"x"),
        member("extra", b"path", b"x"),
        member(NAME, b"x").replace(b"mine", b"nine"),
    ],
)
def test_what_cannot_be_gone_past_ends_the_reading(take, bad):
    taken = take(GOOD + bad + members({"cs231n_utils/after.py": b""}) + END)
    assert taken.files == COMPLETE
    assert len(taken.notes) == 1 and taken.notes[0].startswith(
        "bob.tar cannot be read to its end ("
    )


# --- links, pipes, devices, holes -----------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, why",
    [
        ("1", "is a link"),
        ("2", "is a link"),
        ("S", "is stored as a sparse file"),
        *((kind, "is not an ordinary file") for kind in "346789AXZ"),
    ],
)
def test_only_ordinary_members_are_taken(take, kind, why):
    content = b"" if kind in "12346" else b"x" * 700
    taken = take(member(NAME, content, kind.encode(), fields={157: b"/etc/passwd"}) + GOOD + END)
    assert (taken.files, taken.notes) == (COMPLETE, (f"{NAME} {why}, and was ignored.",))


def test_a_link_has_no_content_whatever_it_claims(take):
    assert take(member(NAME, kind=b"2", size=1 << 32) + GOOD + END).files == COMPLETE


@pytest.mark.parametrize(
    "kind, name", [("5", "cs231n_utils"), ("5", NAME), ("0", f"{NAME}/"), ("\0", "cs231n_utils/")]
)
def test_folders_are_passed_over(take, kind, name):
    assert take(member(name, kind=kind.encode()) + GOOD + END) == Submission("bob", COMPLETE)


def test_a_long_map_of_holes_is_gone_past(take):
    block = bytearray(512)
    block[504] = 1
    holes = (
        member(NAME, kind=b"S", size=512, fields={257: b"ustar  \0", 482: b"\1"})
        + bytes(block)
        + bytes(512)
    )
    taken = take(holes + b"x" * 512 + GOOD + END)
    assert (taken.files, taken.notes) == (
        COMPLETE,
        (f"{NAME} is stored as a sparse file, and was ignored.",),
    )


def test_holes_by_an_extra_header_are_not_taken(take):
    extra = pax(
        GNU_sparse_major="1",
        GNU_sparse_minor="0",
        GNU_sparse_name=NAME,
        GNU_sparse_realsize=str(1 << 40),
    )
    taken = take(extra + member("GNUSparseFile.0/mine.py", b"1\n0\n1\n") + GOOD + END)
    assert (taken.files, taken.notes) == (
        COMPLETE,
        (f"{NAME} is stored as a sparse file, and was ignored.",),
    )


@pytest.mark.parametrize(
    "give",
    [
        lambda name: member(name[:100], b"x"),
        lambda name: pax(path=name) + member("a.py", b"x"),
        lambda name: long_name(name) + member("a.py", b"x"),
    ],
    ids=["own", "pax", "GNU"],
)
@pytest.mark.parametrize(
    "name",
    [
        "cs231n_utils/../../evil.py",
        "cs231n_utils/..\\evil.py",
        "/etc/evil.py",
        "cs231n_utils/a\nb.py",
        "cs231n_utils/\x1b[31m.py",
        "cs231n_utils/softmax.py/x.py",
        "cs231n_utils/a/b/c/d/e.py",
        f"cs231n_utils/{'a' * 80}/{'b' * 80}.py",
        "cs231n_utils/.py",
        "cs231n_utils//x.py",
        "cs231n_utils/\u202ex.py",
    ],
)
def test_odd_names_are_not_taken(take, name, give):
    taken = take(GOOD + give(name) + END)
    assert taken.files == COMPLETE
    assert all(
        note.isprintable() and note.endswith("has a name that is not accepted, and was ignored.")
        for note in taken.notes
    )


def test_names_that_are_not_utf_8_are_not_taken_and_cost_nobody_else(take):
    taken = take(
        b"".join(
            member(b"L\xf6sung/" + name.encode(), content) for name, content in COMPLETE.items()
        )
        + member(b"L\xf6sung/cs231n_utils/\xff\xfe.py", b"x")
        + END
    )
    assert (taken.files, taken.notes) == (
        COMPLETE,
        ("cs231n_utils/??.py has a name that is not accepted, and was ignored.",),
    )


# --- too much -------------------------------------------------------------------------------------


def test_files_that_are_too_large_are_gone_past_and_leave_room_for_others(take):
    names = [f"cs231n_utils/large_{k}.py" for k in range(MAX_TOTAL // MAX_FILE)]
    taken = take(members(dict.fromkeys(names, bytes(MAX_FILE + 1))) + GOOD + END)
    assert taken.files == COMPLETE
    assert taken.notes == tuple(
        f"{name} has {MAX_FILE + 1} bytes, more than {MAX_FILE}, and was ignored." for name in names
    )


def test_a_bomb_is_unpacked_to_the_cap_and_no_further(take, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 4 << 20)
    unpacked = 0
    readinto = archives._Gunzip.readinto

    def counted(self, buffer):
        nonlocal unpacked
        size = readinto(self, buffer)
        unpacked += size
        return size

    monkeypatch.setattr(archives._Gunzip, "readinto", counted)
    bomb = gzip.compress(
        GOOD + b"".join(member(f"{k}.bin", bytes(1 << 20)) for k in range(40)) + END,
        compresslevel=1,
    )
    taken = take(bomb, "bob.tar.gz")
    assert (
        taken.files == COMPLETE
        and "cannot be read to its end (it holds more than 4 MB" in taken.notes[0]
    )
    assert unpacked <= (4 << 20) + 2 * archives._PIECE


@pytest.mark.parametrize("tail", [bytes(5 << 20), b"x" * (5 << 20)])
def test_what_is_behind_the_end_is_not_read_without_end_either(take, monkeypatch, tail):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 4 << 20)
    taken = take(gzip.compress(GOOD + END + tail, compresslevel=1))
    assert taken.files == COMPLETE and "more than 4 MB" in taken.notes[0]


def test_a_file_on_disk_that_is_too_large_is_not_begun(tmp_path):
    path = tmp_path / "bob.tar.gz"
    with open(path, "wb") as file:
        file.write(gzip.compress(GOOD + END))
        file.truncate(archives.MAX_UNPACKED + 1)  # a hole
    assert "cannot be read (it has more than 512 MB" in read(path).notes[0]


@pytest.mark.parametrize(
    "more",
    [
        b"".join(member(f"{k}.png") for k in range(100)),
        pax(comment="x" * 20_000) + member("a.txt"),
        b"".join(pax(comment=str(k)) for k in range(50)),
        long_name("x" * 20_000) + member("a.txt"),
        member("a", kind=b"S", fields={257: b"ustar  \0", 482: b"\1"}) + b"\1" * 512 * 100,
    ],
    ids=["members", "pax", "many pax", "long name", "holes"],
)
def test_there_is_a_cap_on_headers(take, monkeypatch, more):
    monkeypatch.setattr(archives, "MAX_HEADERS", 20_000)
    taken = take(GOOD + more + END)
    assert (
        taken.files == COMPLETE and "cannot be read to its end (too many files)" in taken.notes[0]
    )


def test_there_is_a_cap_on_files(take):
    taken = take(
        GOOD + members({f"cs231n_utils/z{k}.py": b"x" for k in range(MAX_FILES + 3)}) + END
    )
    assert len(taken.files) == MAX_FILES and f"beyond the first {MAX_FILES} files" in taken.notes[0]


def test_there_is_a_cap_on_all_bytes_also_in_folders_that_do_not_count(take):
    big = {f"copy/{NAME}{k}.py": bytes(MAX_FILE) for k in range(MAX_TOTAL // MAX_FILE)}
    taken = take(members(big) + GOOD + END)
    assert (
        taken.files == {}
        and f"is beyond {MAX_TOTAL} bytes in all, and was ignored." in taken.notes[0]
    )


# --- anything -------------------------------------------------------------------------------------

SAMPLE = (
    pax(path="cs231n_utils/a.py")
    + member("a", b"x = 1\n")
    + long_name("cs231n_utils/b.py")
    + member("b")
    + GOOD
    + END
)
PACKED = gzip.compress(SAMPLE, mtime=0)
FIELDS = st.dictionaries(
    st.sampled_from([0, 100, 124, 148, 156, 157, 257, 345, 482, 483]),
    st.binary(max_size=12),
    max_size=3,
)
MEMBERS = st.builds(
    member,
    st.sampled_from([*COMPLETE, NAME, MODEL_FILE, "../x.py", "/", ""]) | st.binary(max_size=100),
    st.binary(max_size=40),
    st.sampled_from([b"0", b"x", b"L", b"g", b"K", b"S", b"1", b"5", b"\0"]),
    size=st.none() | st.sampled_from([0, 1, 511, 513, MAX_FILE + 1, 1 << 32]),
    fields=FIELDS,
)


def expect_tame(path: Path) -> None:
    taken = read(path)
    assert (
        taken.student == "eve"
        and len(taken.files) <= MAX_FILES
        and sum(map(len, taken.files.values())) <= MAX_TOTAL
    )
    assert all(rules.wanted(name) and name.isascii() for name in taken.files)
    assert all(note.isprintable() and len(note) < 300 for note in taken.notes)
    assert len(taken.notes) <= MAX_NOTES + 1 + len(STUDENT_MODULES)


@settings(deadline=None, derandomize=True, max_examples=300, database=None)
@given(
    st.sampled_from([SAMPLE, PACKED]),
    st.booleans(),
    st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
)
def test_a_damaged_tar_never_raises(tmp_path_factory, sample, cut, changes):
    data = bytearray(sample)
    for position, value in changes:
        data[position % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "eve.tar.gz"
    path.write_bytes(data[: changes[0][0] % len(data)] if cut else data)
    expect_tame(path)


@settings(deadline=None, derandomize=True, max_examples=300, database=None)
@given(st.lists(MEMBERS, max_size=6), st.booleans())
def test_members_of_any_kind_never_raise(tmp_path_factory, blocks, packed):
    data = b"".join([*blocks, GOOD, END])
    path = tmp_path_factory.getbasetemp() / "eve.tar"
    path.write_bytes(gzip.compress(data, compresslevel=1) if packed else data)
    expect_tame(path)


def one_member_many_times(path, times):
    """A zip with one member, which its table of contents lists again and again."""
    raw = bytes(MAX_FILE)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(raw) + packer.flush()
    name = b"cs231n_utils/linear_svm.py"
    sizes = (zlib.crc32(raw), len(packed), len(raw), len(name))
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, *sizes, 0) + name + packed
    entry = (
        struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, *sizes, 0, 0, 0, 0, 0, 0)
        + name
    )
    end = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, times, times, len(entry) * times, len(local), 0
    )
    path.write_bytes(local + entry * times + end)


def test_a_member_that_is_listed_again_and_again_is_not_unpacked_each_time(tmp_path, monkeypatch):
    unpacked = []
    monkeypatch.setattr(archives, "_unzip", lambda archive, info: unpacked.append(info) or b"")
    one_member_many_times(tmp_path / "ann.zip", 1_000)
    read(tmp_path / "ann.zip")
    assert len(unpacked) == MAX_FILES
