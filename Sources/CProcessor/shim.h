// CRC32C by the processor's own instruction, which Swift cannot name.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define RIFFLE_CRC_TARGET __attribute__((target("sse4.2")))
#define RIFFLE_CRC_WORD(crc, word) (uint32_t)__builtin_ia32_crc32di(crc, word)
#define RIFFLE_CRC_BYTE(crc, byte) __builtin_ia32_crc32qi(crc, byte)
static inline int riffle_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define RIFFLE_CRC_TARGET
#define RIFFLE_CRC_WORD(crc, word) __crc32cd(crc, word)
#define RIFFLE_CRC_BYTE(crc, byte) __crc32cb(crc, byte)
static inline int riffle_has_crc32c(void) { return 1; }
#else
static inline int riffle_has_crc32c(void) { return 0; }
#endif

// The running checksums of three neighbours: the first goes on from what was given, the others begin at zero.
typedef struct {
  uint32_t first, second, third;
} riffle_crc32c_lanes;

// The running checksum, without the inversion at its ends, after `length` more bytes. Only where `riffle_has_crc32c`.
#ifdef RIFFLE_CRC_TARGET
RIFFLE_CRC_TARGET static inline uint32_t riffle_crc32c(uint32_t crc, const uint8_t *bytes, size_t length) {
  for (; length >= 8; bytes += 8, length -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = RIFFLE_CRC_WORD(crc, word);
  }
  for (; length > 0; bytes++, length--) crc = RIFFLE_CRC_BYTE(crc, *bytes);
  return crc;
}

// Those of three times `length` bytes, a multiple of 8. The instruction takes three cycles but can begin in each.
RIFFLE_CRC_TARGET static inline riffle_crc32c_lanes riffle_crc32c_three(
    uint32_t crc, const uint8_t *bytes, size_t length) {
  riffle_crc32c_lanes lanes = {crc, 0, 0};
  for (size_t offset = 0; offset < length; offset += 8) {
    uint64_t first, second, third;
    memcpy(&first, bytes + offset, 8);
    memcpy(&second, bytes + length + offset, 8);
    memcpy(&third, bytes + 2 * length + offset, 8);
    lanes.first = RIFFLE_CRC_WORD(lanes.first, first);
    lanes.second = RIFFLE_CRC_WORD(lanes.second, second);
    lanes.third = RIFFLE_CRC_WORD(lanes.third, third);
  }
  return lanes;
}
#else
static inline uint32_t riffle_crc32c(uint32_t crc, const uint8_t *bytes, size_t length) {
  (void)bytes;
  (void)length;
  return crc;
}

static inline riffle_crc32c_lanes riffle_crc32c_three(uint32_t crc, const uint8_t *bytes, size_t length) {
  (void)bytes;
  (void)length;
  riffle_crc32c_lanes lanes = {crc, 0, 0};
  return lanes;
}
#endif
