internal import Checkpoints
internal import Landing
internal import Synchronization

extension LiveEngine {
  /// What topics have got by now; nil where nothing is sent.
  var outboxCursors: (@Sendable () -> [OutboxCursor])? {
    guard let outbox else { return nil }
    return { outbox.cursors }
  }

  /// Delivers what the run left, for a bounded time, and notes that in one more commit of the same tables and states:
  /// what is not delivered by then is sent by the next run. Where that commit cannot be written, all that it would have
  /// told is sent once more.
  func settleOutbox() {
    guard let outbox, var commit = shared.withLock({ $0.commit }) else { return }
    _ = outbox.drain()
    let cursors = outbox.cursors
    guard cursors != commit.outbox else { return }
    commit.epoch += 1
    commit.outbox = cursors
    guard let written = try? dataDirectory.log.write(commit, states: [:]) else { return }
    try? dataDirectory.log.sweep(written, folders: written.tables.map(\.name))
    committed(written, [])
  }
}
