#!/usr/bin/env bash
# Briefs as their readers see them: brief.sh PROGRAM RESULTS OUT. RESULTS has the folders base, given, compare and no_troops.
set -euo pipefail
kzsim="$1" results="$2" out="$3"
mkdir -p "$out"

fail() {
    echo "$*" >&2
    exit 1
}

# Whether a file has some words. Blanks do not count, as readers of PDF guess them from the room between letters; all of
# the file is read, so that nothing is written to a closed pipe.
has() {
    tr -d ' \n\f' < "$1" | grep -F -- "${2// /}" > /dev/null
}

# brief NAME DIR... makes a brief in every format, and opens each.
brief() {
    local name="$1" text answer pages
    shift
    "$kzsim" brief "$@" --out "$out/$name.pdf" --out "$out/$name.docx" --out "$out/$name.md" \
        --out "$out/$name.html" --slide "$out/$name.png" --slide "$out/$name.svg" --quiet
    # The sentence that answers, as the text has it.
    answer="$(grep -o -m 1 'In [<0-9 ]* of 100 simulated histories' "$out/$name.md" | head -1)"
    [ -n "$answer" ] || fail "$name: the Markdown has no answer"

    pages="$(pdfinfo "$out/$name.pdf" | sed -n 's/^Pages: *//p')"
    [ "$pages" -le 2 ] || fail "$name.pdf: $pages pages"
    pdfinfo "$out/$name.pdf" | grep '^Tagged: *yes' > /dev/null || fail "$name.pdf: not tagged"
    pdfinfo "$out/$name.pdf" | grep 'A4' > /dev/null || fail "$name.pdf: not A4"
    # Behind two lines of heads; the columns from the right: object, generation, unicode, subset, embedded.
    pdffonts "$out/$name.pdf" | tail -n +3 | awk '$(NF-4) != "yes" || $(NF-3) != "yes" || $(NF-2) != "yes" { bad = 1 } END { exit bad || NR == 0 }' \
        || fail "$name.pdf: fonts are not embedded: $(pdffonts "$out/$name.pdf")"
    pdftotext "$out/$name.pdf" "$out/$name.pdf.txt"
    has "$out/$name.pdf.txt" "$answer" || fail "$name.pdf: lacks \"$answer\""

    soffice --headless --convert-to pdf --outdir "$out/word" "$out/$name.docx" > /dev/null 2>&1
    pages="$(pdfinfo "$out/word/$name.pdf" | sed -n 's/^Pages: *//p')"
    [ "$pages" -le 3 ] || fail "$name.docx: $pages pages"
    pdftotext "$out/word/$name.pdf" "$out/$name.docx.txt"
    has "$out/$name.docx.txt" "$answer" || fail "$name.docx: lacks \"$answer\""
    has "$out/$name.docx.txt" "not forecasts" || fail "$name.docx: lacks its caveat"

    python3 - "$out/$name.png" <<'PY' || fail "$name.png: not 1920 by 1080"
import struct, sys
width, height = struct.unpack(">II", open(sys.argv[1], "rb").read()[16:24])
sys.exit((width, height) != (1920, 1080))
PY
    # Shares of the table are in every format.
    grep -o '[0-9]* %' "$out/$name.md" | sort -u | while read -r share; do
        for text in "$out/$name.pdf.txt" "$out/$name.docx.txt" "$out/$name.html"; do
            has "$text" "$share" || fail "$text: lacks $share"
        done
    done
    echo "$name: $answer; PDF, Word, Markdown, HTML and slide agree"
}

brief base "$results/base"
brief given "$results/given"
brief compare "$results/compare"
brief no_troops "$results/no_troops"
brief beside "$results/base" "$results/no_troops"
