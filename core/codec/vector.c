/*
 * vector - leave the processor as other code likes to find it
 */
#include "core/codec/vector.h"

#if defined(__x86_64__)

__attribute__((target("avx"))) static void
clear_upper(void)
{
	__builtin_ia32_vzeroupper();
}

void
zdb_vector_clear(void)
{
	if (__builtin_cpu_supports("avx"))
		clear_upper();
}

#else

void
zdb_vector_clear(void)
{
}

#endif
