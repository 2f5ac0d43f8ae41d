# The live engine as a process of a trial: started, asked over HTTP, ended in order or by SIGKILL. Sourced.

# Commits, repairs and merges come so often that kills fall into them.
hurried=(
  --set checkpoint.interval=200ms --set repair.interval=1s --set compaction.interval=200ms --set compaction.rest=0
  --set compaction.fan_in=2 --set compaction.tail_row_groups=4 --set compaction.row_group_rows=1024
  --set compaction.memory=1MiB)
# Where it sends what it has committed; nowhere unless set.
outbox=()
engine='' engine_log='' topic='' address=127.0.0.1:0
recoveries=()
# What the engine is started with, for instance a limit.
launch=()

# start_engine DIRECTORY: what it says goes to the end of $engine_log.
start_engine() {
  engine_started=$(now_milliseconds)
  ${launch[@]+"${launch[@]}"} "$riffle" run --data "$1" --brokers "$brokers" --topic "$topic" --listen "$address" \
    "${hurried[@]}" ${outbox[@]+"${outbox[@]}"} >>"$engine_log" 2>&1 &
  engine=$!
}

ask() { curl --silent --max-time 2 "http://$address$1"; }
is_alive() { [ -n "$engine" ] && kill -0 "$engine" 2>/dev/null; }

# wait_until SECONDS COMMAND…: asks again and again; fails when the engine ends or the time is over.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    is_alive && [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.01
  done
}

answers() { ask /health >/dev/null; }
# How long it took from its start to the first answer is a recovery.
await_answer() {
  if ! wait_until 60 answers; then
    fail "$1: no answer" "$engine_log"
    end_engine KILL
    return 1
  fi
  recoveries+=($(($(now_milliseconds) - engine_started)))
}

# has_read MESSAGES: whether the commits know of so many.
has_read() {
  ask /sources | python3 -c '
import json, sys
try: print(sum(source["received"] for source in json.load(sys.stdin)["sources"]))
except ValueError: print(0)' | grep -qx "$1"
}

# end_engine SIGNAL: sets `engine_code`, its exit code.
end_engine() {
  [ -n "$engine" ] || return 0
  kill -s "$1" "$engine" 2>/dev/null
  { wait "$engine"; } 2>/dev/null
  engine_code=$?
  engine=''
}
# kill_engine: counts it if there was an engine to kill.
killed=0
kill_engine() {
  end_engine KILL
  if [ "$engine_code" -eq 137 ]; then
    killed=$((killed + 1))
  else
    fail "the engine ended by itself: exit code $engine_code" "$engine_log"
  fi
}
stop_engine() {
  end_engine TERM
  [ "$engine_code" -eq 0 ] && pass "$1: SIGTERM ends it in order" || fail "$1: exit code $engine_code" "$engine_log"
}

# finish_reading NAME DIRECTORY INPUT: reads the rest, seals, and compares with what must come out.
finish_reading() {
  if "$riffle" run --once --data "$2" --brokers "$brokers" --topic "$topic" "${hurried[@]}" \
    ${outbox[@]+"${outbox[@]}"} >"$scratch/summary" 2>"$scratch/errors"; then
    compare "$1" "$2" "$3" "$scratch/summary"
  else
    fail "$1: run --once" "$scratch/errors"
  fi
}

# The recovery of which $1 percent are not longer, in milliseconds.
recovery_percentile() {
  local rank=$(((${#recoveries[@]} * $1 + 99) / 100))
  printf '%s\n' "${recoveries[@]}" | sort -n | sed -n "${rank}p"
}

# replay RATE FILE…: in the background, each file into the partition of its number; sets `producer`.
replay() {
  local rate=$1
  shift
  "$riffle" replay "$@" --partition-per-file --rate "$rate" --brokers "$brokers" --topic "$topic" \
    >>"$scratch/produced" 2>&1 &
  producer=$!
}
