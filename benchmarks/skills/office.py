"""Trials of text editors, note pads, word processors, spreadsheets, slides and calculators."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.skills.trials import Place, Proof, Trial

LINES = "alpha one\nbeta two\ngamma three\n"
NOTEBOOK = "[Notebook]\nversion=0.4\nname=Notes\nhome=Home\nshared=True\nendofline=unix\nnotebook_layout=files\n"

PLACES = (
    *(Place(app, "text") for app in ("mousepad", "featherpad", "l3afpad", "kate", "gedit", "geany", "pluma", "kwrite")),
    Place("xpad", "text", holds=".config/xpad/content-*", opens=False, saves=False),
    Place(
        "zim", "text", holds="Notebooks/Notes/**/*.txt", opens=False,
        files={
            "Notebooks/Notes/notebook.zim": NOTEBOOK,
            ".config/zim/notebooks.list": "[NotebookList]\nDefault=\n1=~/Notebooks/Notes\n\n[Notebook 1]\n"
            "uri=~/Notebooks/Notes\nname=Notes\ninterwiki=None\nicon=None\n",
        },
    ),
    Place("abiword", "text"),
    Place("libreoffice-writer", "text"),
    *(
        Place(app, "calculator", opens=False, saves=False, senses=("pixels", "tree"))
        for app in ("galculator", "kcalc", "Calculator", "mate-calc", "qalculate-gtk", "speedcrunch")
    ),
    *(Place(app, "sheet", holds="Documents/note.csv") for app in ("gnumeric", "libreoffice-calc", "calligrasheets")),
)  # fmt: skip


def _is(*lines: str) -> Callable[[Proof], bool]:
    """The document consists of these lines, with or without a last line break."""
    return lambda proof: body(proof.text) == list(lines)


def body(text: str) -> list[str]:
    """The lines of a document without what an application puts before them, and without empty ones at the end."""
    if text.startswith("Content-Type:"):
        text = text.partition("\n\n")[2]
    return text.rstrip("\n").split("\n")


def _text(skill: str, lines: str, *then: str, begins: str = LINES) -> Trial:
    return Trial(skill, "text", lines, _is(*then), begins)


A, B, C = LINES.splitlines()
TRIALS: tuple[Trial, ...] = (
    Trial("append", "text", 'append("delta \\"four\\"")', lambda p: p.text.rstrip().endswith('delta "four"'), LINES),
    _text("prepend", 'prepend("zero\\n")', "zero", A, B, C),
    _text("rewrite", 'rewrite("new 1\\nnew 2")', "new 1", "new 2"),
    _text("replace_all", 'replace_all("a", "o")', A.replace("a", "o"), B.replace("a", "o"), C.replace("a", "o")),
    _text("find_text", 'find_text("beta")\ncut()', A, " two", C),
    _text("upper_case", 'upper_case("beta two")', A, "BETA TWO", C),
    _text("lower_case", 'lower_case("BETA TWO")', A, "beta two", C, begins="alpha one\nBETA TWO\ngamma three\n"),
    _text("go_to_line", 'go_to_line(2)\nwrite("x ")', A, "x " + B, C),
    _text("delete_line", "delete_line(2)", A, C),
    _text("undo", 'append("x")\nundo()', A, B, C),
    _text("copy, paste", 'find_text("beta")\ncopy()\npaste()\npaste()', A, "betabeta two", C),
    Trial("save_as", "text", 'save_as("copy.txt")', lambda p: _file(p, "copy.txt").startswith(A), LINES, keep=False),
    Trial(
        "open_file", "text", 'save_as("copy.txt")\nopen_file("Documents/note.txt")',
        lambda p: any("note.txt" in w.title for w in p.driver.hands.windows), LINES, keep=False,
    ),
    Trial("new_document", "text", 'new_document()\nwrite("fresh")\nsave_as("fresh.txt")',
          lambda p: _file(p, "fresh.txt").strip() == "fresh", LINES, keep=False),
    Trial("close", "text", 'append("x")\nclose("discard")',
          lambda p: not any(w.title for w in p.driver.hands.windows if "note" in w.title), LINES, keep=False),
)  # fmt: skip


TABLE = "name,qty\npear,3\napple,12\nfig,7\n"


def _cells(skill: str, lines: str, *then: str) -> Trial:
    """The rows of the document, as a file of values apart from commas, are these in the end."""
    return Trial(skill, "sheet", lines, lambda p: [r.replace('"', "") for r in body(p.text)] == list(then), TABLE)


def _shown(number: str) -> Callable[[Proof], bool]:
    return lambda proof: proof.effect.value.replace(",", "").replace("\u2212", "-") == number


_N, _P, _A, _F = TABLE.splitlines()
TRIALS += (
    Trial("calculate", "calculator", 'calculate("12*(3+4)")', _shown("84"), keep=False),
    Trial("calculate 1/8", "calculator", 'calculate("1/8")', _shown("0.125"), keep=False),
    Trial("calculate twice", "calculator", 'calculate("2+3")\ncalculate("7-9")', _shown("-2"), keep=False),
    Trial("convert_number", "calculator", 'convert_number("1000", "hexadecimal")', _shown("3E8"), keep=False),
    _cells("set_cell", 'set_cell("B3", "5")', _N, _P, "apple,5", _F),
    _cells("set_cell formula", 'set_cell("B5", "=SUM(B2:B4)")', _N, _P, _A, _F, ",22"),
    _cells("fill_cells", 'fill_cells("A5", "kiwi, 1; lime, 2")', _N, _P, _A, _F, "kiwi,1", "lime,2"),
    Trial("read_cell", "sheet", 'read_cell("B3")', lambda p: p.effect.value == "12", TABLE, keep=False),
    _cells("sort_rows", 'sort_rows("A2:B4", "ascending")', _N, _A, _F, _P),
    _cells(
        "fill_down", 'set_cell("C2", "=B2*2")\nfill_down("C2:C4")', "name,qty,", "pear,3,6", "apple,12,24", "fig,7,14"
    ),
    _cells("insert_cells", 'insert_cells("row", "3")', _N, _P, ",", _A, _F),
    _cells("delete_cells", 'delete_cells("row", "3")', _N, _P, _F),
    _cells("copy_cells", 'copy_cells("B2:B4", "C2")', "name,qty,", "pear,3,3", "apple,12,12", "fig,7,7"),
    _cells("clear_cells", 'clear_cells("B3")', _N, _P, "apple,", _F),
    Trial("add_sheet", "sheet", 'add_sheet("Totals")', lambda p: p.effect.worked is True, TABLE, keep=False),
    Trial("rename_sheet", "sheet", 'rename_sheet("Sums")', lambda p: p.effect.worked is True, TABLE, keep=False),
    _text("insert_line", 'insert_line(2, "new")', A, "new", B, C),
    _text("replace_line", 'replace_line(2, "new")', A, "new", C),
    _text("move_line", "move_line(3, 1)", C, A, B),
    _text("sort_lines", 'sort_lines("descending")', C, B, A),
    _text("insert_after", 'insert_after("beta", " and")', A, "beta and two", C),
    _text("title_case", 'title_case("beta two")', A, "Beta Two", C),
    Trial("read_document", "text", "read_document()", lambda p: p.effect.value == LINES.strip(), LINES, keep=False),
    Trial("count_words", "text", "count_words()", lambda p: p.effect.value == "6", LINES, keep=False),
)  # fmt: skip


def _file(proof: Proof, name: str) -> str:
    found = [p for p in proof.home.rglob(name) if p.is_file()]
    return found[0].read_text("utf-8", "replace").lstrip("\ufeff") if found else ""
