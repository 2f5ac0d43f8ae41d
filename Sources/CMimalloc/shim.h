#include <mimalloc.h>

// How long freed pages stay with the process before they are given back to the kernel, which clears them when they
// are asked for again. The option's name changed in 2.1 (and 1.8).
static inline void riffle_keep_freed_pages(long milliseconds) {
#if MI_MALLOC_VERSION >= 210 || (MI_MALLOC_VERSION >= 180 && MI_MALLOC_VERSION < 200)
  mi_option_set(mi_option_purge_delay, milliseconds);
#else
  mi_option_set(mi_option_decommit_delay, milliseconds);
  mi_option_set(mi_option_segment_decommit_delay, milliseconds);
#endif
}
