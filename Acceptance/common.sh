# What the trials of this directory share: flags, inputs with what must come out of them, and comparisons. Sourced.
# Needs bash 5, python3, zstd and the timeout of coreutils.
set -uo pipefail
name=Acceptance/${0##*/}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
oracle=${RIFFLE_ORACLE:-} kafka=${RIFFLE_KAFKA_HOME:-} data='' work='' riffle=$root/.build/release/riffle quick=''
# To the executable every RIFFLE_… is a setting, and these are none.
unset RIFFLE_ORACLE RIFFLE_KAFKA_HOME

# The first comment of the script.
usage() { sed -n '2,/^[^#]/{/^[^#]/d;s/^# \{0,1\}//;p}' "$0"; }

# read_flags "FLAGS WITH A VALUE" ARGUMENT…: each flag sets the variable of its name.
read_flags() {
  local known=" --oracle --data --work --riffle $1 "
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --quick) quick=yes; shift ;;
      --help) usage; exit 0 ;;
      *)
        [[ $known == *" $1 "* ]] || { echo "$name: unknown argument '$1'; see --help" >&2; exit 64; }
        [ $# -ge 2 ] || { echo "$name: $1 needs a value" >&2; exit 64; }
        printf -v "${1#--}" %s "$2"; shift 2 ;;
    esac
  done
}

# Ends well where there is nothing to compare with, and badly where something else is missing.
prepare() {
  if [ ! -f "$oracle/expect.py" ]; then
    echo "$name: no reference at '$oracle' (--oracle DIR); nothing to compare with"
    exit 0
  fi
  [ -x "$riffle" ] || { echo "$name: no executable at $riffle; run 'make build' first" >&2; exit 66; }
  data=${data:-$oracle/../data}
  [ -d "$data" ] || { echo "$name: no directory $data (--data DIR)" >&2; exit 66; }
  scratch=$(mktemp -d)
  trap 'clean_up; rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
  work=${work:-$scratch/inputs}
  mkdir -p "$work"
  unpack events_201608.csv && unpack sessions_201608.csv || exit 66
}
# What a script has to undo at its end; scripts replace it.
clean_up() { :; }

passed=0 failed=0
pass() { passed=$((passed + 1)); echo "ok    $1"; }
fail() { failed=$((failed + 1)); echo "FAIL  $1"; [ ! -s "${2:-}" ] || tail -n 20 "$2" | sed 's/^/      /'; }
# check NAME COMMAND…: passes if the command does.
check() { local name=$1; shift; if "$@" >"$scratch/log" 2>&1; then pass "$name"; else fail "$name" "$scratch/log"; fi; }
# The last line of a script, and its exit code.
finish() { echo "$passed passed, $failed failed"; [ "$failed" -eq 0 ]; }

# The month as CSV, unpacked once.
unpack() {
  local source
  [ ! -s "$work/$1" ] || return 0
  source=$(find -L "$data" -name "$1.zst" -print -quit)
  [ -n "$source" ] || { echo "$name: no $1.zst under $data" >&2; return 66; }
  zstd -dqf "$source" -o "$work/$1.new" && mv "$work/$1.new" "$work/$1"
}

wrongs=(--duplicates 0.005 --far-duplicates 0.002 --malformed 0.002 --time-forms 0.01 --bots --refunds 0.02)
# make_input PARTITIONS ORDER KEY SEED LIMIT: sets `input`; LIMIT 0 is all. A half-made one is never taken for whole.
make_input() {
  local limit=()
  [ "$5" = 0 ] || limit=(--limit "$5")
  input=$work/p$1-$2-$3-s$4-l$5
  [ ! -d "$input" ] || return 0
  rm -rf "$input.new"
  python3 "$oracle/ga360_events.py" "$work/events_201608.csv" "$work/sessions_201608.csv" "$input.new" \
    --partitions "$1" --order "$2" --key "$3" --seed "$4" "${wrongs[@]}" ${limit[@]+"${limit[@]}"} \
    >"$scratch/log" 2>&1 &&
    python3 "$oracle/expect.py" "$input.new/expected" $(parts "$input.new") >>"$scratch/log" 2>&1 &&
    mv "$input.new" "$input" || { fail "input ${input##*/}" "$scratch/log"; return 1; }
}
# The partitions of an input, in their order.
parts() { ls -v "$1"/part-*.ndjson; }
# How many messages they hold.
count_messages() { cat $(parts "$1") | wc -l; }

# same_summary EXPECTED PRINTED: the last line of what was printed has every member of the expected object.
same_summary() {
  python3 - "$1" "$2" <<'PYTHON'
import json, sys
want = json.load(open(sys.argv[1]))
got = json.loads(open(sys.argv[2]).read().splitlines()[-1])
bad = [f"{key}: expected {value}, got {got.get(key)}" for key, value in want.items() if got.get(key) != value]
print("\n".join(bad))
sys.exit(1 if bad else 0)
PYTHON
}

export_table() { "$riffle" export --data "$1" --table "$2" --format ndjson --output "$3"; }
exports_equal() {
  export_table "$2" "$1" "$scratch/rows" && python3 "$oracle/compare.py" "$1" "$3/expected/$1.ndjson" "$scratch/rows"
}
# compare NAME DIRECTORY INPUT SUMMARY: counts `differences` of rows.
differences=0
compare() {
  local table count
  check "$1: summary" same_summary "$3/expected/summary.json" "$4"
  for table in kpi_1m sessions; do
    check "$1: $table" exports_equal $table "$2" "$3"
    count=$(sed -n 's/.*, \([0-9]*\) differences$/\1/p' "$scratch/log" | tail -n 1)
    differences=$((differences + ${count:-1}))
  done
  check "$1: verify" "$riffle" verify --data "$2"
}

# random_below N: sets `random` to a whole number from 0 to less than N. (In a subshell it would not follow the seed.)
random_below() { random=$(((RANDOM * 32768 + RANDOM) % $1)); }
now_milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
# rest MILLISECONDS
rest() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }
