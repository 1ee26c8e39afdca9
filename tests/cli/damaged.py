"""Damaged text tables, read by nadir and by Python's csv module, which must agree where both read them.

    damaged.py NADIR MODEL COUNT SEED TABLE...

Each table is cut to some 40 rows and damaged in one to three places: bytes, cells, delimiters, quotes, lines. What
nadir makes of it is taken from `nadir predict`, which passes on every cell: to CSV the texts, to FITS the numbers,
which are read here without nadir. The second opinion knows how the whole table is delimited, so that a delimiter that
nadir finds wrongly is seen. Between the two are those rules of docs/tables.md that csv does not have: blank lines,
comments, a header and lines of units above the rows, blanks around cells, words for what is missing. A damaged table is
read right, or refused by its row or as a whole; else it is printed, and kept as damaged-N.csv. MODEL is one that uses no
column."""
import csv
import io
import math
import random
import re
import struct
import subprocess
import sys

MISSING = {"", "na", "nan", "null", "--", "n/a", "\\nodata"}
ROWS = 40


# ---- the second opinion ----

class Lines:
    """Gives csv its lines, without comments and blank lines where a record may begin."""

    def __init__(self, text):
        self.lines = iter(io.StringIO(text, newline=""))
        self.fresh = True

    def __iter__(self):
        return self

    def __next__(self):
        line = next(self.lines)
        while self.fresh and (line.strip(" \t\r\n") == "" or line.lstrip(" \t").startswith("#")):
            if "\t" in line and line.strip(" \r\n") != "" and not line.lstrip(" \t").startswith("#"):
                break  # cells between tabs, all of them empty
            line = next(self.lines)
        self.fresh = False
        return line


def records(data, delimiter):
    """None where there is no second opinion."""
    text = data.decode("latin-1")
    if text.startswith("\xef\xbb\xbf"):
        text = text[3:]
    if "\0" in text or re.search("\r(?!\n)", text):
        return None
    if delimiter == " ":
        if '"' in text:
            return None
        lines = [line for line in text.split("\n") if line.strip(" \t\r") and not line.lstrip(" \t").startswith("#")]
        return [line.rstrip("\r").split() for line in lines]
    lines = Lines(text)
    rows = []
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        while True:
            lines.fresh = True
            rows.append(next(reader))
    except StopIteration:
        return rows
    except csv.Error:
        return None


def cell(text):
    text = text.strip(" \t\r\n")
    if text.lower() in MISSING:
        return ""
    return text.lower() if text.lower() in ("true", "false") else text


def same_row(ours, theirs):
    a, b = [cell(x) for x in ours], [cell(x) for x in theirs]
    while len(b) > len(a) and b[-1] == "":  # a delimiter behind the last cell
        b.pop()
    return a == b


def same_names(ours, theirs):
    for i, (a, b) in enumerate(zip(ours, theirs)):
        b = b.strip(" \t")
        if a.strip() != b and not (b == "" and re.match(r"c\d+$", a)):
            return False
    return True


# ---- FITS, as nadir writes it ----

def cards(data, at):
    found = {}
    while True:
        block = data[at:at + 2880]
        at += 2880
        for i in range(0, 2880, 80):
            card = block[i:i + 80].decode("latin-1")
            if card.startswith("END "):
                return found, at
            if card[8:9] == "=":
                value = card[10:].split(" / ")[0].strip()
                found[card[:8].strip()] = value


def numbers_of(path):
    """By column, its numbers (None: text); missing ones are NaN."""
    data = open(path, "rb").read()
    _, at = cards(data, 0)
    head, at = cards(data, at)
    width, rows = int(head["NAXIS1"]), int(head["NAXIS2"])
    columns, offset = [], 0
    kinds = {"D": (8, ">d"), "K": (8, ">q"), "L": (1, None), "A": (1, None)}
    for i in range(1, int(head["TFIELDS"]) + 1):
        form = head["TFORM%d" % i].strip("' ")
        count, code = int(form[:-1] or 1), form[-1]
        size, unpack = kinds[code]
        values = None
        if unpack:
            zero, null = int(head.get("TZERO%d" % i, "0")), head.get("TNULL%d" % i)
            values = []
            for row in range(rows):
                value = struct.unpack_from(unpack, data, at + row * width + offset)[0]
                missing = code == "K" and null is not None and value == int(null)
                values.append(float("nan") if missing else value + zero if code == "K" else value)
        columns.append(values)
        offset += count * size
    return columns


def number(text):
    text = re.sub("[dD]", "e", cell(text))
    if text == "" or re.search("[_x]", text):
        return float("nan")
    try:
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
    except ValueError:
        return None


def same_numbers(columns, theirs):
    for c, values in enumerate(columns):
        if values is None:
            continue
        for row, value in enumerate(values):
            wanted = number(theirs[row][c]) if c < len(theirs[row]) else None
            if wanted is None or (value != wanted and not (math.isnan(value) and math.isnan(wanted))):
                return "column %d row %d: %r, not %r" % (c + 1, row + 1, value, theirs[row][c:c + 1])
    return None


# ---- damage ----

