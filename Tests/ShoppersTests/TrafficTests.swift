import Testing

@Suite struct TrafficTests {}
