# A real Kafka broker of a trial's own: one KRaft node on loopback, started by the scripts of an unpacked release.
# Sourced.

# free_ports COUNT: so many TCP ports of loopback that nobody listens on. All are held until the last is found: the
# system may give a port that was let go a second time.
free_ports() {
  python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

broker='' brokers=''
# prepare_broker: its settings and its folder; ends well where there is no Kafka.
prepare_broker() {
  local port controller
  if [ ! -f "$kafka/bin/kafka-server-start.sh" ]; then
    echo "$name: no unpacked Apache Kafka at '$kafka' (--kafka DIR); nothing to run against"
    exit 0
  fi
  command -v java >/dev/null || { echo "$name: Kafka needs Java 17 or newer" >&2; exit 69; }
  read -r port controller < <(free_ports 2)
  brokers=127.0.0.1:$port controller=127.0.0.1:$controller
  broker_folder=$scratch/broker
  mkdir -p "$broker_folder"
  cat >"$broker_folder/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$controller
controller.listener.names=CONTROLLER
listeners=CLIENT://$brokers,CONTROLLER://$controller
advertised.listeners=CLIENT://$brokers
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
log.dirs=$broker_folder/data
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
num.network.threads=1
num.io.threads=2
log.cleaner.dedupe.buffer.size=4194304
log.retention.ms=-1
PROPERTIES
  "$kafka/bin/kafka-storage.sh" format --cluster-id cmlmZmxlLXRlc3QtMDAwMQ \
    --config "$broker_folder/server.properties" >"$scratch/log" 2>&1 ||
    { echo "$name: no broker can be made:" >&2; cat "$scratch/log" >&2; exit 69; }
  start_broker
}

# Starts it on the folder where it was, and waits until it serves.
start_broker() {
  local end=$((SECONDS + 300))
  : >"$broker_folder/server.log"
  KAFKA_HEAP_OPTS='-Xms128m -Xmx512m' LOG_DIR=$broker_folder/logs \
    KAFKA_JVM_PERFORMANCE_OPTS='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true' \
    "$kafka/bin/kafka-server-start.sh" "$broker_folder/server.properties" >>"$broker_folder/server.log" 2>&1 &
  broker=$!
  until grep -q 'Kafka Server started' "$broker_folder/server.log"; do
    if ! kill -0 "$broker" 2>/dev/null || [ "$SECONDS" -gt "$end" ]; then
      echo "$name: the broker did not start:" >&2
      tail -n 20 "$broker_folder/server.log" >&2
      exit 69
    fi
    rest 100
  done
}

# end_broker SIGNAL: TERM ends it in order, KILL as a crash would.
end_broker() {
  [ -n "$broker" ] || return 0
  kill -s "$1" "$broker" 2>/dev/null
  { wait "$broker"; } 2>/dev/null
  broker=''
}

# make_topic NAME PARTITIONS
make_topic() { "$riffle" topics create "$1" --partitions "$2" --brokers "$brokers" >/dev/null 2>"$scratch/errors"; }
# grow_topic NAME PARTITIONS: to so many.
grow_topic() {
  "$kafka/bin/kafka-topics.sh" --bootstrap-server "$brokers" --alter --topic "$1" --partitions "$2" \
    >"$scratch/errors" 2>&1
}
