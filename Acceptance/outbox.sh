# The topics that the engine sends to, and a reader that holds against `riffle export` what it keeps of them. Sourced.

# use_outbox SUFFIX: sets the topics and `outbox`, the settings of a run that sends to them. An epoch is one of a
# directory: each directory needs topics of its own. A run that ends has time to send all, on a slow machine too.
use_outbox() {
  results_topic=analytics-results$1 letters_topic=dead-letters$1
  outbox=(--set "outbox.results_topic=$results_topic" --set "outbox.dead_letters_topic=$letters_topic"
    --set outbox.flush_timeout=2min)
}

# What separates the parts of what the consumer prints; no message holds it by accident.
printf -v mark '%08x%08x' "$SRANDOM" "$SRANDOM"

# count_topic TOPIC: how many messages it holds.
count_topic() {
  "$riffle" topics describe "$1" --brokers "$brokers" --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["messages"])'
}

# read_topic TOPIC COUNT: its messages as a reader of committed ones sees them, with headers, key and value.
read_topic() {
  cat >"$scratch/formatter" <<PROPERTIES
print.headers=true
print.key=true
headers.separator=${mark}H
key.separator=${mark}C
line.separator=${mark}L
null.literal=${mark}N
PROPERTIES
  "$kafka/bin/kafka-console-consumer.sh" --bootstrap-server "$brokers" --topic "$1" --isolation-level read_committed \
    --from-beginning --max-messages "$2" --timeout-ms 60000 --formatter-config "$scratch/formatter"
}

# topic_equals KIND TOPIC DIRECTORY TABLE [FLAG]: what a reader keeps of the topic is what is exported of the table.
topic_equals() {
  local count
  count=$(count_topic "$2") && read_topic "$2" "$count" >"$scratch/messages" &&
    "$riffle" export --data "$3" --table "$4" --output "$scratch/rows" "${@:5}" &&
    python3 "$root/Acceptance/outbox.py" "$1" "$scratch/rows" "$scratch/messages" "$mark" "$count"
}

# check_topic NAME KIND TOPIC DIRECTORY TABLE [FLAG]: says how many messages there are, and counts `differences`.
check_topic() {
  local name="$1: $3" count
  if topic_equals "${@:2}" >"$scratch/log" 2>&1; then
    pass "$name: $(tail -n 1 "$scratch/log")"
  else
    fail "$name" "$scratch/log"
  fi
  count=$(sed -n 's/.*, \([0-9]*\) differences$/\1/p' "$scratch/log" | tail -n 1)
  differences=$((differences + ${count:-1}))
}

# check_results NAME DIRECTORY: once `run --once` has ended. Each window with its right value, each dead letter with its
# very bytes, and none else.
check_results() {
  check_topic "$1" results "$results_topic" "$2" kpi_1m --with-completeness
  check_topic "$1" dead_letters "$letters_topic" "$2" dead_letters
}
