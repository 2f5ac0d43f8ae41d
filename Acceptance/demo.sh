# A demo on a free port for the trials of this directory: started, waited for, ended. Sourced after common.sh; sets
# `scratch`, a folder that goes with the script.
scratch=$(mktemp -d)
trap 'clean_up; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# start_demo FLAG…: sets `place`, and ends the demo with the script.
start_demo() {
  local port
  [ -x "$riffle" ] || { echo "$name: no executable at $riffle; run 'make build' first" >&2; exit 66; }
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  place=http://127.0.0.1:$port
  "$riffle" demo --data "$scratch/demo" --listen "127.0.0.1:$port" "$@" >"$scratch/demo.out" 2>"$scratch/demo.err" &
  demo=$!
  # Two windows, and the commit that questions to the store need.
  wait_for 60 answers /kpis/latest && wait_for 30 answers /catalog && return 0
  fail "the demo answers" "$scratch/demo.err"
  exit 1
}

clean_up() {
  [ -z "${demo:-}" ] || kill -INT "$demo" 2>/dev/null || true
  [ -z "${demo:-}" ] || wait "$demo" 2>/dev/null || true
}

answers() { curl -fsS -o /dev/null --max-time 5 "$place$1" 2>/dev/null; }

# wait_for SECONDS COMMAND…: whether it succeeds before the time is over.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] && kill -0 "$demo" 2>/dev/null || return 1
    rest 200
  done
}
