internal import CRdKafka

/// Transactions, for tests of what readers make of them; needs ``ProducerOptions/transactionalID``.
extension KafkaProducer {
  /// Once, before the first transaction.
  package func initializeTransactions(timeoutMilliseconds: Int) throws(KafkaError) {
    try unsafe KafkaError.check(
      rd_kafka_init_transactions(handle.pointer, Int32(timeoutMilliseconds)), "initialize transactions on",
      handle.brokers)
  }

  package func beginTransaction() throws(KafkaError) {
    try unsafe KafkaError.check(rd_kafka_begin_transaction(handle.pointer), "begin a transaction on", handle.brokers)
  }

  package func commitTransaction() throws(KafkaError) {
    try unsafe KafkaError.check(rd_kafka_commit_transaction(handle.pointer, -1), "commit on", handle.brokers)
  }

  package func abortTransaction() throws(KafkaError) {
    try unsafe KafkaError.check(rd_kafka_abort_transaction(handle.pointer, -1), "abort on", handle.brokers)
  }
}