def damage(data, delimiter, dice):
    data = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        lines = bytes(data).split(b"\n")
        row = dice.randrange(len(lines))
        cells = lines[row].split(delimiter.encode())
        spot = dice.randrange(len(data)) if data else 0
        what = dice.randrange(16)
        if what == 0 and data:
            data[spot] = dice.choice(b"\",;|\t \n\r#-+.019aeEdNx\\\xff'")
        elif what == 1:
            data[spot:spot] = bytes([dice.choice(b"\",;|\t \n#-+.019aeEdNx\\'")])
        elif what == 2:
            del data[spot:spot + 1]
        elif what == 3:
            del data[spot:spot + dice.randint(1, 40)]
        elif what == 4:
            del data[spot:]
        else:
            if what == 5:
                lines.insert(row, lines[dice.randrange(len(lines))])
            elif what == 6:
                del lines[row]
            elif what == 7:
                other = dice.randrange(len(lines))
                lines[row], lines[other] = lines[other], lines[row]
            elif what == 8:
                lines[row] = dice.choice([b";", b"\t", b"|", b" ", b","]).join(cells)
            else:
                i = dice.randrange(len(cells))
                if what == 9:
                    cells[i] = cells[i].replace(b".", b",")
                elif what == 10:
                    cells[i] = dice.choice([b"NA", b"", b"null", b"nan", b"--", b"?", b"1e5x", b"1.2.3", b"12:30:00",
                                            b"2011-03-04", b"true", b"1,234", b"0x10", b"+5", b"1e-", b"inf", b"1_000",
                                            b"9007199254740993", b"18446744073709551616", b"1d3", b".5", b"5."])
                elif what == 11:
                    cells[i] = b'"' + cells[i] + b'"'
                elif what == 12:
                    cells[i] = cells[i] + b'"'
                elif what == 13:
                    cells.insert(i, cells[dice.randrange(len(cells))])
                elif what == 14:
                    del cells[i]
                else:
                    cells[i] = b'"a ""b""' + dice.choice([b"\n", b"", delimiter.encode(), b"#", b"\n\n#x\n"]) + b'c"'
                lines[row] = delimiter.encode().join(cells)
            data = bytearray(b"\n".join(lines))
    return bytes(data)


# ---- one table ----

def predict(nadir, model, path, out):
    done = subprocess.run([nadir, "predict", model, path, "-o", out, "-q"], capture_output=True, timeout=60)
    return done.returncode, done.stderr.decode("latin-1")


def look(nadir, model, path, data, delimiter):
    """As look_by; where some rows are between blanks and others between tabs, either is right."""
    other = {" ": "\t", "\t": " "}.get(delimiter)
    outcome, why = look_by(nadir, model, path, data, delimiter)
    return look_by(nadir, model, path, data, other) if outcome == "different" and other else (outcome, why)


def look_by(nadir, model, path, data, delimiter):
    """The outcome in a word, and what is wrong."""
    status, said = predict(nadir, model, path, "out.csv")
    if status not in (0, 2):
        return "failed", said
    if status == 2:
        if path not in said:
            return "without a place", said
        return "refused, with the row" if ":row " in said else "refused, as a whole", said
    ours = list(csv.reader(io.StringIO(open("out.csv", "rb").read().decode("latin-1"), newline="")))
    names, ours = [name for name in ours[0][:-1]], [row[:-1] for row in ours[1:]]
    theirs = records(data, delimiter)
    if theirs is None:
        return "read, without a second opinion", ""
    above = len(theirs) - len(ours)
    if len(theirs) < 3:  # one or two lines may be delimited by anything
        return "read, without a second opinion", ""
    if above < 0 or above > 4:
        return "different", "%d rows, not %d" % (len(ours), len(theirs))
    for a, b in zip(ours, theirs[above:]):
        if not same_row(a, b):
            return "different", "%r, not %r" % (a, b)
    if above > 0 and not same_names(names, theirs[0]):
        return "different", "names: %r, not %r" % (names, theirs[0])
    status, said = predict(nadir, model, path, "out.fits")
    if status != 0:  # not every cell can be written to FITS: then it is said which
        return ("refused, with the row", said) if ":row " in said or "column" in said else ("failed", said)
    wrong = same_numbers(numbers_of("out.fits")[:-1], theirs[above:])
    return ("different", "numbers: " + wrong) if wrong else ("read, as by csv", "")


def delimiter_of(text):
    rows = [line for line in text.split("\n") if line.strip() and not line.startswith("#")][:20]
    for delimiter in ",\t;|":
        if all(delimiter in row for row in rows) and len({row.count(delimiter) for row in rows}) == 1:
            return delimiter
    return " "


def start_of(path):
    """The comments and the first rows."""
    lines = open(path, "rb").read(1 << 20).split(b"\n")
    rows = [i for i, line in enumerate(lines) if line.strip() and not line.startswith(b"#")][:ROWS]
    return b"\n".join(lines[:rows[-1] + 1]) + b"\n" if rows else b""


def main():
    nadir, model, count, seed, tables = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:]
    whole = []
    for path in sorted(tables):
        data = start_of(path)
        delimiter = delimiter_of(data.decode("latin-1"))
        open("whole.csv", "wb").write(data)
        if data and look(nadir, model, "whole.csv", data, delimiter)[0] == "read, as by csv":
            whole.append((data, delimiter))
    outcomes, shown = {}, 0
    for n in range(count):
        dice = random.Random("%s:%d" % (seed, n))
        data, delimiter = whole[n % len(whole)]
        data = damage(data, delimiter, dice)
        path = "damaged-%d.csv" % n
        open(path, "wb").write(data)
        outcome, why = look(nadir, model, path, data, delimiter)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if outcome in ("different", "failed", "without a place") and shown < 20:
            shown += 1
            print("%s: %s (seed %s)\n%s" % (path, outcome, seed, why))
    print("%d whole tables" % len(whole), file=sys.stderr)
    for outcome in sorted(outcomes):
        print("%6d %s" % (outcomes[outcome], outcome), file=sys.stderr)


main()
