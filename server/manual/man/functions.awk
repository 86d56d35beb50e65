# server/manual/man/functions.awk - siobroker.h as a part of libsiobroker(3), in mdoc(7).
#
# A comment that is a title (/* --- Timers. --- */) begins a section, a comment before declarations
# says what they do, and the first comment of the file is the introduction.

# What roff would read: a backslash anywhere; a dot or an apostrophe at the beginning of a line.
function literal(text) {
    gsub(/\\/, "\\e", text)
    if (text ~ /^[.']/) text = "\\&" text
    print text
}

function end_line() {
    if (line != "") literal(line)
    line = ""
}

# A word with the name of a function in it, and what stands around that.
function function_line(word,    name, before, behind) {
    match(word, /[a-zA-Z_0-9]+\(\)/)
    before = substr(word, 1, RSTART - 1)
    name = substr(word, RSTART, RLENGTH - 2)
    behind = substr(word, RSTART + RLENGTH)
    gsub(/./, " &", behind)
    print (before == "" ? ".Fn " : ".No " before " Ns Fn ") name behind
}

# A sentence begins on a line of its own, and no line is long.
function fill(text,    words, n, i) {
    n = split(text, words, " ")
    for (i = 1; i <= n; i++) {
        if (words[i] ~ /^\(?[a-zA-Z_0-9]+\(\)[.,:;)]*$/) {
            end_line()
            function_line(words[i])
            continue
        }
        if (length(line) + length(words[i]) > 76 ||
            (line ~ /[.?!]["')]*$/ && words[i] ~ /^["'(]*[A-Z]/)) end_line()
        line = line == "" ? words[i] : line " " words[i]
    }
    end_line()
}

# The lines of a comment: paragraphs, and what is indented as it is.
function say(lines, n,    i, text, is_code) {
    text = ""
    for (i = 1; i <= n; i++) {
        if (lines[i] ~ /^    / && !is_code) {
            fill(text)
            text = ""
            print ".Bd -literal -offset indent"
            is_code = 1
        }
        if (is_code && lines[i] !~ /^    / && lines[i] != "") {
            print ".Ed"
            if (lines[i - 1] == "") print ".Pp"
            is_code = 0
        }
        if (is_code) {
            if (lines[i] != "" || lines[i + 1] ~ /^    /) literal(substr(lines[i], 5))
        } else if (lines[i] == "") {
            fill(text)
            if (text != "" && lines[i + 1] !~ /^    /) print ".Pp"
            text = ""
        } else {
            text = text " " lines[i]
        }
    }
    fill(text)
    if (is_code) print ".Ed"
}

# What has been read: a comment, and the declarations under it.
function flush_item(    i) {
    if (n_code > 0) {
        print ".Bd -literal"
        for (i = 1; i <= n_code; i++) literal(code[i])
        print ".Ed"
    }
    if (n_said > 0) {
        if ((n_code > 0 || is_inside) && said[1] !~ /^    /) print ".Pp"
        say(said, n_said)
    }
    if (n_code + n_said > 0) is_inside = 1
    n_code = n_said = 0
}

function end_comment() {
    in_comment = 0
    while (n_said > 0 && said[n_said] == "") n_said--
    if (said[1] ~ /^--- .* ---$/) {
        title = said[1]
        gsub(/^--- |\.? ---$/, "", title)
        for (i = 1; i < n_said; i++) said[i] = said[i + (said[2] == "" ? 2 : 1)]
        n_said -= n_said > 1 ? 2 : 1
        print ".Ss " title
        is_inside = 0
    }
}

FNR == 1 { depth = 0 }
/^#|^extern "C"|^}$/ && !in_comment { next }

# Comments that begin a line; others belong to the declaration that they stand beside.
/^\/\*/ && depth == 0 {
    flush_item()
    in_comment = 1
    sub(/^\/\* ?/, "")
    ends = sub(/ ?\*\/$/, "")
    if ($0 != "") said[++n_said] = $0
    if (ends) end_comment()
    next
}
in_comment {
    ends = sub(/ ?\*\/$/, "")
    sub(/^ \* ?/, "")
    if (!ends || $0 !~ /^ *$/) said[++n_said] = $0
    if (ends) end_comment()
    next
}
/^$/ && depth == 0 { flush_item(); next }
{
    code[++n_code] = $0
    depth += gsub(/\{/, "{") - gsub(/\}/, "}")
}
END { flush_item() }
