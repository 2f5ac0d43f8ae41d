#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/* rd_kafka_producev is variadic, which Swift cannot call. The value and the key are copied; the headers are taken over
   unless the call fails. */
static inline rd_kafka_resp_err_t riffle_kafka_produce(
    rd_kafka_t *client, const char *topic, int32_t partition, const void *value, size_t value_count, const void *key,
    size_t key_count, rd_kafka_headers_t *headers, int64_t timestamp, void *token) {
  return rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE((void *)value, value_count), RD_KAFKA_V_KEY(key, key_count), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_OPAQUE(token), RD_KAFKA_V_END);
}
